"""Compare two builds of the same distributions, and name the archive members that differ.

Why they differ is a question for diffoscope: https://diffoscope.org/
"""

import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.distributions.checks.gzip_stream import inflate
from dist_actions.distributions.files import digest_of, sha256_of
from dist_actions.errors import ReleaseError

#: How two builds differ: what only the first or only the second holds, and what both hold. Where
#: names and contents of all members are equal, the archives differ in what surrounds these.
DifferenceKind = Literal[
    "added",
    "missing",
    "different contents",
    "only headers, metadata or compression differ",
    "cannot be read",
]
#: What is raised for archives that are damaged, bombs, or of another format than their name says.
_UNREADABLE = (
    ReleaseError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Difference:
    """One place in which two builds differ.

    Attributes:
        file: Name of the distribution.
        member: Path in it, as the archive holds it; empty where the whole file is meant.
        kind: How they differ there.
    """

    file: str
    member: str
    kind: DifferenceKind

    @property
    def printable_member(self) -> str:
        """Write the path in one short line, without control characters."""
        if self.member.isprintable() and len(self.member) <= QUOTED_NAME:
            return self.member
        return repr(self.member[:QUOTED_NAME])

    def __str__(self) -> str:
        place = f"{self.file}: {self.printable_member}" if self.member else self.file
        return f"{place}: {self.kind}"


def compare_folders(first: Path, second: Path, names: Iterable[str]) -> tuple[Difference, ...]:
    """Compare distributions of the same names that lie in two folders.

    Args:
        names: File names, each in at least one of them.
    """
    differences: list[Difference] = []
    for name in sorted(set(names)):
        if not (second / name).is_file():
            differences.append(Difference(name, "", "added"))
        elif not (first / name).is_file():
            differences.append(Difference(name, "", "missing"))
        else:
            differences.extend(compare_files(first / name, second / name))
    return tuple(differences)


def compare_files(first: Path, second: Path) -> tuple[Difference, ...]:
    """Compare two distributions of the same name; no difference means equal bytes."""
    file = first.name
    if sha256_of(first) == sha256_of(second):
        return ()
    read_members = _read_wheel if file.endswith(".whl") else _read_sdist
    try:
        members, members_of_second = read_members(first), read_members(second)
    except _UNREADABLE:
        return (Difference(file, "", "cannot be read"),)
    differences = []
    for name in sorted(members.keys() | members_of_second.keys()):
        if name not in members_of_second:
            differences.append(Difference(file, name, "added"))
        elif name not in members:
            differences.append(Difference(file, name, "missing"))
        elif members[name] != members_of_second[name]:
            differences.append(Difference(file, name, "different contents"))
    if not differences:
        return (Difference(file, "", "only headers, metadata or compression differ"),)
    return tuple(differences)


def _read_wheel(path: Path) -> Mapping[str, str]:
    """Map each member's name to its digest."""
    members = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            with archive.open(info) as content:
                members[info.filename] = digest_of(content)
    return members


def _read_sdist(path: Path) -> Mapping[str, str]:
    """Map each member's name to its digest, or to the kind and target of what is no file."""
    members = {}
    with tempfile.TemporaryFile() as tar:
        inflate(path, tar)
        with tarfile.open(fileobj=tar, mode="r:", encoding="utf-8") as archive:
            for info in archive:
                content = archive.extractfile(info) if info.isreg() else None
                members[info.name] = (
                    digest_of(content) if content else f"{info.type!r} {info.linkname}"
                )
    return members
