"""What GraphQL shows of releases."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from dist_sandbox.github.graphql.leaf_nodes import ActorNode
from dist_sandbox.github.graphql.viewing import Viewer, connect
from dist_sandbox.github.releases.releases import Asset, Release, find_latest
from dist_sandbox.github.render.releases import render_asset, render_release
from dist_sandbox.github.state import Repository

#: Makes the node of a commit.
_MakeCommit = Callable[[Viewer, Repository, str], Any]


class ReleaseNode:
    """A release, or a draft of one."""

    typename: Final = "Release"

    def __init__(
        self,
        viewer: Viewer,
        repository: Repository,
        release: Release,
        make_commit: _MakeCommit,
        *,
        is_latest: bool,
    ) -> None:
        self._viewer, self._repository, self._release = viewer, repository, release
        self._make_commit = make_commit
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

    def tag_commit(self) -> Any:
        """Return the commit that its tag stands for; None where there is no such tag."""
        sha = self._repository.git.commit_of_tag(self.tag_name)
        return sha and self._make_commit(self._viewer, self._repository, sha)

    def release_assets(self, name: str | None = None, **arguments: Any) -> dict[str, Any]:
        """List its files, or those of one name, whose upload has ended."""
        nodes = [
            _describe_asset(asset, self._release, self._repository)
            for asset in self._release.assets
            if asset.state == "uploaded" and name in (None, asset.name)
        ]
        return connect("releaseAssets", nodes, arguments)


def _describe_asset(asset: Asset, release: Release, repository: Repository) -> dict[str, Any]:
    rendered = render_asset(asset, release, repository)
    return {
        **rendered,
        "id": rendered["node_id"],
        "download_url": rendered["browser_download_url"],
    }


def list_release_nodes(
    viewer: Viewer, repository: Repository, make_commit: _MakeCommit, tag: str | None = None
) -> list[ReleaseNode]:
    """List the releases that the viewer sees, or those of one tag; drafts are for who may write."""
    viewer.require(("contents", "read"))
    latest = find_latest(repository.releases, repository.latest_release_id)
    writes = viewer.principal.may("contents", "write")
    return [
        ReleaseNode(viewer, repository, release, make_commit, is_latest=release is latest)
        for release in repository.releases
        if (writes or not release.draft) and tag in (None, release.tag_name)
    ]


def order_releases(
    nodes: Sequence[ReleaseNode], order: Mapping[str, str] | None
) -> list[ReleaseNode]:
    """Put releases in the order that `orderBy` asks for; by date where it is left out."""
    field, direction = (order["field"], order["direction"]) if order else ("CREATED_AT", "ASC")

    def key(node: ReleaseNode) -> str:
        return (node.name or "") if field == "NAME" else str(node.created_at)

    return sorted(nodes, key=key, reverse=direction == "DESC")
