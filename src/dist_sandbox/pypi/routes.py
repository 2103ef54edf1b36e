"""Both indexes and their control, for the server to mount."""

from collections.abc import Mapping

from flask import Blueprint

from dist_sandbox.clock import Clock
from dist_sandbox.keys.issuer_keys import IssuerKeys
from dist_sandbox.pypi import control
from dist_sandbox.pypi.json_api import add_json_routes
from dist_sandbox.pypi.legacy import add_upload_routes
from dist_sandbox.pypi.simple import add_reading_routes
from dist_sandbox.pypi.state import IndexName, PackageIndex
from dist_sandbox.pypi.trusted_publishing import add_minting_routes


def create_blueprints(
    indexes: Mapping[IndexName, PackageIndex], clock: Clock, keys: IssuerKeys
) -> list[Blueprint]:
    """Create the blueprints, each with its own path; `keys` are those of issuers of ID tokens."""
    blueprints = [control.create_blueprint(indexes, clock)]
    for name, index in indexes.items():
        blueprint = Blueprint(f"index-{name}", __name__, url_prefix=f"/{name}")
        add_upload_routes(blueprint, index, clock)
        add_reading_routes(blueprint, index)
        add_json_routes(blueprint, index)
        add_minting_routes(blueprint, index, clock, keys)
        blueprints.append(blueprint)
    return blueprints
