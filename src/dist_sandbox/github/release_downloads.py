"""Signed addresses from which release assets are downloaded without a token."""

import hmac

from flask import Blueprint, Response, request, send_file

from dist_sandbox.world import World


def create_blueprint(world: World) -> Blueprint:
    """The download host, to be mounted at the root.

    It is below `/api/`, since PyGithub follows redirects to the same host only there.
    """
    blueprint = Blueprint("release-assets", __name__, url_prefix="/api/release-assets")

    @blueprint.get("/<int:asset_id>")
    def download(asset_id: int) -> Response:
        signature = request.args.get("sig", "")
        found = world.github.find_asset(asset_id)
        signed_for = world.github.download_signatures.get(signature)
        if found is None or not hmac.compare_digest(str(signed_for), str(asset_id)):
            return Response("Not Found\n", status=404, content_type="text/plain")
        return send_file(
            found.path,
            mimetype="application/octet-stream",
            download_name=found.name,
            as_attachment=True,
        )

    return blueprint
