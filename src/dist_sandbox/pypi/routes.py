"""Both indexes and their control, for the server to mount."""

from flask import Blueprint

from dist_sandbox.pypi import control
from dist_sandbox.pypi.legacy import add_upload_routes
from dist_sandbox.pypi.simple import add_reading_routes
from dist_sandbox.pypi.state import Index
from dist_sandbox.pypi.trusted_publishing import add_minting_routes
from dist_sandbox.world import World


def create_blueprints(world: World) -> list[Blueprint]:
    """The blueprints; each knows its own address below the root."""
    indexes = [_create_index(world, index) for index in world.pypi.values()]
    return [*indexes, control.create_blueprint(world)]


def _create_index(world: World, index: Index) -> Blueprint:
    blueprint = Blueprint(f"index-{index.name}", __name__, url_prefix=f"/{index.name}")
    add_upload_routes(blueprint, world, index)
    add_reading_routes(blueprint, index)
    add_minting_routes(blueprint, world, index)
    return blueprint
