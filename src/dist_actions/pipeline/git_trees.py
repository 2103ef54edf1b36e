"""Compute the names of git trees without git; pure.

Spec: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

import hashlib
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

#: Path of a repository's root.
ROOT = "."


@dataclass(frozen=True)
class TreeEntry:
    """A file, folder, link or submodule in a folder of a commit.

    Attributes:
        name: Its name, as git holds it.
        mode: Its type and permissions.
        oid: Its object, 40 hex digits.
    """

    name: bytes
    mode: int
    oid: str


def tree_without(folders: Mapping[str, Sequence[TreeEntry]], paths: Collection[str]) -> str:
    """Compute the tree that a root would have without some files or folders, 40 hex digits.

    Args:
        folders: Entries of the root and of each folder on the way to the paths, in git's order.
        paths: Below the root; those that are not there are left out.
    """
    return _hash(_entries_without(ROOT, folders, paths))


def _entries_without(
    folder: str, folders: Mapping[str, Sequence[TreeEntry]], paths: Collection[str]
) -> list[TreeEntry]:
    entries = []
    for entry in folders.get(folder, ()):
        name = entry.name.decode("utf-8", "surrogateescape")
        path = name if folder == ROOT else f"{folder}/{name}"
        if path in paths:
            continue
        if stat.S_ISDIR(entry.mode) and any(other.startswith(f"{path}/") for other in paths):
            below = _entries_without(path, folders, paths)
            if below:  # git keeps no empty folders
                entries.append(TreeEntry(entry.name, entry.mode, _hash(below)))
            continue
        entries.append(entry)
    return entries


def _hash(entries: Sequence[TreeEntry]) -> str:
    content = b"".join(
        f"{_canonical(entry.mode):o} ".encode() + entry.name + b"\0" + bytes.fromhex(entry.oid)
        for entry in entries
    )
    header = f"tree {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _canonical(mode: int) -> int:
    """Write a file's mode as git does today; old commits hold 100664."""
    if not stat.S_ISREG(mode):
        return mode
    return 0o100755 if mode & 0o100 else 0o100644
