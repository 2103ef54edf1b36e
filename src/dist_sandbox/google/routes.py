"""All services of the simulated Google Cloud, for the server to mount."""

from flask import Blueprint

from dist_sandbox.google.artifact_registry import api, python_hosts
from dist_sandbox.google.control import routes as control
from dist_sandbox.google.identity import iam_credentials, oauth, sts
from dist_sandbox.world import World


def create_blueprints(world: World) -> list[Blueprint]:
    """The blueprints; each knows its own address below the root."""
    return [
        sts.create_blueprint(world),
        oauth.create_blueprint(world),
        iam_credentials.create_blueprint(world),
        python_hosts.create_blueprint(world),
        api.create_blueprint(world),
        control.create_blueprint(world),
    ]
