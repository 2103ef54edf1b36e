"""Stand-in for actions/setup-python: put an interpreter of this machine into an environment."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from python_requirements import Version, distance, fits, numbers, read_requirements, refuse_unknown
from runner import (
    ActionError,
    add_path,
    export,
    note_difference,
    read_flag,
    read_input,
    read_lines,
    run_action,
    set_output,
    workspace,
)

_REPORT = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
#: Files that each package manager's cache is keyed by, unless the workflow names others.
_CACHE_FILES = {
    "pip": ("**/requirements.txt", "**/pyproject.toml"),
    "pipenv": ("**/Pipfile.lock",),
    "poetry": ("**/poetry.lock",),
}
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
#: Names of an interpreter's folder below those of pyenv and uv, by implementation.
_FOLDERS = {
    "cpython": (("PYENV_ROOT", "versions/3.*"), ("UV_PYTHON_INSTALL_DIR", "cpython-3.*")),
    "pypy": (("PYENV_ROOT", "versions/pypy3.*"), ("UV_PYTHON_INSTALL_DIR", "pypy-3.*")),
}


def main() -> None:
    """Set up every version that is asked for; the first one ends up first on PATH."""
    _check_cache(read_input("cache"))
    _note_machine()
    for requirement in reversed(read_requirements(read_lines("python-version"), workspace())):
        interpreter, version = _find(requirement)
        folder = _make_environment(interpreter, version)
        if read_flag("update-environment"):
            add_path(folder / "bin")
            export("pythonLocation", str(folder))
            export("Python_ROOT_DIR", str(folder))
            export("Python3_ROOT_DIR", str(folder))
    _install(folder / "bin" / "python")
    set_output("python-version", version)
    set_output("python-path", str(folder / "bin" / "python"))


def _check_cache(manager: str) -> None:
    """Refuse what the real action refuses; the rehearsal's installers keep their own caches."""
    if not manager:
        return
    if manager not in _CACHE_FILES:
        raise ActionError(f"Caching for '{manager}' is not supported")
    if manager != "pip" and shutil.which(manager) is None:
        raise ActionError(f"Unable to locate executable file: {manager}.")
    patterns = read_lines("cache-dependency-path") or _CACHE_FILES[manager]
    if not any(next(workspace().glob(pattern), None) for pattern in patterns):
        raise ActionError(
            f"No file in {workspace()} matched to [{' or '.join(patterns)}], make sure you have "
            "checked out the target repository"
        )


def _note_machine() -> None:
    wanted, machine = read_input("architecture"), platform.machine().lower()
    if wanted and wanted != _MACHINES.get(machine, machine):
        note_difference(f"architecture {wanted}: the rehearsal has Python for {machine} alone.")
    if read_input("freethreaded") and read_flag("freethreaded"):
        note_difference("freethreaded: the rehearsal takes a Python with the global lock.")


def _find(requirement: str) -> tuple[Path, str]:
    """Find the newest interpreter that fits, else the nearest one, with a notice."""
    refuse_unknown(requirement)
    kind = "pypy" if requirement.startswith("pypy") else "cpython"
    interpreters = dict(_installed(kind))
    if kind == "cpython" and not any(fits(version, requirement) for version in interpreters):
        interpreters |= dict(_on_path())
    fitting = [version for version in interpreters if fits(version, requirement)]
    if fitting:
        version = max(fitting)
        return interpreters[version], _text(version)
    interpreters |= dict(_installed("cpython"))
    interpreters = interpreters or dict(_on_path())
    if not interpreters:
        raise ActionError(f"The version '{requirement}' was not found, and no other Python either.")
    version = min(interpreters, key=lambda version: distance(version, requirement))
    note_difference(
        f"Python {requirement} is not on this machine; {_text(version)} stands in. The steps that "
        "follow show nothing about the requested one."
    )
    return interpreters[version], _text(version)


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _installed(kind: str) -> Iterator[tuple[Version, Path]]:
    """List what pyenv and uv have installed; the folders' names tell the version."""
    for variable, pattern in _FOLDERS[kind]:
        if not os.environ.get(variable):
            continue
        for folder in Path(os.environ[variable]).glob(pattern):
            version = numbers(folder.name.removeprefix("cpython-").removeprefix("pypy-"))
            file = folder / "bin" / "python3"
            if len(version) >= 2 and file.exists():
                yield version[:3], file


def _on_path() -> Iterator[tuple[Version, Path]]:
    """List the interpreters on PATH; each program is run once."""
    programs: set[Path] = set()
    for folder in dict.fromkeys(os.environ["PATH"].split(os.pathsep)):
        for file in sorted(Path(folder).glob("python3*")):
            program = file.resolve()
            usable = re.fullmatch(r"python3(\.\d+)?", file.name) and "shims" not in file.parts
            if usable and program not in programs:
                programs.add(program)
                yield from _run(file)


def _run(file: Path) -> Iterator[tuple[Version, Path]]:
    result = subprocess.run(
        [file, "-I", "-c", _REPORT], capture_output=True, text=True, check=False
    )
    if result.returncode == 0:
        yield numbers(result.stdout.strip()), file


def _make_environment(interpreter: Path, version: str) -> Path:
    """Make a virtual environment with pip, so that steps do not install into the machine."""
    folder = Path(os.environ["RUNNER_TEMP"]) / "python" / version
    uv = shutil.which("uv")
    if uv:
        command = [uv, "venv", "--quiet", "--seed", "--clear", "--python", str(interpreter)]
    else:
        command = [str(interpreter), "-m", "venv", "--clear"]
    result = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ActionError(f"No environment with Python {version}: {result.stderr.strip()[-500:]}")
    return folder


def _install(python: Path) -> None:
    """Install what the inputs ask for besides Python."""
    version = read_input("pip-version")
    requests = [["--upgrade", f"pip=={version}"]] if version else []
    requests += [read_input("pip-install").split()] if read_input("pip-install") else []
    for request in requests:
        command = [str(python), "-m", "pip", "install", "--quiet", *request]
        result = subprocess.run(
            command, cwd=workspace(), capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise ActionError(f"pip install {' '.join(request)}: {result.stderr.strip()[-500:]}")


run_action(main)
