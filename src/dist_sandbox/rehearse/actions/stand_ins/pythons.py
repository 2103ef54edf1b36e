"""The Pythons of this machine, for the stand-ins that run or build with one."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

Version = tuple[int, ...]
_REPORT = "import sys; print('.'.join(map(str, sys.version_info[:3])))"


def find_interpreters(requirement: str) -> dict[Version, Path]:
    """Find the interpreters of pyenv and uv; those on PATH too, where none of these fits."""
    interpreters = dict(_installed())
    if not any(fits(version, requirement) for version in interpreters):
        interpreters |= dict(_on_path())
    return interpreters


def fits(version: Version, requirement: str) -> bool:
    """Tell whether a version fits `3.12`, `3.x`, `3.12.1` or a range such as `>=3.10,<3.13`."""
    for part in re.split(r"[\s,]+", requirement.strip()):
        match = re.fullmatch(r"(>=|<=|==|~=|[<>~^])?\s*v?([0-9][0-9.x*]*)(-dev)?", part)
        if match is None:
            return False
        operator, digits = match.group(1) or "==", numbers(match.group(2))
        same = version[: len(digits)] == digits
        above = version > digits
        if not {
            "==": same,
            ">=": same or above,
            "<=": same or not above,
            ">": above and not same,
            "<": not above and not same,
            "~=": version >= digits and version[: len(digits) - 1] == digits[:-1],
            "~": version >= digits and version[:2] == digits[:2],
            "^": version >= digits and version[:1] == digits[:1],
        }[operator]:
            return False
    return True


def numbers(text: str) -> Version:
    """Read the numbers of a version, `3.12.1`."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def text_of(version: Version) -> str:
    """Write a version with its full stops."""
    return ".".join(map(str, version))


def _installed() -> Iterator[tuple[Version, Path]]:
    """List what pyenv and uv have installed; the folders' names tell the version."""
    for variable, pattern in (
        ("PYENV_ROOT", "versions/3.*/bin/python3"),
        ("UV_PYTHON_INSTALL_DIR", "cpython-3.*/bin/python3"),
    ):
        if not os.environ.get(variable):
            continue
        for file in Path(os.environ[variable]).glob(pattern):
            match = re.fullmatch(r"(?:cpython-)?(3\.\d+\.\d+)(-.*)?", file.parents[1].name)
            if match:
                yield numbers(match.group(1)), file


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
