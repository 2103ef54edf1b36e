"""Where the bytes of a release come from: the records in its manifest; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CarriedFrom:
    """The release of an earlier environment whose files were taken over unchanged.

    Attributes:
        commit_sha: What its tag pointed to, peeled.
        tree_sha: Tree of that commit.
        manifest_sha256: Digest of the manifest that its release held.
    """

    environment: str
    tag: str
    commit_sha: str
    tree_sha: str
    manifest_sha256: str

    def to_json(self) -> dict[str, str]:
        """The record as the manifest holds it."""
        return {
            "environment": self.environment,
            "tag": self.tag,
            "commit": self.commit_sha,
            "tree": self.tree_sha,
            "manifest-sha256": self.manifest_sha256,
        }


@dataclass(frozen=True)
class FirstBuild:
    """The release that the bytes were built for; all later ones carry them."""

    environment: str
    tag: str
    commit_sha: str

    def to_json(self) -> dict[str, str]:
        """The record as the manifest holds it."""
        return {"environment": self.environment, "tag": self.tag, "commit": self.commit_sha}


def parse_carried_from(data: Mapping[str, Any] | None) -> CarriedFrom | None:
    """Read the record; None stands for files that were built.

    Raises:
        KeyError: Something is missing from it.
        TypeError: It is no table.
    """
    if data is None:
        return None
    return CarriedFrom(
        environment=str(data["environment"]),
        tag=str(data["tag"]),
        commit_sha=str(data["commit"]),
        tree_sha=str(data["tree"]),
        manifest_sha256=str(data["manifest-sha256"]),
    )


def parse_first_build(data: Mapping[str, Any] | None) -> FirstBuild | None:
    """Read the record; None where the manifest is from before there was one.

    Raises:
        KeyError: Something is missing from it.
        TypeError: It is no table.
    """
    if data is None:
        return None
    return FirstBuild(str(data["environment"]), str(data["tag"]), str(data["commit"]))
