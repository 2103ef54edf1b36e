"""The private index takes and gives files by user name and password, as real clients ask."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from support.distributions.builders import write_wheel
from support.sandbox.fixtures import Sandbox

_WITHIN_SECONDS = 60


@pytest.fixture
def user(sandbox: Sandbox) -> dict[str, str]:
    made: dict[str, str] = sandbox.control("POST", "private-index/users", {"username": "me"})
    return made


def upload(
    user: dict[str, str], file: Path, password: str = ""
) -> subprocess.CompletedProcess[str]:
    environ = {
        "TWINE_USERNAME": user["username"],
        "TWINE_PASSWORD": password or user["password"],
        "TWINE_REPOSITORY_URL": user["repository_url"],
        "HOME": str(file.parent),
    }
    command = [sys.executable, "-m", "twine", "upload", "--non-interactive", str(file)]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False, timeout=_WITHIN_SECONDS
    )


def page(user: dict[str, str], password: str = "") -> requests.Response:
    auth = (user["username"], password or user["password"])
    return requests.get(f"{user['index_url']}sample/", auth=auth, timeout=_WITHIN_SECONDS)


def test_twine_uploads_once_and_pip_downloads(user: dict[str, str], tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "dist", "1.0.0", project="sample")
    assert page(user).status_code == 404
    done = upload(user, wheel)
    assert done.returncode == 0, done.stdout + done.stderr
    again = upload(user, wheel)
    assert again.returncode == 1
    assert "409" in again.stdout + again.stderr
    shown = page(user)
    assert shown.status_code == 200
    assert "#sha256=" in shown.text
    index = user["index_url"].replace("://", f"://{user['username']}:{user['password']}@")
    target = tmp_path / "downloaded"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*command, "--no-cache-dir", "--dest", str(target), "sample==1.0.0"],
        env={"PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=_WITHIN_SECONDS,
    )
    assert (target / wheel.name).read_bytes() == wheel.read_bytes(), done.stderr


def test_nobody_else_is_served(user: dict[str, str], tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "dist", "1.0.0", project="sample")
    assert upload(user, wheel, password="another").returncode == 1
    assert page(user, password="another").status_code == 401
    anonymous = requests.get(f"{user['index_url']}sample/", timeout=_WITHIN_SECONDS)
    assert anonymous.status_code == 401
    assert "Basic" in anonymous.headers["WWW-Authenticate"]
    assert page(user).status_code == 404
