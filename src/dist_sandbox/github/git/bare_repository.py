"""A bare git repository, driven through git's plumbing; it knows nothing of HTTP or permissions."""

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dist_sandbox.errors import GitFailedError
from dist_sandbox.github.git import loose_objects
from dist_sandbox.github.git.loose_objects import NotLooseError

#: The object name that stands for "no object" in ref updates.
ZERO = "0" * 40

#: What a repository is given on top of git's defaults; as a file, since a process for each
#: setting takes longer than everything else.
_CONFIG = """\
[receive]
\thideRefs = refs/pull
\tdenyDeleteCurrent = refuse
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
[gc]
\tauto = 0
"""

_REF_FORMAT = "%(objectname) %(objecttype) %(*objectname) %(refname)"


@dataclass(frozen=True)
class Ref:
    """A ref, by its full name, and the object that it holds: of an annotated tag, the tag object.

    `commit_sha` is the peeled object.
    """

    name: str
    sha: str
    object_type: str
    commit_sha: str


class BareRepository:
    """One bare repository on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, *, default_branch: str) -> "BareRepository":
        """Make an empty repository that accepts pushes; keep an existing one."""
        repository = cls(path)
        if not (path / "HEAD").exists():
            path.mkdir(parents=True, exist_ok=True)
            repository.git(
                "init", "--quiet", "--bare", f"--initial-branch={default_branch}", str(path)
            )
            with (path / "config").open("a", encoding="utf-8") as config:
                config.write(_CONFIG)
        return repository

    def borrow_objects(self, folders: Iterable[Path]) -> None:
        """Read objects where other repositories have them; their refs are never asked for."""
        self.git("config", "core.alternateRefsCommand", "true")
        alternates = self.path / "objects" / "info" / "alternates"
        alternates.write_text("".join(f"{folder}\n" for folder in folders), encoding="utf-8")

    def git(self, *arguments: str, **options: Any) -> str:
        """Run a git command that must succeed, and return what it printed, stripped.

        Args:
            options: As of `run`.

        Raises:
            GitFailedError: It ended with another status than 0.
        """
        return self.read(*arguments, **options).decode("utf-8", errors="replace").strip()

    def git_or_none(self, *arguments: str) -> str | None:
        """Run a git command for which failure means "not here"."""
        result = self.run(*arguments)
        if result.returncode != 0:
            return None
        return result.stdout.decode("utf-8", errors="replace").strip()

    def read(self, *arguments: str, **options: Any) -> bytes:
        """Run a git command that must succeed, and return its bytes as they are."""
        result = self.run(*arguments, **options)
        if result.returncode != 0:
            raise GitFailedError(arguments, result.stderr.decode(errors="replace"))
        return result.stdout

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run a git command whose exit status means something.

        Args:
            folder: Where it runs, for commands that read a work tree.
        """
        return subprocess.run(
            ["git", *arguments],
            cwd=folder or self.path,
            input=stdin,
            capture_output=True,
            env={**isolated_git_environment(), "GIT_DIR": str(self.path), **(env or {})},
            check=False,
        )

    def refs(self, prefix: str) -> Iterator[Ref]:
        """List the refs whose full names start with `prefix`, in order of name."""
        if not _is_pattern(prefix):
            # `*` stops at a slash; the second pattern takes what lies in folders below.
            below = (prefix,) if prefix.endswith("/") else (f"{prefix}*", f"{prefix}*/**")
            yield from self._list_refs(*below)

    def ref(self, name: str) -> Ref | None:
        """Find the ref of exactly this full name."""
        if not name.startswith("refs/") or _is_pattern(name):
            return None
        try:
            sha = loose_objects.read_ref(self.path, name)
            if sha is None:
                return None
            kind = loose_objects.read_object(self.path, sha)[0]
            return Ref(name, sha, kind, loose_objects.peel(self.path, sha))
        except NotLooseError:
            # Bytes that are no UTF-8 are read as U+FFFD, for which git would look in vain.
            pattern = name.replace("\ufffd", "*")
            return next((ref for ref in self._list_refs(pattern) if ref.name == name), None)

    def read_ref(self, name: str) -> str | None:
        """Read the name of the object that a ref holds; None where there is no such ref."""
        try:
            return loose_objects.read_ref(self.path, name)
        except NotLooseError:
            ref = self.ref(name)
            return None if ref is None else ref.sha

    def branch(self, name: str) -> Ref | None:
        """Find the branch of this short name."""
        return self.ref(f"refs/heads/{name}")

    def tag(self, name: str) -> Ref | None:
        """Find the tag of this short name."""
        return self.ref(f"refs/tags/{name}")

    def update_ref(self, name: str, new: str, *, old: str | None = None) -> bool:
        """Set a ref; with `old` only if it holds that (`ZERO`: if it is absent).

        Returns:
            Whether the ref was set; False means that it held something else.
        """
        expected = () if old is None else (old,)
        return self.git_or_none("update-ref", name, new, *expected) is not None

    def delete_ref(self, name: str) -> None:
        """Remove a ref."""
        self.git("update-ref", "-d", name)

    def is_valid_ref_name(self, name: str) -> bool:
        """Tell whether git accepts this full ref name."""
        return self.git_or_none("check-ref-format", name) is not None

    def object_type(self, sha: str) -> str | None:
        """Return the type of an object; None where there is none of this name."""
        if not is_sha(sha):
            return None
        try:
            return loose_objects.read_object(self.path, sha)[0]
        except NotLooseError:
            return self.git_or_none("cat-file", "-t", sha)

    def find_object(self, revision: str) -> tuple[str, str] | None:
        """Find the object of a revision such as `main:README.md`: its name and its type."""
        if not revision or "\n" in revision:
            return None
        try:
            return loose_objects.find_object(self.path, revision)
        except NotLooseError:
            pass
        printed = self.read("cat-file", "--batch-check", stdin=f"{revision}\n".encode())
        oid, _, rest = printed.decode("utf-8", "replace").partition(" ")
        return (oid, rest.split()[0]) if is_sha(oid) and rest[:1] in "bct" else None

    def read_objects(self, shas: Sequence[str], kind: str) -> list[bytes]:
        """Read the contents of objects of this type: `blob`, `commit` or `tag`.

        Raises:
            GitFailedError: One is not there, or is of another type.
        """
        try:
            return [loose_objects.read_content(self.path, sha, kind) for sha in shas]
        except NotLooseError:
            pass
        names = "".join(f"{sha}^{{{kind}}}\n" for sha in shas)
        printed = self.read("cat-file", "--batch", stdin=names.encode())
        contents, begin = [], 0
        for sha in shas:
            end = printed.index(b"\n", begin)
            size = printed[begin:end].split()[-1]
            if not size.isdigit():
                raise GitFailedError(("cat-file", kind, sha), printed[begin:end].decode())
            begin = end + 1 + int(size) + 1
            contents.append(printed[end + 1 : begin - 1])
        return contents

    def list_between(self, base: str, head: str) -> list[str]:
        """List the commits that `head` has and `base` lacks, oldest first."""
        try:
            return loose_objects.list_line(self.path, base, head)
        except NotLooseError:
            pass
        return self.git("rev-list", "--reverse", "--topo-order", head, f"^{base}", "--").split()

    def commit_of_tag(self, name: str) -> str | None:
        """Find the commit that the tag of this short name stands for; None where there is none."""
        try:
            return loose_objects.find_commit(self.path, f"refs/tags/{name}")
        except NotLooseError:
            tag = self.tag(name)
            return None if tag is None else tag.commit_sha

    def resolve_commit(self, revision: str) -> str | None:
        """Find the commit that an object name, a full ref, a branch or a tag stands for.

        Spec: https://docs.github.com/en/rest/commits/commits#get-a-commit
        """
        exact = is_sha(revision) or revision.startswith("refs/")
        short = (f"refs/{revision}", f"refs/heads/{revision}", f"refs/tags/{revision}")
        for candidate in (revision,) if exact else short:
            try:
                commit = loose_objects.find_commit(self.path, candidate)
            except NotLooseError:
                commit = self.git_or_none(
                    "rev-parse", "--verify", "--quiet", "--end-of-options", candidate + "^{commit}"
                )
            if commit:
                return commit
        return None

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Tell whether `older` can be reached from `newer` (a commit reaches itself)."""
        try:
            return loose_objects.is_ancestor(self.path, older, newer)
        except NotLooseError:
            pass
        return self.run("merge-base", "--is-ancestor", older, newer).returncode == 0

    def _list_refs(self, *patterns: str) -> Iterator[Ref]:
        lines = self.git("for-each-ref", f"--format={_REF_FORMAT}", *patterns)
        for line in lines.split("\n") if lines else ():
            sha, object_type, peeled, name = line.split(" ", 3)
            yield Ref(name=name, sha=sha, object_type=object_type, commit_sha=peeled or sha)


def isolated_git_environment() -> dict[str, str]:
    """Make the environment for git without the user's configuration, so that nothing shows."""
    inherited = ("PATH", "TMPDIR", "SYSTEMROOT")
    return {
        **{name: os.environ[name] for name in inherited if name in os.environ},
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def is_sha(text: str) -> bool:
    """Tell whether `text` is a full object name: 40 lowercase hex digits."""
    return len(text) == 40 and all(char in "0123456789abcdef" for char in text)


def _is_pattern(name: str) -> bool:
    """Tell whether git would read a name as a pattern; no ref has such a name."""
    return any(char in name for char in "*?[\\\0")
