"""Read which Pythons a workflow asks for, and tell which version fits; files are its only edge."""

import re
from collections.abc import Iterator
from pathlib import Path

from runner import ActionError, read_input

Version = tuple[int, ...]
_PART = re.compile(
    r"(>=|<=|==|!=|~=|[<>~^=])?v?([0-9x*][0-9.x*]*?)(-dev|-?(?:alpha|beta|rc|a|b)[0-9.]*|-0)?"
)
#: The oldest Python that GitHub's runners can set up.
_OLDEST_MINOR = 5
_PYTHON_SETTINGS = (
    r"""^requires-python\s*=\s*["\']([^"\']+)""",
    r"""^python\s*=\s*["\']([^"\']+)""",
    r"""^python\s*=\s*\{[^}]*version\s*=\s*["\']([^"\']+)""",
)
_PIPFILE_SETTING = r"""^python(?:_full)?_version\s*=\s*["\']([^"\']+)"""


def read_requirements(lines: list[str], folder: Path) -> list[str]:
    """Read the versions to set up, else those of a file, else any Python 3."""
    if lines:
        return lines
    file_name = read_input("python-version-file")
    file = folder / (file_name or ".python-version")
    if file.is_file():
        versions = list(_read_file(file))
        if not versions and file_name:
            raise ActionError(f"No Python version was found in {file}.")
        return versions or ["3.x"]
    if file_name:
        raise ActionError(f"The specified python version file at: {file} doesn't exist.")
    return ["3.x"]


def _read_file(file: Path) -> Iterator[str]:
    """List the versions in `.python-version`, `.tool-versions`, `pyproject.toml` or `Pipfile`."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".toml":
        patterns = (re.search(pattern, text, re.M) for pattern in _PYTHON_SETTINGS)
        yield from [match[1] for match in patterns if match][:1]
    elif file.name == "Pipfile":
        yield from re.findall(_PIPFILE_SETTING, text, re.M)[:1]
    else:
        for line in text.splitlines():
            words = line.partition("#")[0].split()
            if file.name == ".tool-versions":
                yield from words[1:2] if words[:1] == ["python"] else ()
            else:
                yield from words[:1]


def refuse_unknown(requirement: str) -> None:
    """Refuse a version that GitHub cannot set up either.

    Raises:
        ActionError: No runner has had it; often YAML read `3.10` as the number 3.1.
    """
    match = re.fullmatch(r"3\.(\d)", requirement)
    if match and int(match[1]) < _OLDEST_MINOR:
        raise ActionError(
            f"The version '{requirement}' was not found for this operating system. "
            f"Why: GitHub's runners have no Python {requirement}; YAML reads an unquoted 3.10 as "
            f'the number 3.1. Fix: put the version in quotes: "{requirement}0".'
        )


def fits(version: Version, requirement: str) -> bool:
    """Tell whether a version fits `3.12`, `3.x`, `pypy3.10` or a range such as `>=3.10 <3.13`."""
    text = re.sub(r"^pypy-?", "", requirement.strip()).partition("-v")[0]
    text = re.sub(r"(\S+)\s+-\s+(\S+)", r">=\1 <=\2", text)
    text = re.sub(r"([<>=~^!])\s+", r"\1", text)
    return any(_fits_all(version, part) for part in text.split("||"))


def _fits_all(version: Version, requirement: str) -> bool:
    parts = [part for part in re.split(r"[\s,]+", requirement.strip()) if part]
    return bool(parts) and all(_fits_part(version, part) for part in parts)


def _fits_part(version: Version, part: str) -> bool:
    match = _PART.fullmatch(part)
    if match is None:
        return False
    operator, digits = match[1] or "==", numbers(match[2])
    same = version[: len(digits)] == digits
    above = version > digits
    return {
        "==": same,
        "=": same,
        "!=": not same,
        ">=": same or above,
        "<=": same or not above,
        ">": above and not same,
        "<": not above and not same,
        "~=": version >= digits and version[: len(digits) - 1] == digits[:-1],
        "~": version >= digits and version[: min(2, len(digits))] == digits[:2],
        "^": version >= digits and version[:1] == digits[:1],
    }[operator]


def distance(version: Version, requirement: str) -> tuple[int, int]:
    """Measure how far a version is from a requirement, in minor versions; newer is nearer."""
    match = re.search(r"(\d+)(?:\.(\d+))?", requirement)
    minor = int(match[2] or 0) if match else 0
    return abs(version[1] - minor), -version[2]


def numbers(text: str) -> Version:
    """Read the numbers that a version begins with; a `x` or `*` ends them."""
    match = re.match(r"\D{0,6}(\d+(?:\.\d+)*)", text)
    return tuple(map(int, match[1].split("."))) if match else ()
