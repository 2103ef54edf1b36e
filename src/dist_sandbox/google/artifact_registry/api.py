"""The Artifact Registry API: files of a repository, and what a caller may do with it.

Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories
and …/projects.locations.repositories.files, list and download
"""

import base64
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request, send_file

from dist_sandbox.file_digests import file_digest
from dist_sandbox.google.api_errors import (
    GoogleApiError,
    answer_api_errors,
    enforce_api_quota,
    invalid_argument,
    permission_denied,
    read_json_object,
    require_bearer,
)
from dist_sandbox.google.artifact_registry import resources_api
from dist_sandbox.google.artifact_registry.repositories import (
    DOWNLOAD_FILES,
    LIST_FILES,
    PackageRepository,
    RepositoryName,
)
from dist_sandbox.google.state import Google
from dist_sandbox.uploads import parse_filename

_READ_ONLY_SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only"

_SERVICE = "artifactregistry.googleapis.com"
_PERMISSION_PREFIX = "artifactregistry."

_REPOSITORY = "/v1/projects/<project>/locations/<location>/repositories/<repository>"
_OWNER_FILTER = re.compile(r'owner\s*=\s*"([^"]*)"')
_DEFAULT_PAGE_SIZE = 1000
_BAD_ARGUMENT = "Request contains an invalid argument."


def create_blueprint(google: Google) -> Blueprint:
    """Create the service, to be mounted at the root."""
    blueprint = Blueprint("artifact-registry-api", __name__, url_prefix="/artifact-registry-api")
    answer_api_errors(blueprint)
    enforce_api_quota(blueprint, google, "artifact-registry-api", _SERVICE)
    _refuse_where_disabled(blueprint, google)
    resources_api.add_routes(blueprint, google)

    @blueprint.get(f"{_REPOSITORY}/files")
    def list_files(project: str, location: str, repository: str) -> Response:
        """List the files with their hashes."""
        target = _listable_repository(google, RepositoryName(project, location, repository))
        owner = _owner_filter()
        files = [_file_json(target, path) for path in target.files()]
        files = [file for file in files if owner in (None, file["owner"])]
        start, size = _page_bounds()
        answer: dict[str, Any] = {"files": files[start : start + size]}
        if start + size < len(files):
            answer["nextPageToken"] = str(start + size)
        return jsonify(answer)

    @blueprint.get(f"{_REPOSITORY}/files/<path:file_id>:download")
    def download_file(project: str, location: str, repository: str, file_id: str) -> Response:
        """Send a file's bytes to who asks for media."""
        name = RepositoryName(project, location, repository)
        caller = require_bearer(google, other_scope=_READ_ONLY_SCOPE)
        target = google.repositories.get(name)
        if target is None or not target.permits(caller.identity.members, DOWNLOAD_FILES):
            resource = f"//{_SERVICE}/{name.resource_name}"
            raise permission_denied(DOWNLOAD_FILES, resource, domain=_SERVICE)
        path = target.folder / Path(file_id).name
        if not path.is_file() or _file_id(path) != file_id:
            # From memory.
            raise GoogleApiError("NOT_FOUND", "Requested entity was not found.")
        if request.args.get("alt") != "media":
            return jsonify({})
        return send_file(path, mimetype="application/octet-stream")

    @blueprint.post(f"{_REPOSITORY}:testIamPermissions")
    def test_permissions(project: str, location: str, repository: str) -> Response:
        """Tell which of the given permissions the caller holds; nobody needs one to ask."""
        members = require_bearer(google, other_scope=_READ_ONLY_SCOPE).identity.members
        permissions = _requested_permissions()
        target = google.repositories.get(RepositoryName(project, location, repository))
        # A resource that is not there is one on which nobody holds anything: no 404.
        if target is None:
            return jsonify({})
        granted = [name for name in permissions if target.permits(members, name)]
        # An empty list is no field at all in Google's JSON.
        return jsonify({"permissions": granted} if granted else {})

    return blueprint


