"""What GraphQL shows of releases."""

from collections.abc import Mapping, Sequence
from typing import Final

from dist_sandbox.github.graphql.leaf_nodes import ActorNode
from dist_sandbox.github.graphql.viewing import Viewer
from dist_sandbox.github.releases.releases import Release, find_latest
from dist_sandbox.github.render.releases import render_release
from dist_sandbox.github.state import Repository


class ReleaseNode:
    """A release, or a draft of one."""

    typename: Final = "Release"

    def __init__(
        self, viewer: Viewer, repository: Repository, release: Release, *, is_latest: bool
    ) -> None:
        rendered = render_release(release, repository)
        self.id, self.database_id = rendered["node_id"], rendered["id"]
        self.url = rendered["html_url"]
        self.tag_name, self.name, self.description = release.tag_name, release.name, release.body
        self.is_draft, self.is_prerelease = release.draft, release.prerelease
        self.is_latest, self.immutable = is_latest, release.immutable
        self.created_at, self.updated_at = rendered["created_at"], rendered["updated_at"]
        self.published_at = rendered["published_at"]
        # As on GitHub: an author is a person, and an App is none.
        is_person = release.author.kind == "User"
        self.author = ActorNode(viewer, release.author) if is_person else None


def list_release_nodes(viewer: Viewer, repository: Repository) -> list[ReleaseNode]:
    """List the releases that the viewer sees; drafts are for who may write."""
    viewer.require(("contents", "read"))
    latest = find_latest(repository.releases, repository.latest_release_id)
    writes = viewer.principal.may("contents", "write")
    return [
        ReleaseNode(viewer, repository, release, is_latest=release is latest)
        for release in repository.releases
        if writes or not release.draft
    ]


def order_releases(
    nodes: Sequence[ReleaseNode], order: Mapping[str, str] | None
) -> list[ReleaseNode]:
    """Put releases in the order that `orderBy` asks for; by date where it is left out."""
    field, direction = (order["field"], order["direction"]) if order else ("CREATED_AT", "ASC")

    def key(node: ReleaseNode) -> str:
        return (node.name or "") if field == "NAME" else str(node.created_at)

    return sorted(nodes, key=key, reverse=direction == "DESC")
