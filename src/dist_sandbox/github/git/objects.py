"""Read and write commits and annotated tags of a bare repository."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.git.bare_repository import BareRepository

_FORMAT = "%x1e%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%cn%x1f%ce%x1f%ct%x1f%B"
_FIELDS = 10


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


def read_commits(git: BareRepository, *arguments: str) -> list[Commit]:
    """Read the commits that `git log` lists for these arguments, newest first."""
    printed = git.read("log", f"--format={_FORMAT}", *arguments).decode("utf-8", "replace")
    return [_parse_commit(record) for record in printed.split("\x1e")[1:]]


def read_commit(git: BareRepository, sha: str) -> Commit:
    """Read the commit of this object name, which must exist."""
    return read_commits(git, "-1", sha, "--")[0]


def read_tag(git: BareRepository, sha: str) -> TagObject | None:
    """Read the tag object of this name; None where there is no such tag object."""
    if git.object_type(sha) != "tag":
        return None
    raw = git.read("cat-file", "tag", sha).decode("utf-8", "replace")
    head, _, message = raw.partition("\n\n")
    fields = dict(line.split(" ", 1) for line in head.splitlines() if " " in line)
    return TagObject(
        sha=sha,
        name=fields["tag"],
        object_sha=fields["object"],
        object_type=fields["type"],
        tagger=_parse_signature(fields.get("tagger", "")),
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
    return read_commits(git, "--reverse", "--topo-order", head, f"^{base}", "--")


def at(moment: datetime) -> int:
    """Convert a time to the seconds since the epoch that git objects hold."""
    return int(moment.timestamp())


def account_signature(account: Account, moment: datetime) -> Signature:
    """Make an account an author, committer or tagger."""
    return Signature(account.display_name, account.email, at(moment))


def _parse_commit(record: str) -> Commit:
    fields: Sequence[str] = record.split("\x1f", _FIELDS - 1)
    return Commit(
        sha=fields[0],
        tree_sha=fields[1],
        parents=tuple(fields[2].split()),
        author=Signature(fields[3], fields[4], int(fields[5])),
        committer=Signature(fields[6], fields[7], int(fields[8])),
        message=fields[9].rstrip("\n"),
    )


def _parse_signature(text: str) -> Signature:
    name, _, rest = text.partition(" <")
    email, _, when = rest.partition("> ")
    seconds = when.split(" ", 1)[0]
    return Signature(name, email, int(seconds) if seconds.isdigit() else 0)
