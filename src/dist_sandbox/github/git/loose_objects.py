"""Read refs and objects that git keeps in files of their own, without starting git.

What lies in packs is left to git. A process for each of a thousand repositories takes longer than
everything else that answers a query over them.
Spec: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

import zlib
from pathlib import Path

_MOST_REFERENCES = 5
#: Of a longer history, git reads what it needs faster than all of it is read here.
_MOST_COMMITS = 500


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
    sha = read_ref(folder, ref)
    kind, data = read_object(folder, _peel(folder, sha))
    sha, kind = data[5:45].decode("ascii"), "tree"
    for part in path.split("/") if path else ():
        entries = _read_tree(read_object(folder, sha)[1]) if kind == "tree" else {}
        if part.encode() not in entries:
            return None
        sha, kind = entries[part.encode()]
    return sha, kind


def read_ref(folder: Path, name: str) -> str:
    """Read what a ref holds, by its full name, or by `HEAD`.

    Raises:
        NotLooseError: Git has to be asked.
    """
    for _ in range(_MOST_REFERENCES):
        if name != "HEAD" and (not name.startswith("refs/") or ".." in name):
            break
        try:
            text = (folder / name).read_text(encoding="utf-8").strip()
        except OSError:
            break
        if not text.startswith("ref: "):
            return text
        name = text.removeprefix("ref: ")
    raise NotLooseError


def find_commit(folder: Path, ref: str) -> str:
    """Find the commit that a ref stands for.

    Raises:
        NotLooseError: Git has to be asked.
    """
    return _peel(folder, read_ref(folder, ref))


def list_ancestors(folder: Path, sha: str) -> set[str]:
    """List the commits that a commit is made on, itself among them.

    Raises:
        NotLooseError: Git has to be asked.
    """
    ancestors: set[str] = set()
    waiting = [sha]
    while waiting:
        current = waiting.pop()
        if current in ancestors:
            continue
        if len(ancestors) == _MOST_COMMITS:
            raise NotLooseError
        ancestors.add(current)
        head = read_object(folder, current)[1].partition(b"\n\n")[0]
        parents = (line for line in head.splitlines() if line.startswith(b"parent "))
        waiting += [parent[len(b"parent ") :].decode("ascii") for parent in parents]
    return ancestors


def read_object(folder: Path, sha: str) -> tuple[str, bytes]:
    """Read the type and the content of an object.

    Raises:
        NotLooseError: Git has to be asked.
    """
    try:
        raw = zlib.decompress((folder / "objects" / sha[:2] / sha[2:]).read_bytes())
    except OSError:
        raise NotLooseError from None
    head, _, data = raw.partition(b"\0")
    return head.split()[0].decode("ascii"), data


def _peel(folder: Path, sha: str) -> str:
    """Find the commit behind annotated tags."""
    kind, data = read_object(folder, sha)
    while kind == "tag":
        sha = data.split(b"\n", 1)[0].removeprefix(b"object ").decode("ascii")
        kind, data = read_object(folder, sha)
    if kind != "commit":
        raise NotLooseError
    return sha


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
