"""The Artifact Registry API's list of files, with their hashes.

Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories.files/list
"""

import base64
import hashlib
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.api_errors import ApiError, permission_denied, require_bearer
from dist_sandbox.google.artifact_registry.repositories import (
    LIST_FILES,
    Repository,
    RepositoryName,
    parse_filename,
)
from dist_sandbox.world import World

_OWNER_FILTER = re.compile(r'owner\s*=\s*"([^"]*)"')
_DEFAULT_PAGE_SIZE = 1000


def add_files_route(blueprint: Blueprint, world: World) -> None:
    """Add `files.list` to the API's blueprint."""

    @blueprint.get("/v1/projects/<project>/locations/<location>/repositories/<repository>/files")
    def list_files(project: str, location: str, repository: str) -> Response:
        target = _permitted(world, RepositoryName(project, location, repository))
        files = [_file(target, path) for path in target.files()]
        owner = _owner_filter()
        kept = [one for one in files if owner in (None, one["owner"])]
        start, size = _page()
        answer: dict[str, Any] = {"files": kept[start : start + size]}
        if start + size < len(kept):
            answer["nextPageToken"] = str(start + size)
        return jsonify(answer)


def _permitted(world: World, name: RepositoryName) -> Repository:
    caller = require_bearer(world)
    target = world.google.repositories.get(name)
    if (
        target is None
        or target.settings.files_api == "refused"
        or not target.permits(caller.identity.members, LIST_FILES)
    ):
        resource = f"//artifactregistry.googleapis.com/{name.resource_name}"
        raise permission_denied(LIST_FILES, resource, domain="artifactregistry.googleapis.com")
    return target


def _owner_filter() -> str | None:
    given = request.args.get("filter", "").strip()
    if not given:
        return None
    match = _OWNER_FILTER.fullmatch(given)
    if match is None:
        raise ApiError("INVALID_ARGUMENT", "Request contains an invalid argument.")
    return match.group(1)


def _page() -> tuple[int, int]:
    """Where the asked-for page starts, and how many files it has at most."""
    try:
        start = int(request.args.get("pageToken") or 0)
        size = int(request.args.get("pageSize") or _DEFAULT_PAGE_SIZE)
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", "Request contains an invalid argument.") from error
    return max(start, 0), min(max(size, 1), _DEFAULT_PAGE_SIZE)


def _file(target: Repository, path: Path) -> dict[str, Any]:
    """A file as the API describes it."""
    name, version = parse_filename(path.name)
    content = path.read_bytes()
    stored_at = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    time = stored_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    file_id = quote(f"{name}/{path.name}", safe="")
    resource = target.name.resource_name
    return {
        "name": f"{resource}/files/{file_id}",
        "sizeBytes": str(len(content)),
        "hashes": [_hash("SHA256", hashlib.sha256(content)), _hash("MD5", _md5(content))],
        "createTime": time,
        "updateTime": time,
        "owner": f"{resource}/packages/{name}/versions/{version}",
    }


def _hash(kind: str, digest: Any) -> dict[str, str]:
    return {"type": kind, "value": base64.b64encode(digest.digest()).decode()}


def _md5(content: bytes) -> Any:
    return hashlib.md5(content, usedforsecurity=False)
