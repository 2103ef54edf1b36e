"""The sandbox as a Docker service, by `pytest-docker`, for tests marked `docker`.

`sandbox_service` is the ready file of a sandbox that runs in a container of this project's image.
Without a Docker engine such tests skip, with the reason.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.paths import ROOT

READY_WITHIN_SECONDS = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test marked `docker` the check that an engine answers."""
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("docker"):
            item.fixturenames.insert(0, "docker_engine")


@pytest.fixture(scope="session")
def docker_engine() -> str:
    """Return the version of the Docker engine; skip where none answers."""
    if shutil.which("docker") is None:
        pytest.skip("the docker command is not installed")
    process = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if process.returncode != 0:
        pytest.skip("no Docker engine answers")
    return process.stdout.strip()


@pytest.fixture(scope="session")
def docker_compose_command(docker_engine: str) -> str:
    """Compose as docker's plugin where it is there, else the older `docker-compose`."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if plugin.returncode == 0:
        return "docker compose"
    if shutil.which("docker-compose") is None:
        pytest.skip("Docker Compose is not installed")
    return "docker-compose"


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(Path(__file__).parents[2] / "docker-compose.yml")


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    """Both versions of Compose know these options; the older one has no `--wait`."""
    return ["up -d"]


@pytest.fixture(scope="session")
def sandbox_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that docker-compose.yml shares between the service and the tests."""
    directory = tmp_path_factory.mktemp("sandbox-service")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SANDBOX_DIR", str(directory))
        environment.setenv("SANDBOX_USER", f"{os.getuid()}:{os.getgid()}")
        yield directory


@pytest.fixture(scope="session")
def sandbox_service(
    docker_engine: str, sandbox_directory: Path, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Start the sandbox in a container; return what its ready file says."""
    subprocess.run(["scripts/images"], cwd=ROOT, check=True, capture_output=True)
    request.getfixturevalue("docker_services")  # only now: Compose reads the folder's variable
    ready_file = sandbox_directory / "ready.json"
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not ready_file.exists():
        if time.monotonic() > deadline:
            pytest.fail(f"the sandbox wrote no ready file within {READY_WITHIN_SECONDS:.0f} s")
        time.sleep(0.1)
    ready: dict[str, Any] = json.loads(ready_file.read_text())
    return ready