def _refuse_where_disabled(blueprint: Blueprint, google: Google) -> None:
    """Let the API answer as in a project where it is not enabled, for repositories that say so."""

    @blueprint.before_request
    def check() -> None:
        parts = request.view_args or {}
        if not {"project", "location", "repository"} <= set(parts):
            return
        name = RepositoryName(parts["project"], parts["location"], parts["repository"])
        target = google.repositories.get(name)
        if target is not None and target.settings.files_api == "disabled":
            require_bearer(google, other_scope=_READ_ONLY_SCOPE)
            raise _service_disabled(google.project_number(name.project_id))


def _service_disabled(project_number: int) -> GoogleApiError:
    page = "https://console.developers.google.com/apis/api"
    return GoogleApiError(
        "PERMISSION_DENIED",
        f"Artifact Registry API has not been used in project {project_number} before or it is "
        f"disabled. Enable it by visiting {page}/{_SERVICE}/overview?project={project_number} then "
        "retry. If you enabled this API recently, wait a few minutes for the action to propagate "
        "to our systems and retry.",
        reason="SERVICE_DISABLED",
        metadata={"service": _SERVICE, "consumer": f"projects/{project_number}"},
    )


def _requested_permissions() -> list[str]:
    """Return the permissions that the request asks about.

    Raises:
        GoogleApiError: No list of the service's own permissions; a `*` is none.
    """
    permissions = read_json_object().get("permissions", [])
    if not isinstance(permissions, list) or not all(isinstance(name, str) for name in permissions):
        raise invalid_argument("Invalid JSON payload received.")
    for name in permissions:
        if not name.startswith(_PERMISSION_PREFIX) or "*" in name:
            # From memory.
            raise invalid_argument(f"Permission {name} is not valid for this resource.")
    return permissions


def _listable_repository(google: Google, name: RepositoryName) -> PackageRepository:
    """Return the repository, once the caller may list its files."""
    caller = require_bearer(google)
    target = google.repositories.get(name)
    if (
        target is None
        or target.settings.files_api == "refused"
        or not target.permits(caller.identity.members, LIST_FILES)
    ):
        raise permission_denied(LIST_FILES, f"//{_SERVICE}/{name.resource_name}", domain=_SERVICE)
    return target


def _owner_filter() -> str | None:
    """Return the version whose files are asked for, `None` for all files."""
    condition = request.args.get("filter", "").strip()
    if not condition:
        return None
    match = _OWNER_FILTER.fullmatch(condition)
    if match is None:
        raise invalid_argument(_BAD_ARGUMENT)
    return match.group(1)


def _page_bounds() -> tuple[int, int]:
    """Return where the requested page starts, and how many files it has at most."""
    try:
        start = int(request.args.get("pageToken") or 0)
        size = int(request.args.get("pageSize") or _DEFAULT_PAGE_SIZE)
    except ValueError as error:
        raise invalid_argument(_BAD_ARGUMENT) from error
    return max(start, 0), min(max(size, 1), _DEFAULT_PAGE_SIZE)


def _file_json(target: PackageRepository, path: Path) -> dict[str, Any]:
    """Describe a file as the API does."""
    name, version = parse_filename(path.name)
    stat = path.stat()
    stored_at = datetime.fromtimestamp(stat.st_mtime, timezone.utc)
    time = stored_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    file_id = quote(_file_id(path), safe="")
    resource = target.name.resource_name
    return {
        "name": f"{resource}/files/{file_id}",
        "sizeBytes": str(stat.st_size),
        "hashes": [
            _hash_json("SHA256", file_digest(path)),
            _hash_json("MD5", file_digest(path, "md5")),
        ],
        "createTime": time,
        "updateTime": time,
        "owner": f"{resource}/packages/{name}/versions/{version}",
    }


def _file_id(path: Path) -> str:
    """Return what a file is called inside its repository."""
    return f"{parse_filename(path.name)[0]}/{path.name}"


def _hash_json(kind: str, digest: bytes) -> dict[str, str]:
    return {"type": kind, "value": base64.b64encode(digest).decode()}
