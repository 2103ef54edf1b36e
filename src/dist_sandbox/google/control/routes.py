"""Control of the simulated Google Cloud: what an administrator would change there.

Not part of any simulated service. Environments are named as in GitHub (`dev`).
"""

from datetime import timedelta

from flask import Blueprint, Response, jsonify

from dist_sandbox.google.control.identity import (
    ROLES,
    add_account_routes,
    add_key_routes,
    add_pool_routes,
    add_provider_routes,
)
from dist_sandbox.google.control.repositories import add_quota_route, add_repository_routes
from dist_sandbox.google.control.requests import body, environment, refuse, truth
from dist_sandbox.google.identity.access_tokens import CLOUD_PLATFORM
from dist_sandbox.world import World

_TOKEN_LIFETIME = timedelta(hours=1)


def create_blueprint(world: World) -> Blueprint:
    """The control interface, to be mounted at the root."""
    blueprint = Blueprint("google-control", __name__, url_prefix="/_sandbox")
    _add_token_routes(blueprint, world)
    add_provider_routes(blueprint, world)
    add_pool_routes(blueprint, world)
    add_account_routes(blueprint, world)
    add_key_routes(blueprint, world)
    add_repository_routes(blueprint, world)
    add_quota_route(blueprint, world)
    return blueprint


def _add_token_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/access-tokens")
    def make_access_token() -> Response:
        """An access token without federation, for whoever installs or prepares an index."""
        given = body()
        found = environment(world, str(given.get("environment", "")))
        role = given.get("role", "reader")
        if role not in ROLES:
            refuse(f"role is one of {', '.join(ROLES)}")
        lifetime = given.get("lifetime_seconds", _TOKEN_LIFETIME.total_seconds())
        token = world.google.tokens.issue(
            world.google.identity(found, writes=role == "writer"),
            scopes=frozenset({CLOUD_PLATFORM}),
            expires_at=world.clock.now() + timedelta(seconds=float(lifetime)),
        )
        return jsonify(token=token.value)

    @blueprint.patch("/google/settings")
    def change_settings() -> Response:
        world.google.refuses_replay = truth(body(), "refuses_replay")
        return jsonify(refuses_replay=world.google.refuses_replay)

    @blueprint.post("/google/reset")
    def reset() -> tuple[str, int]:
        """Set everything up anew; files and issued tokens stay."""
        world.google.set_up()
        return "", 204
