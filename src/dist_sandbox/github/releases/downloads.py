"""The bytes of release assets: at signed addresses, and at those of release pages."""

from flask import Blueprint, Response, request, send_file

from dist_sandbox.github.access.principals import authenticate
from dist_sandbox.github.releases.releases import Asset
from dist_sandbox.github.render.releases import shown_tag
from dist_sandbox.github.rest.errors import ApiError
from dist_sandbox.server.request_notes import note_principal
from dist_sandbox.world import World


def create_blueprint(world: World) -> Blueprint:
    """The downloads, to be mounted at the root.

    Signed addresses are below `/api/`, since PyGithub follows redirects to the same host only
    there.
    """
    blueprint = Blueprint("release-downloads", __name__)

    @blueprint.get("/api/release-assets/<int:asset_id>")
    def download_signed(asset_id: int) -> Response:
        """An asset for whoever has the signature."""
        signed_for = world.github.download_signatures.get(request.args.get("sig", ""))
        asset = world.github.find_asset(asset_id)
        return _absent() if asset is None or signed_for != asset_id else _send(asset)

    @blueprint.get("/<owner>/<name>/releases/download/<path:tag>/<file>")
    def download(owner: str, name: str, tag: str, file: str) -> Response:
        """An asset for whoever may read the repository."""
        asset = _find_readable(world, f"{owner}/{name}", tag, file)
        return _absent() if asset is None else _send(asset)

    return blueprint


def _find_readable(world: World, github_repository: str, tag: str, file: str) -> Asset | None:
    """The asset, for a caller who sees its release."""
    try:
        principal = authenticate(world, request.headers.get("Authorization", ""))
    except ApiError:
        return None
    repository = world.github.find_repository(*github_repository.split("/", 1))
    if principal is None or repository is None:
        return None
    note_principal(request.environ, principal.name)
    if not principal.sees(repository) or not principal.may("contents", "read"):
        return None
    for release in repository.releases:
        seen = not release.draft or principal.may("contents", "write")
        asset = release.asset_named(file)
        if seen and shown_tag(release) == tag and asset is not None:
            return asset if asset.state == "uploaded" else None
    return None


def _send(asset: Asset) -> Response:
    return send_file(
        asset.path,
        mimetype="application/octet-stream",
        download_name=asset.name,
        as_attachment=True,
    )


def _absent() -> Response:
    return Response("Not Found\n", status=404, content_type="text/plain; charset=utf-8")
