"""The name and version that a distribution says inside, which its file name only repeats."""

import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from email.parser import HeaderParser
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from dist_actions.errors import ReleaseError

#: In bytes; a description can be long, a metadata file of megabytes is none.
_LIMIT_BYTES = 4 * 1024 * 1024
#: Spec: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
_WHEEL_MEMBER = re.compile(r"[^/]+\.dist-info/METADATA")
#: Spec: https://packaging.python.org/en/latest/specifications/source-distribution-format/
_SDIST_MEMBER = re.compile(r"[^/]+/PKG-INFO")


def require_same_metadata(paths: Iterable[Path], project: NormalizedName, version: Version) -> None:
    """Refuse distributions whose metadata name another project or version.

    Raises:
        ReleaseError: One does, or has no metadata.
    """
    for path in paths:
        name, written = _name_and_version(path)
        if canonicalize_name(name) != project or not _is_version(written, version):
            raise ReleaseError(
                f"{path.name} says inside that it is {name[:100]!r} {written[:100]!r}, not "
                f"{project} {version}.",
                why="the build took the version from elsewhere, such as from git.",
                fix="compare where the version is declared with how the backend reads it.",
                anchor="distributions",
            )


def _is_version(written: str, version: Version) -> bool:
    try:
        return Version(written) == version
    except InvalidVersion:
        return False


def _name_and_version(path: Path) -> tuple[str, str]:
    headers = HeaderParser().parsestr(_read(path).decode("utf-8", errors="replace"))
    return str(headers["Name"] or ""), str(headers["Version"] or "")


def _read(path: Path) -> bytes:
    """The metadata file of a distribution; empty where it has none, or more than one."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            name = _only(wheel.namelist(), _WHEEL_MEMBER.fullmatch)
            if not name:
                return b""
            with wheel.open(name) as member:
                return member.read(_LIMIT_BYTES)
    with tarfile.open(path) as sdist:
        name = _only(sdist.getnames(), _SDIST_MEMBER.fullmatch)
        file = sdist.extractfile(name) if name else None
        return file.read(_LIMIT_BYTES) if file else b""


def _only(names: Iterable[str], fits: Callable[[str], object]) -> str:
    found = [name for name in names if fits(name)]
    return found[0] if len(found) == 1 else ""
