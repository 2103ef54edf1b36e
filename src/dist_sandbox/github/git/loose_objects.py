"""Read refs and objects that git keeps in files of their own, without starting git.

What lies in packs is left to git. A process for each of a thousand repositories takes longer than
everything else that answers a query over them.
Spec: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects and
https://git-scm.com/docs/gitrepository-layout (refs, packed-refs)
"""

import re
import zlib
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

_MOST_REFERENCES = 5
#: Of a longer history, git reads what it needs faster than all of it is read here.
_MOST_COMMITS = 500
#: What no ref's name holds, but a revision may; and what stands for bytes that are no UTF-8.
_NO_REF_NAME = re.compile(r"[~^:?*\[\\\0-\x20\x7f\ufffd]|\.\.|@\{|//|/\.|\.lock(?:/|$)|[./]$")
_SHA = re.compile(r"[0-9a-f]{40}")


class NotLooseError(Exception):
    """Something is needed that is in a pack, or not there at all: git knows."""


def find_object(folder: Path, revision: str) -> tuple[str, str] | None:
    """Find the object of a revision such as `HEAD:pyproject.toml`: its name and its type.

    Returns:
        None where the tree holds no such path.

    Raises:
        NotLooseError: Git has to be asked.
    """
    ref, colon, path = revision.partition(":")
    if not colon or path.startswith(("/", "./", "../")):
        raise NotLooseError
    commit = find_commit(folder, ref)
    if commit is None:
        raise NotLooseError
    sha, kind = read_object(folder, commit)[1][5:45].decode("ascii"), "tree"
    for part in path.split("/") if path else ():
        entries = _read_tree(read_object(folder, sha)[1]) if kind == "tree" else {}
        if part.encode() not in entries:
            return None
        sha, kind = entries[part.encode()]
    return sha, kind


def read_ref(folder: Path, name: str) -> str | None:
    """Read what a ref holds, by its full name, or by `HEAD`; None where there is none.

    Raises:
        NotLooseError: Git has to be asked.
    """
    for _ in range(_MOST_REFERENCES):
        if name != "HEAD" and (not name.startswith("refs/") or _NO_REF_NAME.search(name)):
            break
        try:
            text = (folder / name).read_text(encoding="utf-8").strip()
        except OSError:
            return _read_packed_ref(folder, name)
        if not text.startswith("ref: "):
            return text
        name = text.removeprefix("ref: ")
    raise NotLooseError


def find_commit(folder: Path, revision: str) -> str | None:
    """Find the commit that an object name or a full ref stands for; None without such a ref.

    Raises:
        NotLooseError: Git has to be asked.
    """
    sha = revision if _SHA.fullmatch(revision) else read_ref(folder, revision)
    return None if sha is None else peel(folder, sha)


def peel(folder: Path, sha: str) -> str:
    """Find the commit that an object stands for: itself, or what annotated tags lead to.

    Raises:
        NotLooseError: Git has to be asked.
    """
    kind, data = read_object(folder, sha)
    while kind == "tag":
        sha = data.split(b"\n", 1)[0].removeprefix(b"object ").decode("ascii")
        kind, data = read_object(folder, sha)
    if kind != "commit":
        raise NotLooseError
    return sha


def list_ancestors(folder: Path, sha: str) -> set[str]:
    """List the commits that a commit is made on, itself among them.

    Raises:
        NotLooseError: Git has to be asked.
    """
    return set(_walk(folder, sha))


def is_ancestor(folder: Path, older: str, newer: str) -> bool:
    """Tell whether a commit is made on another one, or is that one; tags stand for commits.

    Raises:
        NotLooseError: Git has to be asked.
    """
    return peel(folder, older) in _walk(folder, peel(folder, newer))


def list_line(folder: Path, base: str, head: str) -> list[str]:
    """List the commits from after `base` up to `head`, oldest first, where each has one parent.

    Raises:
        NotLooseError: Git has to be asked.
    """
    line: list[str] = []
    current = peel(folder, head)
    while current != base:
        parents = _parents(folder, current)
        if len(parents) != 1 or len(line) == _MOST_COMMITS:
            raise NotLooseError
        line.append(current)
        (current,) = parents
    return line[::-1]


def read_content(folder: Path, sha: str, kind: str) -> bytes:
    """Read the content of an object of this type.

    Raises:
        NotLooseError: Git has to be asked.
    """
    loose_kind, content = read_object(folder, sha)
    if loose_kind != kind:
        raise NotLooseError
    return content


def read_object(folder: Path, sha: str) -> tuple[str, bytes]:
    """Read the type and the content of an object.

    Raises:
        NotLooseError: Git has to be asked.
    """
    try:
        raw = zlib.decompress((folder / "objects" / sha[:2] / sha[2:]).read_bytes())
    except (OSError, zlib.error):
        raise NotLooseError from None
    head, _, data = raw.partition(b"\0")
    return head.split()[0].decode("ascii"), data


def _walk(folder: Path, sha: str) -> Iterator[str]:
    """List a commit, and each commit that it is made on, once."""
    commits: set[str] = set()
    waiting = [sha]
    while waiting:
        current = waiting.pop()
        if current in commits:
            continue
        if len(commits) == _MOST_COMMITS:
            raise NotLooseError
        commits.add(current)
        yield current
        waiting += _parents(folder, current)


def _parents(folder: Path, sha: str) -> list[str]:
    # They follow the tree; a line elsewhere that looks like one is none.
    _, *lines = read_content(folder, sha, "commit").split(b"\n")
    parents = takewhile(lambda line: line.startswith(b"parent "), lines)
    return [parent.removeprefix(b"parent ").decode("ascii") for parent in parents]


def _read_packed_ref(folder: Path, name: str) -> str | None:
    try:
        text = (folder / "packed-refs").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    refs = (line.partition(" ") for line in text.split("\n"))
    return next((sha for sha, _, packed in refs if packed == name), None)


def _read_tree(data: bytes) -> dict[bytes, tuple[str, str]]:
    """Map the names in a tree to their objects, each with its type."""
    entries = {}
    while data:
        head, _, rest = data.partition(b"\0")
        mode, _, name = head.partition(b" ")
        kind = {b"40000": "tree", b"160000": "commit"}.get(mode, "blob")
        entries[name] = (rest[:20].hex(), kind)
        data = rest[20:]
    return entries
