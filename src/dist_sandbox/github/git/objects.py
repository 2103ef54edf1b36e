"""Read and write commits and annotated tags of a bare repository."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.git.bare_repository import BareRepository

#: Encodings of Python alone, of which git knows none.
_NO_ENCODINGS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
#: Who and when, in a commit or tag; as git, it takes what is between the first brackets, and the
#: number behind the last one.
_SIGNATURE = re.compile(r"([^<]*)<([^>]*)(?:.*>\s*(\d{1,11}))?", re.DOTALL | re.ASCII)
#: The end of the calendar of `datetime`.
_LATEST = 253_402_300_799


@dataclass(frozen=True)
class Signature:
    """Name, address and time in a commit or tag."""

    name: str
    email: str
    timestamp: int

    def __str__(self) -> str:
        """Write it as git objects hold it, in UTC."""
        name = "".join(char for char in self.name if char not in "<>\n").strip()
        email = "".join(char for char in self.email if char not in "<>\n ")
        return f"{name} <{email}> {self.timestamp} +0000"


@dataclass(frozen=True)
class Commit:
    """A commit object."""

    sha: str
    tree_sha: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str

    @property
    def subject(self) -> str:
        """Return the first line of the message."""
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True)
class TagObject:
    """An annotated tag's object."""

    sha: str
    name: str
    object_sha: str
    object_type: str
    tagger: Signature
    message: str


def read_commit(git: BareRepository, sha: str) -> Commit:
    """Read the commit of this object name, which must exist."""
    return read_commits(git, [sha])[0]


def read_commits(git: BareRepository, shas: Sequence[str]) -> list[Commit]:
    """Read the commits of these object names, which must exist."""
    contents = git.read_objects(shas, "commit")
    return [_parse_commit(sha, content) for sha, content in zip(shas, contents, strict=True)]


def read_tag(git: BareRepository, sha: str) -> TagObject | None:
    """Read the tag object of this name; None where there is no such tag object."""
    if git.object_type(sha) != "tag":
        return None
    fields, message = _split(git.read_objects([sha], "tag")[0])
    values = dict(fields)
    return TagObject(
        sha=sha,
        name=values["tag"],
        object_sha=values["object"],
        object_type=values["type"],
        tagger=_parse_signature(values.get("tagger", "")),
        message=message,
    )


def write_tag(
    git: BareRepository,
    *,
    name: str,
    object_sha: str,
    object_type: str,
    tagger: Signature,
    message: str,
) -> TagObject:
    """Make a tag object; no ref points at it yet."""
    head = f"object {object_sha}\ntype {object_type}\ntag {name}\ntagger {tagger}\n\n"
    sha = git.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=(head + message).encode())
    return TagObject(sha, name, object_sha, object_type, tagger, message)


def write_commit(
    git: BareRepository,
    *,
    tree: str,
    parents: Iterable[str],
    author: Signature,
    committer: Signature,
    message: str,
) -> str:
    """Make a commit object and return its name."""
    head = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    head += [f"author {author}", f"committer {committer}"]
    ended = message if message.endswith("\n") else f"{message}\n"
    raw = "\n".join(head) + f"\n\n{ended}"
    return git.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.encode())


def commits_between(git: BareRepository, base: str, head: str) -> list[Commit]:
    """List the commits that `head` has and `base` lacks, oldest first."""
    return read_commits(git, git.list_between(base, head))


def at(moment: datetime) -> int:
    """Convert a time to the seconds since the epoch that git objects hold."""
    return int(moment.timestamp())


def account_signature(account: Account, moment: datetime) -> Signature:
    """Make an account an author, committer or tagger."""
    return Signature(account.display_name, account.email, at(moment))


def _parse_commit(sha: str, content: bytes) -> Commit:
    fields, message = _split(content)
    values = dict(fields)
    parents = takewhile(lambda field: field[0] == "parent", fields[1:])
    return Commit(
        sha=sha,
        tree_sha=values["tree"],
        parents=tuple(parent for _, parent in parents),
        author=_parse_signature(values.get("author", "")),
        committer=_parse_signature(values.get("committer", "")),
        message=message.partition("\0")[0].rstrip("\n"),
    )


def _split(content: bytes) -> tuple[list[tuple[str, str]], str]:
    """Split an object into its fields, without the further lines of a signature, and its text."""
    head, _, message = content.partition(b"\n\n")
    lines = [line.partition(b" ") for line in head.split(b"\n")]
    named = next((value for name, _, value in lines if name == b"encoding"), b"utf-8")
    encoding = named.decode("ascii", "replace").lower().replace("_", "-")
    fields = [
        (name.decode("ascii", "replace"), _decode(value, encoding))
        for name, _, value in lines
        if name
    ]
    return fields, _decode(message, encoding)


def _decode(text: bytes, encoding: str) -> str:
    try:
        if encoding not in _NO_ENCODINGS:
            return text.decode(encoding)
    except (LookupError, ValueError):
        pass
    return text.decode("utf-8", "replace")


def _parse_signature(text: str) -> Signature:
    match = _SIGNATURE.match(text)
    if match is None:
        return Signature(text.strip(), "", 0)
    name, email, seconds = match.groups()
    return Signature(name.strip(), email, min(int(seconds or 0), _LATEST))
