"""Which tool wrote a wheel, and in which version: the line Generator of its WHEEL; pure."""

import re
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from packaging.version import InvalidVersion, Version

#: `hatchling 1.27.0`, or `setuptools (80.9.0)` as setuptools, pdm-backend and maturin write it.
_GENERATOR = re.compile(
    r"(?P<name>[A-Za-z0-9]([\w.-]{0,60}[A-Za-z0-9])?) +"
    r"(\((?P<in_brackets>[^\s()]{1,60})\)|(?P<bare>[^\s()]{1,60}))",
    re.ASCII,
)


def find_generator(wheel: Path) -> str:
    """Name and version of the tool that wrote a wheel, `hatchling 1.27.0`; empty if not told.

    Args:
        wheel: A wheel that was checked.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.count("/") == 1]
        found = next((name for name in names if name.endswith(".dist-info/WHEEL")), None)
        text = archive.read(found).decode("utf-8", errors="replace") if found else ""
    return parse_generator(text)


def parse_generator(text: str) -> str:
    """Name and version from the text of WHEEL; empty where it holds none, as meson-python's.

    Later tools, such as those that repair wheels, add lines of their own below the backend's.
    """
    written = str(HeaderParser().parsestr(text)["Generator"] or "").strip()
    found = _GENERATOR.fullmatch(written)
    if found is None:
        return ""
    try:
        Version(version := found["in_brackets"] or found["bare"])
    except InvalidVersion:
        return ""
    return f"{found['name']} {version}"
