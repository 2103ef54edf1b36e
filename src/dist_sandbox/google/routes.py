"""All services of the simulated Google Cloud, for the server to mount."""

from flask import Blueprint

from dist_sandbox.google import (
    artifact_registry,
    control,
    iam_credentials,
    oauth,
    repository_api,
    sts,
)
from dist_sandbox.world import World


def create_blueprints(world: World) -> list[Blueprint]:
    """The blueprints; each knows its own address below the root."""
    return [
        sts.create_blueprint(world),
        oauth.create_blueprint(world),
        iam_credentials.create_blueprint(world),
        artifact_registry.create_blueprint(world),
        repository_api.create_blueprint(world),
        control.create_blueprint(world),
    ]
