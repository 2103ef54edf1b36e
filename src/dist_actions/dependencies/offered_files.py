"""The files that an index offers, as the versions of its projects; pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from packaging.utils import NormalizedName, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from dist_actions.dependencies.catalogue import IndexedVersion
from dist_actions.dependencies.metadata import Metadata

#: Reads the metadata of versions from one file each.
MetadataRead: TypeAlias = Callable[
    [Mapping[IndexedVersion, "OfferedFile"]], Mapping[IndexedVersion, Metadata]
]

_ANY_MACHINE = "-none-any.whl"
_LONGEST_NAME = 255


@dataclass(frozen=True)
class OfferedFile:
    """A file of an index.

    Attributes:
        name: Its file name.
        url: Where it lies.
        sha256: 64 hex digits; empty where the index does not say.
        size_bytes: Its size; 0 where the index does not say.
        yanked: Whether it was yanked.
        shows_metadata: Whether its metadata lie beside it.
    """

    name: str
    url: str
    sha256: str = ""
    size_bytes: int = 0
    yanked: bool = False
    shows_metadata: bool = False


def group_files(
    environment: str, files: Iterable[OfferedFile]
) -> Mapping[NormalizedName, Mapping[IndexedVersion, OfferedFile]]:
    """Group files by project and version, the newest first, with the file that is quickest to read.

    All wheels of a version are taken to require the same, as they must for a resolver that reads
    one of them. What is neither wheel nor sdist counts for nothing.
    """
    by_version: dict[NormalizedName, dict[Version, list[OfferedFile]]] = {}
    for file in files:
        if parsed := parse_file_name(file.name):
            by_version.setdefault(parsed[0], {}).setdefault(parsed[1], []).append(file)
    grouped = {}
    for project, versions in by_version.items():
        grouped[project] = {
            IndexedVersion(
                project, version, environment, all(file.yanked for file in versions[version])
            ): min(versions[version], key=_effort)
            for version in sorted(versions, reverse=True)
        }
    return grouped


def parse_file_name(name: str) -> tuple[NormalizedName, Version] | None:
    """Read project and version from the name of a wheel or sdist; None for any other file.

    A long name can stand for millions of tags, and no file system has it.
    """
    if len(name) > _LONGEST_NAME:
        return None
    try:
        if name.endswith(".whl"):
            return parse_wheel_filename(name)[:2]
        return parse_sdist_filename(name) if name.endswith(".tar.gz") else None
    except ValueError:
        return None


def _effort(file: OfferedFile) -> tuple[bool, bool, bool, int, str]:
    is_wheel = file.name.endswith(".whl")
    for_any = file.name.endswith(_ANY_MACHINE)
    return not is_wheel, not file.shows_metadata, not for_any, file.size_bytes, file.name
