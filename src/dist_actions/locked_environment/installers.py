"""Install what locks name, by uv or by pip, in a folder of our own and with few variables."""

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dist_actions.job.installer_settings import choose_settings, settings_for_uv
from dist_actions.locked_environment.place import base_python, python_of
from dist_actions.services.foreign_code.pip_configuration import read_pip_configurations

#: Exactly what the lock names, and nothing that would have to be built.
_LOCKED = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
_UV_SECONDS, _PIP_SECONDS = 120, 300
#: In how many processes pip installs: most of its time is one core's.
_PROCESSES = 2


class InstallationError(Exception):
    """An installer failed; the text is what it printed."""


class Installer(ABC):
    """A program that makes environments.

    Args:
        settings: Where packages come from.
    """

    name = ""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings

    @abstractmethod
    def create(self, environment: Path) -> None:
        """Make an environment that holds nothing yet.

        Raises:
            InstallationError: It failed.
            OSError: There is no room for it, or no permission.
        """

    @abstractmethod
    def install(self, environment: Path, locks: Sequence[Path], target: Path | None = None) -> None:
        """Install what locks name into an environment.

        Args:
            target: A folder for them, instead of where the environment's packages stand.

        Raises:
            InstallationError: It failed.
            OSError: There is no room for it, or no permission.
        """


class Uv(Installer):
    """uv, with neither its configuration files nor its cache."""

    name = "uv"

    def __init__(self, program: str, settings: Mapping[str, str]) -> None:
        super().__init__(settings_for_uv(settings))
        self._program = program

    def create(self, environment: Path) -> None:
        """Make an environment that holds nothing yet."""
        command = ["venv", "--no-project", "--python", base_python(), str(environment)]
        self._run(environment.parent, command)

    def install(self, environment: Path, locks: Sequence[Path], target: Path | None = None) -> None:
        """Install what locks name into an environment."""
        requirements = [argument for lock in locks for argument in ("-r", str(lock))]
        command = ["pip", "install", "--python", str(python_of(environment)), *_into(target)]
        # Several indexes may hold a package; its hash tells which file is the one.
        command += ["--index-strategy", "unsafe-best-match"]
        self._run(environment, [*command, *_LOCKED, *requirements])

    def _run(self, parent: Path, arguments: Sequence[str]) -> None:
        with _own_folder(parent) as folder:
            command = [self._program, *arguments, "--quiet", "--no-config"]
            command += ["--cache-dir", str(folder / "cache")]
            _run([command], folder, self.settings, _UV_SECONDS)


class Pip(Installer):
    """The pip of this Python.

    It is run by its folder in the new environment's Python, which saves the second start that
    `pip --python` makes; without `--ignore-installed` it would take what lies beside it for
    installed.

    Args:
        workspace: Whose pip is not run.
    """

    name = "pip"

    def __init__(self, settings: Mapping[str, str], workspace: Path) -> None:
        super().__init__(settings)
        self._workspace = workspace

    def create(self, environment: Path) -> None:
        """Make an environment that holds nothing yet."""
        try:
            builder = importlib.import_module("venv").EnvBuilder(symlinks=True)
        except ImportError as error:
            raise InstallationError("No module named 'venv'") from error
        builder.create(environment)

    def install(self, environment: Path, locks: Sequence[Path], target: Path | None = None) -> None:
        """Install what locks name into an environment, in processes beside one another."""
        install = [
            *[str(python_of(environment)), "-I", _find_pip(self._workspace), "install"],
            *["--progress-bar", "off", "--no-compile", "--disable-pip-version-check", "--no-input"],
            *["--no-cache-dir", "--ignore-installed", *_LOCKED],
            *_into(target),
        ]
        with _own_folder(environment) as folder:
            commands = []
            for number, requirements in enumerate(_parts(locks)):
                part = folder / f"requirements-{number}.txt"
                part.write_text(requirements, encoding="utf-8")
                commands.append([*install, "-r", str(part)])
            _run(commands, folder, self.settings, _PIP_SECONDS)


def find_installers(environ: Mapping[str, str], workspace: Path) -> list[Installer]:
    """List the installers of this machine, the fastest first.

    Args:
        workspace: Whose programs are not run.
    """
    texts = read_pip_configurations(environ).values()
    settings = choose_settings(environ, texts, workspace)
    outside = [
        folder
        for folder in environ.get("PATH", os.defpath).split(os.pathsep)
        if os.path.isabs(folder) and not Path(folder).resolve().is_relative_to(workspace)
    ]
    uv = shutil.which("uv", path=os.pathsep.join(outside))
    return [*([Uv(uv, settings)] if uv else []), Pip(settings, workspace)]


def _into(target: Path | None) -> list[str]:
    return ["--target", str(target)] if target else []


def _find_pip(workspace: Path) -> str:
    """Find what starts pip: its folder, else the wheel that Python brings along."""
    spec = importlib.util.find_spec("pip")
    if spec and spec.origin and not Path(spec.origin).resolve().is_relative_to(workspace):
        return str(Path(spec.origin).parent)
    bundle = importlib.util.find_spec("ensurepip")
    folder = Path(bundle.origin).parent if bundle and bundle.origin else None
    for wheel in sorted(folder.glob("_bundled/pip-*.whl") if folder else ()):
        return str(wheel / "pip")
    raise InstallationError("No module named 'pip'")


def _parts(locks: Sequence[Path]) -> list[str]:
    """Split requirements into parts whose pages take about as long to read: by their hashes."""
    texts = (re.split(r"(?m)^(?=[A-Za-z])", lock.read_text(encoding="utf-8")) for lock in locks)
    requirements = {text for split in texts for text in split if text.strip()}
    parts: list[list[str]] = [[] for _ in range(_PROCESSES)]
    for requirement in sorted(requirements, key=lambda text: (-len(text), text)):
        min(parts, key=lambda part: sum(map(len, part))).append(requirement)
    return ["".join(part) for part in parts if part]


@contextmanager
def _own_folder(parent: Path) -> Iterator[Path]:
    """Make an empty folder to work in, on the environment's disk, so that files are linked."""
    folder = Path(tempfile.mkdtemp(dir=parent, prefix="making-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    commands: Sequence[Sequence[str]], folder: Path, settings: Mapping[str, str], seconds: float
) -> None:
    """Run installers beside one another, with nothing of the job but their settings."""
    environ = {
        **settings,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": os.defpath,
        "PIP_CONFIG_FILE": os.devnull,
        "UV_PYTHON_DOWNLOADS": "never",
    }
    deadline = time.monotonic() + seconds
    processes = [_start(command, folder, environ) for command in commands]
    try:
        outputs = [
            process.communicate(timeout=max(deadline - time.monotonic(), 0))[0]
            for process in processes
        ]
    except subprocess.TimeoutExpired as error:
        raise InstallationError(f"no end within {seconds:.0f} s") from error
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
    failures = [
        output for process, output in zip(processes, outputs, strict=True) if process.returncode
    ]
    if failures:
        raise InstallationError("\n".join(failures))


def _start(
    command: Sequence[str], folder: Path, environ: Mapping[str, str]
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
