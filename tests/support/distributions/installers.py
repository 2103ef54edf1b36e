"""Installers that do what a Markdown text tells, in an environment of their own on loopback.

told = Instructions(result.summary)
with static_index(folder) as public:
    user = User(tmp_path / "user", default_index=public)
    user.run(told.command("pip install"))
    assert user.installed("eigenoid-sample") == "1.2.0"
"""

import atexit
import fcntl
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.distributions.builders import write_wheel

_BLOCK = re.compile(r"^```(console|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = 120


@dataclass(frozen=True)
class Instructions:
    """The code blocks of a Markdown text."""

    text: str

    def commands(self, start: str) -> list[str]:
        """List the commands that start like this, in order."""
        blocks = [block for language, block in _BLOCK.findall(self.text) if language == "console"]
        lines = "".join(blocks).splitlines()
        return [line for line in lines if line.startswith(start)]

    @property
    def uv_settings(self) -> str:
        """Return what goes into a uv project's `pyproject.toml`."""
        (block,) = [block for language, block in _BLOCK.findall(self.text) if language == "toml"]
        return str(block)


@dataclass
class User:
    """Somebody with a machine of their own, whose default index is given.

    Attributes:
        folder: Home and projects.
        default_index: Stands for the public index, which installers ask where nothing else is said.
        variables: What the environment holds on top.
    """

    folder: Path
    default_index: str
    variables: Mapping[str, str] = field(default_factory=dict)
    path: str = os.environ["PATH"]

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)

    @property
    def environment(self) -> Path:
        """Return the user's virtual environment."""
        return self.folder / "environment"

    def make_environment(self) -> None:
        """Make it, with pip."""
        make_environment(self.environment)

    def write_netrc(self, login: str, password: str) -> None:
        """Write credentials for every index on loopback where pip and uv look for them."""
        file = self.folder / ".netrc"
        file.touch(mode=0o600)
        file.write_text(f"machine 127.0.0.1 login {login} password {password}\n")

    def run(self, command: str, *, cwd: Path | None = None) -> None:
        """Run a command as a shell does; it must work."""
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=cwd or self.folder,
            env=self._environ(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert process.returncode == 0, f"{command}\n{process.stdout}{process.stderr}"

    def installed(self, project: str, environment: Path | None = None) -> str:
        """Return the version that is installed."""
        code = f"from importlib.metadata import version; print(version({project!r}))"
        python = (environment or self.environment) / "bin" / "python"
        process = subprocess.run(
            [python, "-I", "-c", code], capture_output=True, text=True, check=True
        )
        return process.stdout.strip()

    def _environ(self) -> dict[str, str]:
        folders = [self.environment / "bin", Path(sys.executable).parent]
        return {
            "PATH": os.pathsep.join([*map(str, folders), self.path]),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "VIRTUAL_ENV": str(self.environment),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": self.default_index,
            "UV_DEFAULT_INDEX": self.default_index,
            "UV_PYTHON_DOWNLOADS": "never",
            **self.variables,
        }


def make_environment(folder: Path) -> None:
    """Make a virtual environment with pip.

    What takes seconds is to install pip, so that is done once, and copied from then on.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    first = _environment_with_pip()
    for packages in first.glob("lib/python*/site-packages"):
        shutil.copytree(packages, folder / packages.relative_to(first), dirs_exist_ok=True)
    for script in first.glob("bin/pip*"):
        text = script.read_text(encoding="utf-8").replace(str(first), str(folder))
        (folder / "bin" / script.name).write_text(text, encoding="utf-8")
        (folder / "bin" / script.name).chmod(0o755)


@functools.cache
def _environment_with_pip() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="with-pip-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


def install_with_pip(user: User, instructions: Instructions) -> str:
    """Follow the instructions for pip; return the version that is installed then."""
    user.make_environment()
    for command in instructions.commands("pip install"):
        user.run(command)
    return user.installed("eigenoid-sample")


def install_with_uv(user: User, instructions: Instructions) -> str:
    """Follow the instructions for uv's pip."""
    user.run(f"uv venv -q --python {sys.executable} {user.environment}")
    for command in instructions.commands("uv pip install"):
        user.run(command)
    return user.installed("eigenoid-sample")


def add_with_uv(user: User, instructions: Instructions) -> str:
    """Follow the instructions for uv in a project that knows no index."""
    project = user.folder / "uv-project"
    project.mkdir()
    described = '[project]\nname = "application"\nversion = "1"\nrequires-python = ">=3.10"\n'
    (project / "pyproject.toml").write_text(described, encoding="utf-8")
    for command in instructions.commands("uv add"):
        user.run(f"unset VIRTUAL_ENV; {command} -q --python {sys.executable}", cwd=project)
    return user.installed("eigenoid-sample", project / ".venv")


def sync_with_uv(user: User, instructions: Instructions) -> str:
    """Put what is told into a project of uv, and make its environment."""
    project = user.folder / "uv-project"
    project.mkdir()
    described = 'name = "application"\nversion = "1"\nrequires-python = ">=3.10"\n'
    settings = instructions.uv_settings.replace("[project]\n", f"[project]\n{described}", 1)
    (project / "pyproject.toml").write_text(settings, encoding="utf-8")
    user.run(f"unset VIRTUAL_ENV; uv sync -q --python {sys.executable}", cwd=project)
    return user.installed("eigenoid-sample", project / ".venv")


def add_with_poetry(user: User, instructions: Instructions) -> str:
    """Follow the instructions for poetry in a project whose own index is the public one."""
    project = user.folder / "poetry-project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "application"\nversion = "1"\nrequires-python = ">=3.10,<4"\n\n'
        "[tool.poetry]\npackage-mode = false\n\n"
        f'[[tool.poetry.source]]\nname = "public"\nurl = "{user.default_index}"\n',
        encoding="utf-8",
    )
    for command in instructions.commands("poetry "):
        user.run(
            f"unset VIRTUAL_ENV; export POETRY_VIRTUALENVS_IN_PROJECT=true; {command}", cwd=project
        )
    return user.installed("eigenoid-sample", project / ".venv")


