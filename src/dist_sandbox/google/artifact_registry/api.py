"""The Artifact Registry API: files of a repository, and what a caller may do with it.

Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories
"""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.api_errors import (
    ApiError,
    answer_api_errors,
    enforce_api_quota,
    require_bearer,
)
from dist_sandbox.google.artifact_registry.files_api import add_files_route
from dist_sandbox.google.artifact_registry.repositories import RepositoryName
from dist_sandbox.world import World

_READ_ONLY_SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only"

_SERVICE = "artifactregistry.googleapis.com"
_PERMISSION_PREFIX = "artifactregistry."


def create_blueprint(world: World) -> Blueprint:
    """The service, to be mounted at the root."""
    blueprint = Blueprint("artifact-registry-api", __name__, url_prefix="/artifact-registry-api")
    answer_api_errors(blueprint)
    enforce_api_quota(blueprint, world, "artifact-registry-api", _SERVICE)
    _refuse_where_disabled(blueprint, world)
    add_files_route(blueprint, world)

    @blueprint.post(
        "/v1/projects/<project>/locations/<location>/repositories/<repository>:testIamPermissions"
    )
    def test_permissions(project: str, location: str, repository: str) -> Response:
        """Which of the given permissions the caller holds; nobody needs one to ask."""
        caller = require_bearer(world, other_scope=_READ_ONLY_SCOPE)
        asked = _asked_permissions()
        target = world.google.repositories.get(RepositoryName(project, location, repository))
        # A resource that is not there is one on which nobody holds anything: no 404.
        members = caller.identity.members
        held = [one for one in asked if target is not None and target.permits(members, one)]
        # An empty list is no field at all in Google's JSON.
        return jsonify({"permissions": held} if held else {})

    return blueprint


def _refuse_where_disabled(blueprint: Blueprint, world: World) -> None:
    """Let the API answer as in a project where it is not enabled, for repositories that say so."""

    @blueprint.before_request
    def check() -> None:
        parts = request.view_args or {}
        if not {"project", "location", "repository"} <= set(parts):
            return
        name = RepositoryName(parts["project"], parts["location"], parts["repository"])
        target = world.google.repositories.get(name)
        if target is not None and target.settings.files_api == "disabled":
            require_bearer(world, other_scope=_READ_ONLY_SCOPE)
            raise _service_disabled(world.google.project_number(name.project_id))


def _service_disabled(project_number: int) -> ApiError:
    page = "https://console.developers.google.com/apis/api"
    return ApiError(
        "PERMISSION_DENIED",
        f"Artifact Registry API has not been used in project {project_number} before or it is "
        f"disabled. Enable it by visiting {page}/{_SERVICE}/overview?project={project_number} then "
        "retry. If you enabled this API recently, wait a few minutes for the action to propagate "
        "to our systems and retry.",
        reason="SERVICE_DISABLED",
        metadata={"service": _SERVICE, "consumer": f"projects/{project_number}"},
    )


def _asked_permissions() -> list[str]:
    """The permissions that the request asks for.

    Raises:
        ApiError: No list of the service's own permissions; a `*` is none.
    """
    body: Any = request.get_json(silent=True)
    asked = body.get("permissions", []) if isinstance(body, dict) else None
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise ApiError("INVALID_ARGUMENT", "Invalid JSON payload received.")
    for one in asked:
        if not one.startswith(_PERMISSION_PREFIX) or "*" in one:
            # From memory.
            raise ApiError("INVALID_ARGUMENT", f"Permission {one} is not valid for this resource.")
    return asked
