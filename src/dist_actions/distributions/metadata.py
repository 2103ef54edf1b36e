"""The name and version that a distribution says inside, which its file name only repeats."""

from email.parser import HeaderParser

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from dist_actions.errors import ReleaseError


def require_same_metadata(
    file_name: str, metadata: bytes, project: NormalizedName, version: Version
) -> None:
    """Refuse a distribution whose metadata name another project or version.

    Args:
        file_name: Of the distribution, for the message.
        metadata: Its METADATA or PKG-INFO.
        project: What it must be.
        version: What it must be.

    Raises:
        ReleaseError: They do.
    """
    headers = HeaderParser().parsestr(metadata.decode("utf-8", errors="replace"))
    name, written = str(headers["Name"] or ""), str(headers["Version"] or "")
    if canonicalize_name(name) != project or not _is_version(written, version):
        raise ReleaseError(
            f"{file_name} says inside that it is {name[:100]!r} {written[:100]!r}, not "
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
