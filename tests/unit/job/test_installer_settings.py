"""Installers get where packages come from, and nothing else that a job or a person has set."""

from pathlib import Path

import pytest

from dist_actions.job.installer_settings import (
    choose_settings,
    pip_configuration_files,
    settings_for_uv,
    variables_for_uv,
)

WORKSPACE = Path("/work/space")
HOME = {"HOME": "/home/runner"}
NETRC = {"NETRC": "/home/runner/.netrc"}
INDEX = "https://packages.example.com/simple"


def choose(environ: dict[str, str], *configurations: str) -> dict[str, str]:
    chosen = choose_settings({**HOME, **environ}, configurations, WORKSPACE)
    return {name: value for name, value in chosen.items() if name not in NETRC}


@pytest.mark.parametrize(
    "name",
    [
        *("PIP_TARGET", "PIP_USER", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_CACHE_DIR"),
        *("PIP_REQUIREMENT", "PIP_NO_BINARY", "PIP_PYTHON", "PIP_CONFIG_FILE", "PIP_LOG"),
        *("UV_CACHE_DIR", "UV_CONFIG_FILE", "UV_EXCLUDE_NEWER", "UV_OFFLINE", "UV_TARGET"),
        *("UV_INDEX_STRATEGY", "PYTHONPATH", "PYTHONHOME", "LD_PRELOAD", "BASH_ENV", "TMPDIR"),
        *("INPUT_PRIVATE_KEY", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "PATH"),
    ],
)
def test_what_steers_an_installer_stays_outside(name: str) -> None:
    assert choose({name: "x"}) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PIP_INDEX_URL", INDEX),
        ("PIP_EXTRA_INDEX_URL", INDEX),
        ("PIP_TRUSTED_HOST", "packages.example.com"),
        ("UV_DEFAULT_INDEX", INDEX),
        ("UV_INDEX_COMPANY_PASSWORD", "secret"),
        ("HTTPS_PROXY", "http://proxy.example.com:3128"),
        ("no_proxy", "127.0.0.1"),
        ("SSL_CERT_FILE", "/etc/ssl/company.pem"),
        ("PIP_RETRIES", "2"),
        ("LD_LIBRARY_PATH", "/opt/python/lib"),
    ],
)
def test_where_packages_come_from_passes(name: str, value: str) -> None:
    assert choose({name: value}) == {name: value}


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({"PIP_RETRIES": "many"}, {}),
        ({"PIP_INDEX_URL": ""}, {}),
        ({"PIP_CERT": "ca.pem"}, {"PIP_CERT": "/work/space/ca.pem"}),
        ({"PIP_NO_INDEX": "1"}, {}),
        ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "dist"}, {}),
        ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/work/space/dist"}, {}),
        (
            {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "dist /srv/wheels"},
            {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/srv/wheels"},
        ),
        ({"UV_FIND_LINKS": "dist,/srv/a,/srv/b"}, {"UV_FIND_LINKS": "/srv/a,/srv/b"}),
    ],
)
def test_a_value_that_would_break_or_steer_is_left_out(
    environ: dict[str, str], chosen: dict[str, str]
) -> None:
    assert choose(environ) == chosen


def test_of_pips_configuration_the_same_settings_count() -> None:
    first = f"[global]\nindex-url = {INDEX}\ntarget = elsewhere\nuser = true\n"
    second = "[install]\nextra-index-url =\n  https://a.example.com\n  https://b.example.com\n"
    extra = "https://a.example.com https://b.example.com"
    assert choose({}, first, second, "no configuration [") == {
        "PIP_INDEX_URL": INDEX,
        "PIP_EXTRA_INDEX_URL": extra,
    }
    assert choose({"PIP_INDEX_URL": "https://c.example.com"}, first) == {
        "PIP_INDEX_URL": "https://c.example.com"
    }


def test_uv_is_told_what_only_pip_knows() -> None:
    told = settings_for_uv({"PIP_INDEX_URL": INDEX, "PIP_CERT": "/ca.pem"})
    assert (told["UV_INDEX_URL"], told["SSL_CERT_FILE"]) == (INDEX, "/ca.pem")
    own = settings_for_uv({"PIP_INDEX_URL": INDEX, "UV_INDEX": "https://own.example.com"})
    assert "UV_INDEX_URL" not in own


def test_a_build_is_told_what_only_pip_knows_and_nothing_that_uv_knows() -> None:
    environ = {**HOME, "PIP_CERT": "ca.pem", "PIP_FIND_LINKS": "wheels /srv/wheels"}
    file = f"[global]\nindex-url = {INDEX}\nextra-index-url = https://a.example.com\n"
    assert variables_for_uv(environ, [file], WORKSPACE) == {
        "UV_INDEX_URL": INDEX,
        "UV_EXTRA_INDEX_URL": "https://a.example.com",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": f"{WORKSPACE}/wheels,/srv/wheels",
        "SSL_CERT_FILE": f"{WORKSPACE}/ca.pem",
    }
    own = {"UV_DEFAULT_INDEX": "https://own.example.com", "SSL_CERT_FILE": "/own.pem"}
    assert variables_for_uv({**environ, **own}, [file], WORKSPACE).keys() == {"UV_FIND_LINKS"}


def test_pips_files_are_those_that_pip_reads() -> None:
    files = pip_configuration_files(HOME)
    assert files[-1] == Path("/home/runner/.config/pip/pip.conf")
    assert Path("/etc/pip.conf") in files
    named = pip_configuration_files({**HOME, "PIP_CONFIG_FILE": "/srv/pip.conf"})
    assert named[-1] == Path("/srv/pip.conf")
    assert Path("/home/runner/.config/pip/pip.conf") not in named
    assert pip_configuration_files({**HOME, "PIP_CONFIG_FILE": "/dev/null"}) == []
