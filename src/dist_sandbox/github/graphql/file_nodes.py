"""Git objects of GraphQL queries that stand for files: trees and blobs.

Spec: https://docs.github.com/en/graphql/reference/objects#blob
"""

import base64
from functools import cached_property
from typing import Any

from dist_sandbox.github.graphql.viewing import Viewer
from dist_sandbox.github.render.basics import node_id
from dist_sandbox.github.state import Repository

#: In bytes. GitHub cuts the text of a larger blob and says so.
#: Source: `isTruncated` and `text` in answers of GitHub.
_LONGEST_TEXT = 512_000
#: A byte of zero among the first ones makes a blob binary, as for git.
_PROBED_BYTES = 8000


class GitNode:
    """An object of git."""

    def __init__(self, viewer: Viewer, repository: Repository, oid: str, kind: str) -> None:
        self.viewer, self.repository, self.oid = viewer, repository, oid
        self.typename = kind.capitalize()
        self.id = node_id(self.typename, oid)
        self.abbreviated_oid = oid[:7]


class TreeNode(GitNode):
    """A folder."""

    def __init__(self, viewer: Viewer, repository: Repository, oid: str) -> None:
        super().__init__(viewer, repository, oid, "tree")

    def entries(self) -> list[dict[str, Any]]:
        """List what it holds, in git's order."""
        printed = self.repository.git.read("ls-tree", "-z", self.oid)
        return [_describe_entry(self, line) for line in printed.split(b"\0") if line]


class BlobNode(GitNode):
    """The content of a file, or the target of a symbolic link."""

    def __init__(self, viewer: Viewer, repository: Repository, oid: str) -> None:
        super().__init__(viewer, repository, oid, "blob")

    @cached_property
    def _data(self) -> bytes:
        return self.repository.git.read_objects([self.oid], "blob")[0]

    @property
    def byte_size(self) -> int:
        """Return how many bytes it has."""
        return len(self._data)

    @property
    def is_binary(self) -> bool:
        """Tell whether it is no text."""
        return b"\0" in self._data[:_PROBED_BYTES]

    @property
    def is_truncated(self) -> bool:
        """Tell whether its text is cut."""
        return len(self._data) > _LONGEST_TEXT

    @property
    def text(self) -> str | None:
        """Return its text, cut where it is long; None for what is binary."""
        return None if self.is_binary else self._data[:_LONGEST_TEXT].decode("utf-8", "replace")


def _describe_entry(tree: TreeNode, line: bytes) -> dict[str, Any]:
    """Describe a line of `git ls-tree -z`."""
    head, _, name = line.partition(b"\t")
    mode, kind, oid = head.decode("ascii").split()
    nodes = {"tree": TreeNode, "blob": BlobNode}
    node = nodes[kind](tree.viewer, tree.repository, oid) if kind in nodes else None
    return {
        "name": name.decode("utf-8", "replace"),
        "name_raw": base64.b64encode(name).decode("ascii"),
        "mode": int(mode, 8),
        "type": kind,
        "oid": oid,
        "object": node,
    }