def write_index(folder: Path, *files: tuple[str, str, Mapping[str, str]]) -> None:
    """Write an index as a folder (PEP 503): wheels by project, version and metadata fields."""
    for project, version, fields in files:
        write_wheel(folder / "simple" / project, version, project=project, **fields)
    for page in folder.glob("simple/*"):
        links = (f'<a href="{wheel.name}">{wheel.name}</a><br>' for wheel in page.glob("*.whl"))
        (page / "index.html").write_text(f"<!DOCTYPE html>{''.join(links)}", encoding="utf-8")


@contextmanager
def static_index(folder: Path) -> Iterator[str]:
    """Serve an index that was written by `write_index`; its address."""
    handler = functools.partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
        finally:
            server.shutdown()
            thread.join()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the test's output free of it."""


@pytest.fixture(scope="session")
def poetry(package_index: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of a poetry that is installed for the tests alone."""
    return _install_tools(tmp_path_factory, "poetry", "poetry")


@pytest.fixture(scope="session")
def pdm_and_hatch(package_index: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of a pdm and a hatch that are installed for the tests alone."""
    # pdm does not work with the next major version of what it keeps answers with.
    return _install_tools(tmp_path_factory, "pdm-and-hatch", "pdm", "hishel<2", "hatch")


def _install_tools(tmp_path_factory: pytest.TempPathFactory, name: str, *requirements: str) -> str:
    """Install tools into an environment, once for all processes of the tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    environment, complete = shared / name, shared / f"{name}-complete"
    with (shared / f"{name}-lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            make_environment(environment)
            python = environment / "bin" / "python"
            subprocess.run([python, "-m", "pip", "install", "-qq", *requirements], check=True)
            complete.touch()
    return str(environment / "bin")
