"""Read what a distribution says inside: its name and version, and the tool that wrote it."""

import re
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.errors import ReleaseError
from dist_actions.versions.parsing import parse_version

#: `hatchling 1.27.0`, or `setuptools (80.9.0)` as setuptools, pdm-backend and maturin write it.
_GENERATOR = re.compile(
    r"(?P<name>[A-Za-z0-9]([\w.-]{0,60}[A-Za-z0-9])?) +"
    r"(\((?P<in_brackets>[^\s()]{1,60})\)|(?P<bare>[^\s()]{1,60}))",
    re.ASCII,
)


def require_same_metadata(
    file_name: str, metadata: bytes, project: NormalizedName, version: Version
) -> None:
    """Refuse a distribution whose metadata name another project or version.

    Args:
        file_name: Of the distribution, for the message.
        metadata: Its METADATA or PKG-INFO.

    Raises:
        ReleaseError: They do.
    """
    headers = HeaderParser().parsestr(metadata.decode("utf-8", errors="replace"))
    name, version_inside = str(headers["Name"] or ""), str(headers["Version"] or "")
    if canonicalize_name(name) != project or parse_version(version_inside) != version:
        raise ReleaseError(
            f"{file_name} says inside that it is {name[:100]!r} {version_inside[:100]!r}, not "
            f"{project} {version}.",
            why="the build took the version from elsewhere, such as from git.",
            fix="compare where the version is declared with how the backend reads it.",
            anchor="distributions",
        )


def find_generator(wheel: Path) -> str:
    """Name the tool that wrote a wheel and its version, `hatchling 1.27.0`; empty if unknown.

    Args:
        wheel: A wheel that was checked.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.count("/") == 1]
        name = next((name for name in names if name.endswith(".dist-info/WHEEL")), None)
        text = archive.read(name).decode("utf-8", errors="replace") if name else ""
    return parse_generator(text)


def parse_generator(text: str) -> str:
    """Take name and version from the text of WHEEL; empty without them, as in meson-python's.

    Later tools, such as those that repair wheels, add lines of their own below the backend's.
    """
    generator = str(HeaderParser().parsestr(text)["Generator"] or "").strip()
    match = _GENERATOR.fullmatch(generator)
    if match is None:
        return ""
    version = match["in_brackets"] or match["bare"]
    return f"{match['name']} {version}" if parse_version(version) else ""
