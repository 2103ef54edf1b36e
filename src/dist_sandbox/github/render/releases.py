"""The JSON of releases and their assets."""

from typing import Any
from urllib.parse import quote

from dist_sandbox.github.releases.releases import Asset, Release
from dist_sandbox.github.render.basics import node_id, optional_timestamp, render_account, timestamp
from dist_sandbox.github.state import Repository


def render_release(release: Release, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `release`."""
    github = repository.github
    api = f"{repository.api_url}/releases/{release.release_id}"
    uploads = f"{github.addresses.github_uploads}/repos/{repository.full_name}"
    archive = f"{repository.api_url}/{{}}/refs/tags/{release.tag_name}"
    return {
        "url": api,
        "assets_url": f"{api}/assets",
        "upload_url": f"{uploads}/releases/{release.release_id}/assets{{?name,label}}",
        "html_url": f"{repository.html_url}/releases/tag/{tag_in_address(release)}",
        "id": release.release_id,
        "author": render_account(release.author, github),
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
        "assets": [render_asset(asset, release, repository) for asset in release.assets],
        "tarball_url": None if release.draft else archive.format("tarball"),
        "zipball_url": None if release.draft else archive.format("zipball"),
        "body": release.body,
    }


def render_asset(asset: Asset, release: Release, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `release-asset`."""
    return {
        "url": f"{repository.api_url}/releases/assets/{asset.asset_id}",
        "id": asset.asset_id,
        "node_id": node_id("ReleaseAsset", asset.asset_id),
        "name": asset.name,
        "label": asset.label,
        "uploader": render_account(asset.uploader, repository.github),
        "content_type": asset.content_type,
        "state": asset.state,
        "size": asset.size_bytes,
        "digest": None if asset.sha256 is None else f"sha256:{asset.sha256}",
        "download_count": asset.download_count,
        "created_at": timestamp(asset.created_at),
        "updated_at": timestamp(asset.updated_at),
        "browser_download_url": (
            f"{repository.html_url}/releases/download/{tag_in_address(release)}/{quote(asset.name)}"
        ),
    }


def tag_in_address(release: Release) -> str:
    """Name what stands for the tag in addresses; a draft's are of no use to strangers."""
    return release.draft_name if release.draft else release.tag_name
