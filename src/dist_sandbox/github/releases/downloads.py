"""The bytes of release assets: at signed addresses, and at those of release pages."""

from flask import Blueprint, Response, request, send_file

from dist_sandbox.github.access.authentication import authenticate
from dist_sandbox.github.access.principals import ANONYMOUS
from dist_sandbox.github.releases.releases import Asset
from dist_sandbox.github.render.releases import tag_in_address
from dist_sandbox.github.rest.errors import GitHubError
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.server.request_notes import note_principal


def create_blueprint(github: GitHub) -> Blueprint:
    """Serve the downloads, to be mounted at the root.

    Signed addresses are below `/api/`, since PyGithub follows redirects to the same host only
    there.
    """
    blueprint = Blueprint("release-downloads", __name__)

    @blueprint.get("/api/release-assets/<int:asset_id>")
    def download_signed(asset_id: int) -> Response:
        """Send an asset to whoever has the signature."""
        signed_for = github.download_signatures.get(request.args.get("sig", ""))
        asset = github.find_asset(asset_id)
        return _absent() if asset is None or signed_for != asset_id else _send(asset)

    @blueprint.get("/<owner>/<name>/releases/download/<path:tag>/<file>")
    def download(owner: str, name: str, tag: str, file: str) -> Response:
        """Send an asset to whoever may read the repository."""
        asset = _find_readable(github, github.find_repository(owner, name), tag, file)
        return _absent() if asset is None else _send(asset)

    return blueprint


def _find_readable(
    github: GitHub, repository: Repository | None, tag: str, file: str
) -> Asset | None:
    """Find the asset, for a caller who sees its release."""
    try:
        principal = authenticate(github, request.headers.get("Authorization", ""))
    except GitHubError:
        return None
    if repository is None:
        return None
    is_open = repository.is_open("contents")
    if principal is None:
        principal = ANONYMOUS
    note_principal(request.environ, principal.name)
    visible = principal.sees(repository.repository_id) and principal.may("contents", "read")
    if not (is_open or visible):
        return None
    for release in repository.releases:
        visible = not release.draft or principal.may("contents", "write")
        asset = release.asset_named(file)
        if visible and tag_in_address(release) == tag and asset is not None:
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
