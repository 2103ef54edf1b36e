"""Read which wheels cibuildwheel is told to build; files and the environment are its edges.

Spec: https://cibuildwheel.pypa.io/en/stable/options/#build-skip
"""

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path

_TABLE = re.compile(r"(?ms)^\[tool\.cibuildwheel\]\s*$(.*?)(?=^\[|\Z)")
_QUOTED = re.compile(r"""["']([^"']*)["']""")
_BRACES = re.compile(r"\{([^{}]*)\}")


def is_selected(python: tuple[int, ...], platform: str, source: Path) -> bool:
    """Tell whether the wheel of a Python and platform is to be built.

    Args:
        platform: As tags of wheels say it, `manylinux_2_28_x86_64`.
        source: The project's folder, or its sdist, which has no settings.
    """
    name = f"cp{python[0]}{python[1]}-{re.sub(r'_[0-9]+_[0-9]+_', '_', platform)}"
    build, skip = _read_patterns("build", source) or ["*"], _read_patterns("skip", source)
    return _matches(name, build) and not _matches(name, skip)


def _read_patterns(option: str, source: Path) -> list[str]:
    """Read the patterns of an option: its variable comes before the settings."""
    text = os.environ.get(f"CIBW_{option.upper()}", "")
    file = source / "pyproject.toml"
    if not text and file.is_file():
        table = _TABLE.search(file.read_text(encoding="utf-8"))
        setting = rf"(?ms)^\s*{option}\s*=\s*(\[.*?\]|\"[^\"]*\"|'[^']*')"
        match = re.search(setting, table[1]) if table else None
        text = " ".join(_QUOTED.findall(match[1])) if match else ""
    return [pattern for word in text.split() for pattern in _expand(word)]


def _expand(pattern: str) -> list[str]:
    """Write `cp3{12,13}-*` as two patterns."""
    braces = _BRACES.search(pattern)
    if not braces:
        return [pattern]
    start, end = pattern[: braces.start()], pattern[braces.end() :]
    return [whole for part in braces[1].split(",") for whole in _expand(f"{start}{part}{end}")]


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
