"""Which files differ between two commits or trees."""

from collections.abc import Iterator
from dataclasses import dataclass

from dist_sandbox.github.git.bare_repository import BareRepository

#: The tree without entries, which the first commit is compared with.
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

_STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "T": "changed"}


@dataclass(frozen=True)
class FileChange:
    """A file that differs.

    `status` is GitHub's word for what happened to it, `sha` the blob after the change, or before
    it for a removed file.
    """

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    previous_path: str | None = None


def list_changes(git: BareRepository, old: str, new: str) -> list[FileChange]:
    """List the files that differ from `old` to `new`, by path; renamed files are found."""
    arguments = ("diff-tree", "-r", "-M", "-z", "--no-abbrev")
    raw = git.read(*arguments, "--raw", old, new).decode("utf-8", "replace")
    counts = git.read(*arguments, "--numstat", old, new).decode("utf-8", "replace")
    lines = dict(_read_counts(counts))
    return [
        FileChange(path, status, sha, *lines.get(path, (0, 0)), previous)
        for path, status, sha, previous in _read_raw(raw)
    ]


def _read_raw(printed: str) -> Iterator[tuple[str, str, str, str | None]]:
    fields = iter(printed.split("\0"))
    for head in fields:
        if not head.startswith(":"):
            continue
        _, _, before, after, letter = head.split(" ")
        path, previous = next(fields), None
        if letter[0] in "RC":
            previous, path = path, next(fields)
        sha = before if letter[0] == "D" else after
        yield path, _STATUSES.get(letter[0], "changed"), sha, previous


def _read_counts(printed: str) -> Iterator[tuple[str, tuple[int, int]]]:
    fields = iter(printed.split("\0"))
    for head in fields:
        if head.count("\t") != 2:
            continue
        added, removed, path = head.split("\t")
        if not path:
            next(fields)
            path = next(fields)
        yield path, (_number(added), _number(removed))


def _number(text: str) -> int:
    # Binary files have a hyphen instead of a count.
    return int(text) if text.isdigit() else 0
