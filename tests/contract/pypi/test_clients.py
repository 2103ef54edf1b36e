"""Real clients upload to the sandbox's PyPI, and install from it."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from twine.utils import DEFAULT_REPOSITORY

from support.distributions.builders import PROJECT
from support.sandbox.index_at_root import index_at_root
from support.sandbox.loopback_tls import make_trust, tunnel_to

WHEEL = "eigenoid_sample-0.1.0-py3-none-any.whl"
SDIST = "eigenoid_sample-0.1.0.tar.gz"
_SECONDS = 120


@pytest.fixture
def run_index_client(tmp_path):
    """Run a client with an environment that holds nothing of the machine's configuration."""
    home = tmp_path / "home"
    home.mkdir()

    def run_client(*arguments, cwd=home, **variables):
        return subprocess.run(
            [str(argument) for argument in arguments],
            cwd=cwd,
            env={
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "NO_PROXY": "127.0.0.1",
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "UV_NO_CONFIG": "1",
                "UV_PYTHON_DOWNLOADS": "never",
                "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    return run_client


def succeeded(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def words(done):
    """What a failed client said, whatever the width of its lines."""
    assert done.returncode != 0, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).replace("│", " ").split())


def job_variables(index, **job):
    """What the runner gives a job that may ask for ID tokens."""
    started = index.sandbox.job({"id-token": "write"}, **job)
    return {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": started["oidc_request_url"],
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": started["oidc_request_token"],
    }


def principals(index):
    """Who uploaded, as the request log tells."""
    return {
        one.principal
        for one in index.sandbox.world.requests.since()
        if one.path == f"/{index.name}/legacy/"
    }


def test_twine_uploads_with_a_token(pypi, wheel, sdist, run_index_client):
    variables = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": pypi.token()}
    command = ("twine", "upload", "--repository-url", pypi.upload_url, wheel(), sdist())
    succeeded(run_index_client(*command, **variables))
    assert pypi.filenames() == [WHEEL, SDIST]
    succeeded(run_index_client(*command, **variables))


def test_twine_shows_why_a_burnt_name_is_refused(pypi, wheel, run_index_client):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.control("DELETE", f"/files/{WHEEL}")
    variables = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": token}
    command = ("twine", "upload", "--verbose", "--repository-url", pypi.upload_url, wheel())
    assert "previously used by a file that has since been deleted" in words(
        run_index_client(*command, **variables)
    )


def test_twine_publishes_by_trusted_publishing_without_knowing_of_the_sandbox(
    pypi, wheel, sdist, run_index_client, tmp_path
):
    """Twine takes that way for PyPI's own address alone; a proxy leads it here."""
    trust = make_trust(tmp_path / "tls", str(urlsplit(DEFAULT_REPOSITORY).hostname))
    with (
        index_at_root(
            pypi.sandbox.world, "pypi", tls=trust.server, public_url=DEFAULT_REPOSITORY
        ) as base,
        tunnel_to(int(urlsplit(base).port)) as proxy,
    ):
        done = run_index_client(
            "twine",
            "upload",
            wheel(),
            sdist(),
            HTTPS_PROXY=proxy,
            REQUESTS_CA_BUNDLE=str(trust.authority),
            **job_variables(pypi),
        )
    succeeded(done)
    assert pypi.filenames() == [WHEEL, SDIST]
    assert principals(pypi) == {"trusted-publisher:eigenoid/eigenoid-sample/release.yml"}


def test_twine_shows_why_no_token_is_minted(pypi, wheel, run_index_client, tmp_path):
    trust = make_trust(tmp_path / "tls", str(urlsplit(DEFAULT_REPOSITORY).hostname))
    with (
        index_at_root(
            pypi.sandbox.world, "pypi", tls=trust.server, public_url=DEFAULT_REPOSITORY
        ) as base,
        tunnel_to(int(urlsplit(base).port)) as proxy,
    ):
        done = run_index_client(
            "twine",
            "upload",
            wheel(),
            HTTPS_PROXY=proxy,
            REQUESTS_CA_BUNDLE=str(trust.authority),
            **job_variables(pypi, workflow=".github/workflows/another.yml"),
        )
    assert "`invalid-publisher`: valid token, but no corresponding publisher" in words(done)


def test_uv_publishes_with_a_token(pypi, wheel, sdist, run_index_client):
    variables = {"UV_PUBLISH_TOKEN": pypi.token()}
    command = ("uv", "publish", "--publish-url", pypi.upload_url, wheel(), sdist())
    succeeded(run_index_client(*command, **variables))
    assert pypi.filenames() == [WHEEL, SDIST]
    checked = (*command, "--check-url", pypi.index_url)
    assert "skipping" in succeeded(run_index_client(*checked, **variables))


def test_uv_shows_why_an_old_release_takes_no_file(pypi, wheel, sdist, run_index_client):
    token = pypi.token()
    assert pypi.upload(wheel(), token).ok
    pypi.set_clock(timedelta(days=15))
    command = ("uv", "publish", "--publish-url", pypi.upload_url, sdist())
    told = words(run_index_client(*command, UV_PUBLISH_TOKEN=token))
    assert "Uploading new files to releases older than 14 days is not allowed." in told


def test_uv_publishes_by_trusted_publishing(testpypi, wheel, sdist, run_index_client, tmp_path):
    trust = make_trust(tmp_path / "tls")
    with index_at_root(testpypi.sandbox.world, "testpypi", tls=trust.server) as base:
        command = ("uv", "publish", "--trusted-publishing", "always")
        done = run_index_client(
            *command,
            "--publish-url",
            f"{base}/legacy/",
            wheel(),
            sdist(),
            SSL_CERT_FILE=str(trust.authority),
            **job_variables(testpypi),
        )
    succeeded(done)
    assert testpypi.filenames() == [WHEEL, SDIST]
    assert principals(testpypi) == {"trusted-publisher:eigenoid/eigenoid-sample/release.yml"}


def test_id_finds_the_token_that_is_minted_for(pypi, run_index_client):
    code = "import id, sys; sys.stdout.write(id.detect_credential('pypi'))"
    done = run_index_client(sys.executable, "-I", "-c", code, **job_variables(pypi))
    assert done.returncode == 0, done.stderr
    assert pypi.mint(done.stdout).ok


def installed(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.dist-info")]


@pytest.mark.parametrize("command", ["pip install", "uv pip install"])
@pytest.mark.parametrize("at_root", [False, True], ids=["below", "at-root"])
def test_installer_takes_the_newest_version(
    pypi, wheel, run_index_client, tmp_path, command, at_root
):
    token = pypi.token()
    for version in ("0.1.0", "0.2.0"):
        assert pypi.upload(wheel(version), token).ok
    target = tmp_path / "target"
    name = "Eigenoid.Sample"
    with index_at_root(pypi.sandbox.world, "pypi") as base:
        url = f"{base}/simple/" if at_root else pypi.index_url
        arguments = ["--no-cache-dir"] if command.startswith("pip") else ["--no-cache"]
        arguments += ["--index-url", url, "--target", str(target), name]
        succeeded(run_index_client(*command.split(), *arguments))
    assert installed(target) == ["eigenoid_sample-0.2.0.dist-info"]
    metadata = "/pypi/files/eigenoid_sample-0.2.0-py3-none-any.whl.metadata"
    assert metadata in [one.path for one in pypi.sandbox.world.requests.since()]


def test_pip_refuses_bytes_that_differ_from_the_page(pypi, wheel, run_index_client, tmp_path):
    assert pypi.upload(wheel(), pypi.token()).ok
    other = {"path": f"/pypi/files/{WHEEL}$", "status": 200, "body": "other bytes"}
    pypi.sandbox.control("POST", "faults", other)
    command = ("pip", "install", "--no-cache-dir", "--index-url", pypi.index_url)
    done = run_index_client(*command, "--target", tmp_path / "target", PROJECT)
    assert "DO NOT MATCH THE HASHES" in words(done)


@pytest.mark.network
def test_poetry_publishes_and_installs(pypi, wheel, run_index_client, tmp_path, poetry):
    wheel()
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        f'[project]\nname = "{PROJECT}"\nversion = "0.1.0"\ndescription = ""\n'
        'requires-python = ">=3.10,<4"\n',
        encoding="utf-8",
    )
    succeeded(
        run_index_client(
            f"{poetry}/poetry",
            "publish",
            "--no-interaction",
            "--repository=sandbox",
            f"--dist-dir={tmp_path / 'dist'}",
            cwd=project,
            POETRY_REPOSITORIES_SANDBOX_URL=pypi.upload_url,
            POETRY_HTTP_BASIC_SANDBOX_USERNAME="__token__",
            POETRY_HTTP_BASIC_SANDBOX_PASSWORD=pypi.token(),
        )
    )
    assert pypi.filenames() == [WHEEL]
    application = tmp_path / "application"
    application.mkdir()
    (application / "pyproject.toml").write_text(
        '[project]\nname = "application"\nversion = "1"\nrequires-python = ">=3.10,<4"\n'
        "[tool.poetry]\npackage-mode = false\n"
        f'[[tool.poetry.source]]\nname = "sandbox"\nurl = "{pypi.index_url}"\n',
        encoding="utf-8",
    )
    succeeded(
        run_index_client(
            f"{poetry}/poetry",
            "add",
            "--no-interaction",
            PROJECT,
            cwd=application,
            POETRY_VIRTUALENVS_IN_PROJECT="true",
        )
    )
    [site] = (application / ".venv" / "lib").glob("python*/site-packages")
    assert "eigenoid_sample-0.1.0.dist-info" in installed(site)
