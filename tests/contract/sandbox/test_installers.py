"""Installers that workflows download are answered: uv is linked, Poetry comes from the index."""

import os
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dist_sandbox.gateway.names import service_path
from dist_sandbox.installers import create_blueprint
from dist_sandbox.server.routing import create_services


@pytest.fixture
def installers() -> FlaskClient:
    return create_services([create_blueprint()]).test_client()


@pytest.mark.parametrize(
    ("host", "path", "beginning"),
    [
        ("astral.sh", "/uv/install.sh", b"#!/bin/sh\n# Stands for uv's"),
        ("astral.sh", "/uv/0.9.1/install.sh", b"#!/bin/sh\n# Stands for uv's"),
        ("install.python-poetry.org", "/", b'"""Stand for Poetry'),
        (
            "raw.githubusercontent.com",
            "/python-poetry/install.python-poetry.org/main/install-poetry.py",
            b'"""Stand for Poetry',
        ),
    ],
)
def test_the_real_addresses_are_answered(
    installers: FlaskClient, host: str, path: str, beginning: bytes
) -> None:
    answered = service_path(host, path)
    assert answered is not None
    assert installers.get(answered).data.startswith(beginning)


@pytest.mark.parametrize("path", ["/ruff/install.sh", "/uv/install.ps1", "/"])
def test_other_addresses_of_theirs_are_not(path: str) -> None:
    assert service_path("astral.sh", path) is None


def test_uv_is_the_one_of_this_machine(installers: FlaskClient, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("uv", "uvx"):
        (tools / name).write_text("#!/bin/sh\necho uv 9.9\n")
        (tools / name).chmod(0o755)
    environ = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GITHUB_PATH": str(tmp_path / "path"),
    }
    script = installers.get("/_installers/uv/install.sh").text
    subprocess.run(["bash", "-c", script], env=environ, check=True)
    folder = tmp_path / ".local" / "bin"
    assert (folder / "uv").resolve() == tools / "uv"
    assert (folder / "uvx").resolve() == tools / "uvx"
    assert (tmp_path / "path").read_text() == f"{folder}\n"
