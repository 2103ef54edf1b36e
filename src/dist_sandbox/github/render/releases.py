"""The JSON of releases and their assets."""

from typing import Any
from urllib.parse import quote

from dist_sandbox.github.releases.releases import Asset, Release
from dist_sandbox.github.render.basics import (
    node_id,
    optional_timestamp,
    render_account,
    repository_api,
    repository_page,
    timestamp,
)
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.state import GitHub


def render_release(release: Release, repository: Repository, github: GitHub) -> dict[str, Any]:
    """GitHub's `release`."""
    addresses = github.addresses
    api = f"{repository_api(repository, addresses)}/releases/{release.release_id}"
    uploads = f"{addresses.github_uploads}/repos/{repository.full_name}"
    page = repository_page(repository, addresses)
    archive = f"{repository_api(repository, addresses)}/{{}}/refs/tags/{release.tag_name}"
    return {
        "url": api,
        "assets_url": f"{api}/assets",
        "upload_url": f"{uploads}/releases/{release.release_id}/assets{{?name,label}}",
        "html_url": f"{page}/releases/tag/{shown_tag(release)}",
        "id": release.release_id,
        "author": render_account(release.author, addresses),
        "node_id": node_id("Release", release.release_id),
        "tag_name": release.tag_name,
        "target_commitish": release.target,
        "name": release.name,
        "draft": release.draft,
        "immutable": release.immutable,
        "prerelease": release.prerelease,
        "created_at": timestamp(release.created_at),
        "updated_at": timestamp(release.updated_at),
        "published_at": optional_timestamp(release.published_at),
        "assets": [render_asset(one, release, repository, github) for one in release.assets],
        "tarball_url": None if release.draft else archive.format("tarball"),
        "zipball_url": None if release.draft else archive.format("zipball"),
        "body": release.body,
    }


def render_asset(
    asset: Asset, release: Release, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `release-asset`."""
    api = repository_api(repository, github.addresses)
    page = repository_page(repository, github.addresses)
    return {
        "url": f"{api}/releases/assets/{asset.asset_id}",
        "id": asset.asset_id,
        "node_id": node_id("ReleaseAsset", asset.asset_id),
        "name": asset.name,
        "label": asset.label,
        "uploader": render_account(asset.uploader, github.addresses),
        "content_type": asset.content_type,
        "state": asset.state,
        "size": asset.size_bytes,
        "digest": None if asset.sha256 is None else f"sha256:{asset.sha256}",
        "download_count": asset.download_count,
        "created_at": timestamp(asset.created_at),
        "updated_at": timestamp(asset.updated_at),
        "browser_download_url": (
            f"{page}/releases/download/{shown_tag(release)}/{quote(asset.name)}"
        ),
    }


def shown_tag(release: Release) -> str:
    """What stands for the tag in addresses; a draft's are of no use to strangers."""
    return release.draft_name if release.draft else release.tag_name
