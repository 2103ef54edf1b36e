"""The Pythons of this machine, for the stand-ins that run or build with one."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from python_requirements import Version, fits, numbers

_REPORT = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
#: The folders of pyenv's Pythons, of the user's uv, and of what a step has installed by uv.
_PYENV, _UV = ("PYENV_ROOT",), ("DIST_SANDBOX_UV_PYTHONS", "UV_PYTHON_INSTALL_DIR")
#: Names of an interpreter's folder below those, by implementation.
_FOLDERS = {
    "cpython": ((_PYENV, "versions/3.*"), (_UV, "cpython-3.*")),
    "pypy": ((_PYENV, "versions/pypy3.*"), (_UV, "pypy-3.*")),
}


def find_interpreters(requirement: str) -> dict[Version, Path]:
    """Find the interpreters of the wanted kind, and others where none of these fits."""
    kind = "pypy" if requirement.startswith("pypy") else "cpython"
    interpreters = dict(_installed(kind))
    if any(fits(version, requirement) for version in interpreters):
        return interpreters
    return interpreters | dict(_installed("cpython")) | dict(_on_path())


def text_of(version: Version) -> str:
    """Write a version with its full stops."""
    return ".".join(map(str, version))


def _installed(kind: str) -> Iterator[tuple[Version, Path]]:
    """List what pyenv and uv have installed; the folders' names tell the version."""
    folders = [
        folder
        for variables, pattern in _FOLDERS[kind]
        for variable in variables
        if os.environ.get(variable)
        for folder in Path(os.environ[variable]).glob(pattern)
    ]
    for folder in folders:
        version = numbers(folder.name.removeprefix("cpython-").removeprefix("pypy-"))
        file = folder / "bin" / "python3"
        if len(version) >= 2 and file.exists():
            yield version[:3], file.resolve()


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
