"""All services of the simulated Google Cloud and their control, for the server to mount.

The control interface is not part of any simulated service. Its environments are named as in GitHub
(`dev`).
"""

from flask import Blueprint

from dist_sandbox.google.artifact_registry import api, python_hosts
from dist_sandbox.google.control import identity, repositories
from dist_sandbox.google.identity import iam_credentials, oauth, sts
from dist_sandbox.google.state import Google


def create_blueprints(google: Google) -> list[Blueprint]:
    """Create the blueprints; each knows its own address below the root."""
    control = Blueprint("google-control", __name__, url_prefix="/_sandbox")
    identity.add_routes(control, google)
    repositories.add_routes(control, google)
    return [
        sts.create_blueprint(google),
        oauth.create_blueprint(google),
        iam_credentials.create_blueprint(google),
        python_hosts.create_blueprint(google),
        api.create_blueprint(google),
        control,
    ]
