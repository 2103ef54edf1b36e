"""Why two builds of one distribution differ: every difference with its cause; pure.

    >>> find_differences(Path("dist/sample-1.0.tar.gz"), Path("before/sample-1.0.tar.gz"))
    (Difference(file='sample-1.0.tar.gz', member='', cause='gzip header', …), …)

Nothing is extracted, and nothing of the files is trusted: what cannot be read is a difference too.
"""

import csv
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from dist_actions.distributions.differences.difference import Cause, Difference, quoted
from dist_actions.distributions.differences.summary import summarise
from dist_actions.distributions.differences.tars import compare_sdists
from dist_actions.distributions.differences.zips import compare_wheels
from dist_actions.errors import ReleaseError

__all__ = ["Cause", "Difference", "find_differences", "find_differences_of_folders", "summarise"]

_CHUNK_BYTES = 1024 * 1024
#: What is raised for archives that are damaged, bombs, or not what they seem.
_BROKEN = (
    ReleaseError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    csv.Error,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def find_differences(ours: Path, other: Path) -> tuple[Difference, ...]:
    """Every difference between two distributions of the same name; none where they are equal.

    Args:
        ours: One sdist or wheel.
        other: The other one; in texts its value comes second.
    """
    if _same_bytes(ours, other):
        return ()
    compare = compare_wheels if ours.name.endswith(".whl") else compare_sdists
    try:
        found = tuple(compare(ours, other))
    except _BROKEN as error:
        return (_unreadable(ours, error),)
    # Bytes that no field accounts for: padding, gaps, data behind the end.
    return found or (
        Difference(
            ours.name, "", "archive header", "the archives' padding, or fields that hold nothing"
        ),
    )


def find_differences_of_folders(
    ours: Path, other: Path, names: Iterable[str]
) -> tuple[Difference, ...]:
    """The differences of several distributions, which lie in two folders.

    Args:
        ours: One folder.
        other: The other one.
        names: File names, each in at least one of them.
    """
    found: list[Difference] = []
    for name in sorted(set(names)):
        here, there = (ours / name).is_file(), (other / name).is_file()
        if here and there:
            found.extend(find_differences(ours / name, other / name))
        elif here:
            found.append(Difference(name, "", "additional", "only the first build made this file"))
        else:
            found.append(Difference(name, "", "missing", "only the second build made this file"))
    return tuple(found)


def _unreadable(ours: Path, error: Exception) -> Difference:
    text = f"an archive cannot be read: {quoted(str(error) or type(error).__name__)}"
    return Difference(ours.name, "", "content", text)


def _same_bytes(ours: Path, other: Path) -> bool:
    if ours.stat().st_size != other.stat().st_size:
        return False
    with ours.open("rb") as one, other.open("rb") as two:
        while piece := one.read(_CHUNK_BYTES):
            if piece != two.read(_CHUNK_BYTES):
                return False
    return True
