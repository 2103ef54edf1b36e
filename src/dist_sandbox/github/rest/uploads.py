"""The uploads address of GitHub's REST API: release assets come in here."""

from flask import Blueprint

from dist_sandbox.github.rest.catalogue import upload_operations
from dist_sandbox.github.rest.routes import add_answers
from dist_sandbox.world import World


def create_blueprint(world: World) -> Blueprint:
    """The uploads address, to be mounted at the root."""
    blueprint = Blueprint("github-uploads", __name__, url_prefix="/api/uploads")
    upload_operations().add_to(blueprint, world)
    add_answers(blueprint, world)
    return blueprint
