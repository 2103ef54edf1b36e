"""Writes commits straight into a bare repository, without a git process for each."""

import hashlib
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path


class ObjectStore:
    """A bare repository on disk, whose trees are flat."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for folder in ("objects", "refs/heads", "refs/tags"):
            (path / folder).mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/dev\n")
        (path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        self._written: set[str] = set()
        self._now = 1_700_000_000

    def tree(self, files: Mapping[str, bytes]) -> str:
        """Write a tree of files."""
        entries = sorted((name, self._write("blob", content)) for name, content in files.items())
        return self._write(
            "tree",
            b"".join(
                b"100644 " + name.encode() + b"\0" + bytes.fromhex(sha) for name, sha in entries
            ),
        )

    def commit(self, tree: str, parents: Sequence[str], message: str) -> str:
        """Write a commit, a minute after the one before."""
        self._now += 60
        signature = f"Dev <dev@example.com> {self._now} +0000"
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {signature}", f"committer {signature}", "", message]
        return self._write("commit", "\n".join(lines).encode())

    def point(self, ref: str, sha: str) -> None:
        """Set a branch or tag."""
        file = self.path / "refs" / ref
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{sha}\n")

    def adopt(self, repository: Path) -> None:
        """Take over all loose objects of another bare repository."""
        for file in (repository / "objects").glob("??/*"):
            copy = self.path / "objects" / file.parent.name / file.name
            if not copy.exists():
                copy.parent.mkdir(exist_ok=True)
                shutil.copyfile(file, copy)

    def _write(self, kind: str, content: bytes) -> str:
        data = f"{kind} {len(content)}\0".encode() + content
        sha = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        if sha not in self._written:
            self._written.add(sha)
            file = self.path / "objects" / sha[:2] / sha[2:]
            file.parent.mkdir(exist_ok=True)
            if not file.exists():
                file.write_bytes(zlib.compress(data, 1))
        return sha
