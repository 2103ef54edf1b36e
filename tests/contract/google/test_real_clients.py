"""Clients that nobody here wrote get their credentials from the sandbox, and publish and install.

twine, uv publish and pip with a token in hand are in `test_artifact_registry.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.auth import identity_pool
from google.auth.transport.requests import Request

from support.google.client import CLOUD_PLATFORM, JWT
from support.sandbox.package_hosts import package_hosts

BACKEND = "keyrings.google-artifactregistry-auth"
UV = str(Path(sys.executable).with_name("uv"))


@pytest.fixture
def run_google_client(tmp_path):
    """Run a command in an environment in which nothing of this machine's user is seen."""
    home = tmp_path / "home"
    home.mkdir()

    def started(*command, cwd=tmp_path, **variables):
        environ = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "NO_PROXY": "127.0.0.1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **variables,
        }
        return subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return started


def _succeeded(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _configuration(caller, **source):
    """A credential configuration, as `gcloud iam workload-identity-pools create-cred-config`
    writes it.
    """
    account = caller.environment()["service_account"]
    base = caller.ready["iam_credentials_url"]
    return {
        "type": "external_account",
        "universe_domain": "googleapis.com",
        "audience": caller.audience(),
        "subject_token_type": JWT,
        "token_url": caller.ready["sts_url"],
        "service_account_impersonation_url": (
            f"{base}/v1/projects/-/serviceAccounts/{account}:generateAccessToken"
        ),
        "credential_source": source,
    }


def _token_by(configuration, folder):
    """An access token, by a credential configuration file."""
    file = folder / "configuration.json"
    file.write_text(json.dumps(configuration))
    credentials = identity_pool.Credentials.from_file(str(file), scopes=[CLOUD_PLATFORM])
    request = Request()
    credentials.refresh(request)
    request.session.close()
    return credentials.token


def test_google_auth_asks_the_job_by_a_configuration_file(caller, make_wheel, tmp_path):
    job = caller.start_job()
    configuration = _configuration(
        caller,
        url=f"{job['oidc_request_url']}&audience=https:{caller.audience()}&environment=dev",
        headers={"Authorization": f"Bearer {job['oidc_request_token']}"},
        format={"type": "json", "subject_token_field_name": "value"},
    )
    token = _token_by(configuration, tmp_path)
    assert caller.upload(make_wheel("by_job", "1.0"), token).ok


def test_google_auth_reads_the_id_token_from_a_file(caller, make_wheel, tmp_path):
    (tmp_path / "id-token").write_text(caller.id_token())
    configuration = _configuration(caller, file=str(tmp_path / "id-token"))
    token = _token_by(configuration, tmp_path)
    assert caller.upload(make_wheel("by_token_file", "1.0"), token).ok


def test_uv_installs(caller, make_wheel, run_google_client, tmp_path):
    assert caller.upload(make_wheel("for_uv", "1.0"), caller.sandbox_token("writer")).ok
    _succeeded(
        run_google_client(
            UV,
            *("pip", "install", "--no-config", "--no-cache", "--python", sys.executable),
            *("--target", tmp_path / "target"),
            *("--default-index", f"artifacts={caller.index_url()}", "for-uv"),
            UV_INDEX_ARTIFACTS_USERNAME="oauth2accesstoken",
            UV_INDEX_ARTIFACTS_PASSWORD=caller.sandbox_token("reader"),
        )
    )
    assert (tmp_path / "target" / "for_uv" / "__init__.py").exists()


@pytest.fixture(scope="session")
def keyring_backend(package_index, tmp_path_factory):
    """Folder with the keyring's backend; keyring itself is one of twine's requirements."""
    folder = tmp_path_factory.mktemp("keyring")
    command = [sys.executable, "-m", "pip", "--quiet", "install", "--no-deps", "--target"]
    subprocess.run([*command, str(folder), BACKEND], check=True)
    return folder


@pytest.fixture
def with_keyring(caller, run_google_client, keyring_backend, tmp_path):
    """Run a command whose credentials come from the backend, and its from a key file."""
    file = tmp_path / "key.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(caller.key()))
    with package_hosts(caller.base) as proxy:

        def started(*command, **variables):
            return run_google_client(
                *command,
                PYTHONPATH=str(keyring_backend),
                PYTHON_KEYRING_BACKEND="keyrings.gauth.GooglePythonAuth",
                GOOGLE_APPLICATION_CREDENTIALS=str(file),
                HTTP_PROXY=proxy,
                http_proxy=proxy,
                **variables,
            )

        yield started


def _public_address(caller):
    """The repository's address as users have it, but for `http`."""
    one = caller.environment()
    return f"http://{one['location']}-python.pkg.dev/{one['project_id']}/{one['repository']}/"


@pytest.mark.network
def test_keyring_backend_gets_a_token_that_uploads(caller, make_wheel, with_keyring):
    command = (sys.executable, "-m", "keyring", "get")
    shown = with_keyring(*command, _public_address(caller), "oauth2accesstoken")
    token = _succeeded(shown).strip()
    assert token.startswith("ya29.c.")
    assert caller.upload(make_wheel("by_keyring", "1.0"), token).ok


@pytest.mark.network
def test_keyring_backend_offers_nothing_to_other_hosts(caller, with_keyring):
    command = (sys.executable, "-m", "keyring", "get")
    shown = with_keyring(*command, caller.upload_url(), "oauth2accesstoken")
    assert (shown.returncode, shown.stdout) == (1, "")


@pytest.mark.network
def test_twine_uploads_and_pip_installs_by_keyring(caller, make_wheel, with_keyring, tmp_path):
    where = _public_address(caller)
    upload = (sys.executable, "-m", "twine", "upload", "--non-interactive")
    upload += ("--disable-progress-bar", "--repository-url", where)
    _succeeded(with_keyring(*upload, make_wheel("keyed", "1.0")))
    target = tmp_path / "target"
    install = (sys.executable, "-m", "pip", "install", "--no-cache-dir", "--target", target)
    install += ("--keyring-provider", "import", "--trusted-host", "us-central1-python.pkg.dev")
    _succeeded(with_keyring(*install, "--index-url", f"{where}simple/", "keyed"))
    assert (target / "keyed" / "__init__.py").exists()


@pytest.mark.network
def test_uv_publishes_by_keyring(caller, make_wheel, with_keyring):
    _succeeded(
        with_keyring(
            UV,
            *("publish", "--no-config", "--keyring-provider", "subprocess"),
            *("--username", "oauth2accesstoken", "--publish-url", _public_address(caller)),
            make_wheel("uv_keyed", "1.0"),
        )
    )
    page = caller.read(f"{caller.index_url()}uv-keyed/", caller.sandbox_token("reader"))
    assert "uv_keyed-1.0-py3-none-any.whl" in page.text


@pytest.mark.network
def test_poetry_publishes_and_installs(caller, make_wheel, run_google_client, tmp_path, poetry):
    file = make_wheel("by_poetry", "1.0")
    project, application = tmp_path / "by_poetry", tmp_path / "application"
    described = 'version = "1.0"\ndescription = ""\nrequires-python = ">=3.10,<4"\n'
    source = (
        "[tool.poetry]\npackage-mode = false\n"
        f'[[tool.poetry.source]]\nname = "artifacts"\nurl = "{caller.index_url()}"\n'
    )
    for folder, more in ((project, ""), (application, source)):
        folder.mkdir()
        text = f'[project]\nname = "{folder.name}"\n{described}{more}'
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    _succeeded(
        run_google_client(
            f"{poetry}/poetry",
            *("publish", "--no-interaction", "--repository=artifacts"),
            f"--dist-dir={file.parent}",
            cwd=project,
            POETRY_REPOSITORIES_ARTIFACTS_URL=caller.upload_url(),
            POETRY_HTTP_BASIC_ARTIFACTS_USERNAME="oauth2accesstoken",
            POETRY_HTTP_BASIC_ARTIFACTS_PASSWORD=caller.sandbox_token("writer"),
        )
    )
    _succeeded(
        run_google_client(
            f"{poetry}/poetry",
            *("add", "--no-interaction", "by-poetry"),
            cwd=application,
            POETRY_VIRTUALENVS_IN_PROJECT="true",
            POETRY_HTTP_BASIC_ARTIFACTS_USERNAME="oauth2accesstoken",
            POETRY_HTTP_BASIC_ARTIFACTS_PASSWORD=caller.sandbox_token("reader"),
        )
    )
    assert list((application / ".venv").glob("lib/python*/site-packages/by_poetry/__init__.py"))
