"""What a run's jobs ask their runner for: artifacts, and whether their environment let them in.

GitHub gives each run a token for it, which ends with the run; so does the sandbox.
"""

from flask import Blueprint, abort, jsonify, make_response, request

from dist_sandbox.artifacts import ArtifactStore, create_artifact_routes
from dist_sandbox.github.workflows.control import add_waiting_routes
from dist_sandbox.server.admission import is_token
from dist_sandbox.world import World


def create_blueprint(world: World) -> Blueprint:
    """Create the runner's interface, to be mounted at the root."""
    blueprint = Blueprint("runner", __name__, url_prefix="/_runner")
    create_artifact_routes(blueprint, ArtifactStore(world.state / "artifacts"))
    add_waiting_routes(blueprint, world.github)

    @blueprint.before_request
    def require_run_token() -> None:
        """Refuse whoever does not hold the token of the run that the address names."""
        run_id = (request.view_args or {}).get("run_id")
        _, run = world.github.find_run(run_id) or (None, None)
        token = run.runtime_token if run is not None and run.conclusion is None else ""
        if not is_token(request.headers.get("Authorization", ""), token):
            abort(make_response(jsonify(message="this needs the token of a run in progress"), 401))

    return blueprint
