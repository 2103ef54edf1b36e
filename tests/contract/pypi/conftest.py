"""The sandbox's PyPI and TestPyPI, and distributions to upload."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.server.ready_file import describe, register_first_job
from dist_sandbox.server.running import SandboxSettings, running
from dist_sandbox.world import World
from support.distributions.builders import write_sdist, write_wheel
from support.pypi.client import PypiClient
from support.sandbox.fixtures import Sandbox
from support.stages.issued_credentials import IssuedCredentials
from support.stages.leaks import find_leaks


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory, kept_keys: Path) -> Iterator[Sandbox]:
    state = tmp_path_factory.mktemp("pypi") / "state"
    shutil.copytree(kept_keys, state)
    credentials: list[IssuedCredentials] = []

    def around(application: Any, _world: World) -> IssuedCredentials:
        credentials.append(IssuedCredentials(application))
        return credentials[-1]

    with running(SandboxSettings(state=state), around=around) as world:
        yield Sandbox(world, describe(world, register_first_job(world)), credentials[0])


@pytest.fixture
def index_sandbox(_running: Sandbox) -> Iterator[Sandbox]:
    """One sandbox for a module, whose indexes are empty and whose clock is right for each test."""
    yield _running
    for name in ("pypi", "testpypi"):
        _running.control("POST", f"pypi/{name}/reset", {"everything": True})
    _running.control("POST", "clock", {"offset_seconds": 0})
    _running.control("PATCH", "oidc", {"subject_form": "names"})
    _running.control("DELETE", "faults")
    requests = str(_running.control("GET", "requests"))
    _running.control("DELETE", "requests")
    assert not find_leaks(requests, _running.credentials.values)


@pytest.fixture
def pypi(index_sandbox: Sandbox) -> PypiClient:
    return PypiClient(index_sandbox, "pypi")


@pytest.fixture
def testpypi(index_sandbox: Sandbox) -> PypiClient:
    return PypiClient(index_sandbox, "testpypi")


@pytest.fixture
def wheel(tmp_path: Path) -> Callable[..., Path]:
    """Builds wheels of the sample project: `wheel("0.1.0")`."""
    return lambda version="0.1.0", **more: write_wheel(tmp_path / "dist", version, **more)


@pytest.fixture
def sdist(tmp_path: Path) -> Callable[..., Path]:
    """Builds sdists of the sample project: `sdist("0.1.0")`."""
    return lambda version="0.1.0", **more: write_sdist(tmp_path / "dist", version, **more)
