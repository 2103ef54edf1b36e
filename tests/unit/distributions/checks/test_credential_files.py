"""A distribution that carries credentials is refused; keys for tests are not."""

import json
from pathlib import Path

import pytest

from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import scan_folder
from dist_actions.errors import ReleaseError
from support.distributions.builders import write_sdist, write_wheel

KEY = json.dumps({"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----"})


def check(folder: Path) -> tuple[str, ...]:
    return check_distributions(folder, scan_folder(folder))


@pytest.mark.parametrize(
    "name",
    [
        "gha-creds-0123456789abcdef.json",
        "sub/gha-creds-x.json",
        "tests/gha-creds-x.json",
        ".pypirc",
        ".netrc",
        ".git-credentials",
        ".git/config",
        "home/.aws/credentials",
        "config/.env",
        "keys/id_rsa",
        "id_ed25519",
        "application_default_credentials.json",
        ".PyPIrc",
        ".git/modules/sub/config",
        ".git/modules/sub/modules/below/config",
        "tests/.git/worktrees/one/config.worktree",
        "_netrc",
        ".kube/config",
        ".env.production",
        ".ENV.local",
    ],
)
def test_a_credentials_file_in_an_sdist_is_refused(tmp_path: Path, name: str) -> None:
    write_sdist(tmp_path, members={name: "x"})
    with pytest.raises(ReleaseError, match="holds eigenoid_sample") as raised:
        check(tmp_path)
    assert name in raised.value.what


@pytest.mark.parametrize(
    "name",
    [
        "creds.json",
        "docs/.env.example",
        ".env.sample",
        ".env.local.template",
        ".npmrc",
        "docs/pip.conf",
        "dummyserver/certs/server.key",
        ".gitconfig/config",
        "my.pypirc.md",
        "tests/id_rsa.pub",
        "env",
        "tests/certs/server.pem",
        "unittests/server.pem",
        "data/selftest.pem",
        "demo/server.pem",
    ],
)
def test_a_harmless_file_is_not(tmp_path: Path, name: str) -> None:
    write_sdist(tmp_path, members={name: "-----BEGIN PRIVATE KEY-----"})
    write_wheel(tmp_path)
    assert check(tmp_path) == ()


@pytest.mark.parametrize(
    ("name", "text"), [("tests/.env", "A=1"), ("tests/.netrc", "x"), ("tests/data/key.json", KEY)]
)
def test_credentials_for_tests_are_warned_of(tmp_path: Path, name: str, text: str) -> None:
    write_sdist(tmp_path, members={name: text})
    (warning,) = check(tmp_path)
    assert name in warning
    assert "make sure that it is for tests only" in warning


def test_a_service_accounts_key_is_refused_under_any_name(tmp_path: Path) -> None:
    write_sdist(tmp_path, members={"settings/prod.json": KEY})
    with pytest.raises(ReleaseError, match="a key of a Google service account"):
        check(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"type": "service_account"}', '"service_account PRIVATE KEY"', "[" * 60_000],
)
def test_other_json_is_not(tmp_path: Path, text: str) -> None:
    write_sdist(tmp_path, members={"data.json": text + " service_account PRIVATE KEY"})
    assert check(tmp_path) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".npmrc", "//npm.example/:_authToken=npm_0123"),
        ("web/.npmrc", "_auth = 'YTpi'"),
        ("pip.conf", "[global]\nindex-url = https://a:b@index.example/simple/\n"),
        ("PIP.INI", "[global]\nindex-url = https://token@index.example/simple/\n"),
        ("deploy.pem", "\n-----BEGIN RSA PRIVATE KEY-----\nx"),
        ("keys/app.KEY", "-----BEGIN PRIVATE KEY-----\nx"),
        ("latest/key.pem", "-----BEGIN PRIVATE KEY-----\nx"),
        ("demographics/attestation.pem", "-----BEGIN PRIVATE KEY-----\nx"),
        (".config/gh/hosts.yml", ""),
        (".cargo/credentials.toml", ""),
        ("credentials", KEY),
        ("key.json.bak", KEY),
        ("KEY.JSON", KEY),
    ],
)
def test_credentials_are_told_by_content(tmp_path: Path, name: str, text: str) -> None:
    write_sdist(tmp_path, members={name: text})
    with pytest.raises(ReleaseError, match="holds eigenoid_sample") as raised:
        check(tmp_path)
    assert name in raised.value.what


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".npmrc", "engine-strict=true\n//npm.example/:_authToken=${NPM_TOKEN}\n"),
        ("pip.conf", "[global]\n# index-url = https://a:b@index.example/\nno-input = true\n"),
        ("ca.pem", "-----BEGIN CERTIFICATE-----\nx"),
        ("de.key", "How to write -----BEGIN PRIVATE KEY-----"),
    ],
)
def test_settings_without_a_password_are_not_refused(tmp_path: Path, name: str, text: str) -> None:
    write_sdist(tmp_path, members={name: text})
    assert check(tmp_path) == ()
