"""What a job's processes get: the tools on PATH, and the variables of a runner.

A job gets nothing else of the environment in which the benchmark runs, so that figures do not
depend on what happens to be installed.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Settings of the machine that installers need to reach their index.
_INSTALLER_PREFIXES = ("PIP_", "UV_", "SSL_", "REQUESTS_", "CURL_")
_INSTALLER_NAMES = frozenset(
    {"HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"}
)


class CommandFailedError(Exception):
    """A command that is measured did not do its work; its figures would mean nothing."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        tail = "\n".join(output.splitlines()[-20:])
        super().__init__(f"{' '.join(command[:4])} failed:\n{tail}")


@dataclass(frozen=True)
class Timed:
    """One run of a command: how long it took and what it printed."""

    seconds: float
    output: str


@dataclass(frozen=True)
class Toolbox:
    """A folder of links to the tools that a job finds on PATH."""

    folder: Path
    uv_folder: Path

    @classmethod
    def create(cls, folder: Path) -> "Toolbox":
        """Link the interpreter behind this one, git, and what they start; uv stands apart."""
        box = cls(folder / "tools", folder / "tools-uv")
        for where in (box.folder, box.uv_folder):
            where.mkdir(parents=True)
        links = {"python3": base_python(), "uv": shutil.which("uv", path=_search_path())}
        links |= {name: shutil.which(name) for name in ("git", "sh", "env", "uname")}
        for name, target in links.items():
            if target is None and name != "uv":
                raise FileNotFoundError(f"{name} is not on PATH")
            if target is not None:
                where = box.uv_folder if name == "uv" else box.folder
                Path(where, name).symlink_to(target)
        return box

    def environ(self, *, uv: bool = False, **variables: str | Path) -> dict[str, str]:
        """Return a process's environment: PATH, installers' settings, and the given variables."""
        path = f"{self.folder}{os.pathsep}{self.uv_folder}" if uv else str(self.folder)
        settings = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(_INSTALLER_PREFIXES) or name in _INSTALLER_NAMES
        }
        texts = {name: str(value) for name, value in variables.items()}
        return {**settings, "PATH": path, "LANG": "C.UTF-8", **texts}

    @property
    def has_uv(self) -> bool:
        """Tell whether this machine has uv."""
        return Path(self.uv_folder, "uv").exists()


def base_python() -> str:
    """Return the interpreter behind the benchmark's own environment, without any shim."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def run_timed(
    command: Sequence[object], environ: Mapping[str, str], *, cwd: Path | None = None
) -> Timed:
    """Run a command of strings and paths, and take the time.

    Raises:
        CommandFailedError: Its exit status is not 0.
    """
    arguments = [str(argument) for argument in command]
    started = time.perf_counter()
    process = subprocess.run(
        arguments,
        env=dict(environ),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.perf_counter() - started
    if process.returncode:
        raise CommandFailedError(arguments, process.stdout)
    return Timed(seconds, process.stdout)


def _search_path() -> str:
    """Return PATH with the benchmark's own environment, which brings a uv."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
