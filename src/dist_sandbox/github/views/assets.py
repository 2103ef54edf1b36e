"""Operations on release assets: upload, list, download, delete."""

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect
from werkzeug.exceptions import ClientDisconnected

from dist_sandbox.github.releases.releases import Asset, Release, asset_name
from dist_sandbox.github.render.releases import render_asset
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import GitHubError, existing, not_found, validation_failed
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rest.pagination import reply_list
from dist_sandbox.server.request_notes import note_file

operations = Operations()
uploads = Operations()

_ASSET = f"{REPO}/releases/assets/{{asset_id}}"


@operations.operation(f"GET {REPO}/releases/{{release_id}}/assets", "contents=read")
def list_assets(call: Call, release_id: int) -> Response:
    """List the assets of a release, in order of upload."""
    release = find_visible_release(call, release_id)
    return reply_list(call, release.assets, lambda asset, _: _render(call, asset, release))


@uploads.operation(f"POST {REPO}/releases/{{release_id}}/assets", "contents=write", locked=False)
def upload_asset(call: Call, release_id: int) -> Response:
    """Take a file; its body comes as it is."""
    with call.github.lock:
        release = find_visible_release(call, release_id)
        asset = _begin(call, release, call.query)
    try:
        complete = asset.receive(call.request.stream, expected_bytes=call.request.content_length)
    except (ClientDisconnected, ConnectionError):
        complete = False
    if not complete:
        # The asset stays as a `starter`, as it does on GitHub.
        raise GitHubError(400, "Bad Content-Length")
    asset.updated_at = call.now()
    note_file(call.request.environ, asset.name, asset.sha256 or "")
    return reply(_render(call, asset, release), 201)


@operations.operation(f"GET {_ASSET}", "contents=read")
def get_asset(call: Call, asset_id: int) -> Response:
    """Get an asset's description, or with `Accept: application/octet-stream` its bytes."""
    release, asset = _find(call, asset_id)
    if "application/octet-stream" not in call.request.headers.get("Accept", ""):
        return reply(_render(call, asset, release))
    if asset.state != "uploaded":
        raise not_found()
    asset.download_count += 1
    signature = call.github.sign_download(asset_id)
    location = f"{call.github.addresses.release_assets}/{asset_id}?sig={signature}"
    return redirect(location, 302)  # type: ignore[return-value]


@operations.operation(f"DELETE {_ASSET}", "contents=write")
def delete_asset(call: Call, asset_id: int) -> Response:
    """Delete an asset."""
    release, asset = _find(call, asset_id)
    if release.immutable:
        raise GitHubError(422, "Cannot delete asset from an immutable release.")
    release.assets.remove(asset)
    asset.path.unlink(missing_ok=True)
    return reply(None, 204)


def _begin(call: Call, release: Release, query: Mapping[str, str]) -> Asset:
    """Take the name of a new asset before its bytes arrive."""
    name = asset_name(query.get("name", ""))
    if not name:
        raise validation_failed("ReleaseAsset", "missing_field", field="name")
    if release.immutable:
        raise GitHubError(422, "Cannot upload assets to an immutable release.")
    if release.asset_named(name) is not None:
        raise validation_failed("ReleaseAsset", "already_exists", field="name")
    now, asset_id = call.now(), call.github.next_id()
    asset = Asset(
        asset_id=asset_id,
        name=name,
        label=query.get("label", ""),
        content_type=call.request.headers.get("Content-Type", "application/octet-stream"),
        uploader=call.principal.account,
        created_at=now,
        updated_at=now,
        path=call.repository.assets_folder / str(asset_id),
    )
    release.assets.append(asset)
    return asset


def find_visible_release(call: Call, release_id: int) -> Release:
    """Find a release; a draft only for those who may push.

    Raises:
        GitHubError: 404 where there is none that the caller may see.
    """
    release = existing(call.repository.release(release_id))
    _require_visible(call, release)
    return release


def _find(call: Call, asset_id: int) -> tuple[Release, Asset]:
    release, asset = existing(call.repository.asset(asset_id))
    _require_visible(call, release)
    return release, asset


def _require_visible(call: Call, release: Release) -> None:
    if release.draft and not call.principal.may("contents", "write"):
        raise not_found()


def _render(call: Call, asset: Asset, release: Release) -> dict[str, Any]:
    return render_asset(asset, release, call.repository)
