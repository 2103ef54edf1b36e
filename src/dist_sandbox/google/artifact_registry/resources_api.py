"""The part of the Artifact Registry API that describes repositories and lists their packages.

Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories/get
and …/projects.locations.repositories.packages/list
"""

from datetime import datetime, timezone
from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.api_errors import invalid_argument, permission_denied, require_bearer
from dist_sandbox.google.artifact_registry.repositories import PackageRepository, RepositoryName
from dist_sandbox.google.artifact_registry.upstream_repositories import (
    RemoteRepository,
    VirtualRepository,
)
from dist_sandbox.google.state import Google
from dist_sandbox.uploads import parse_filename

_SERVICE = "artifactregistry.googleapis.com"
_READ_ONLY_SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only"
_GET = "artifactregistry.repositories.get"
_LIST_PACKAGES = "artifactregistry.packages.list"
_REPOSITORY = "/v1/projects/<project>/locations/<location>/repositories/<repository>"
_LARGEST_PAGE = 1000


def add_routes(blueprint: Blueprint, google: Google) -> None:
    """Describe a repository, and list its packages."""

    @blueprint.get(_REPOSITORY)
    def get_repository(project: str, location: str, repository: str) -> Response:
        name = RepositoryName(project, location, repository)
        return jsonify(_repository_json(google, _permitted(google, name, _GET)))

    @blueprint.get(f"{_REPOSITORY}/packages")
    def list_packages(project: str, location: str, repository: str) -> Response:
        target = _permitted(google, RepositoryName(project, location, repository), _LIST_PACKAGES)
        packages = _packages_json(target)
        start, size = _page_bounds()
        answer: dict[str, Any] = {"packages": packages[start : start + size]}
        if start + size < len(packages):
            answer["nextPageToken"] = str(start + size)
        return jsonify(answer)


def _permitted(google: Google, name: RepositoryName, permission: str) -> PackageRepository:
    """Return the repository, once the caller may see it."""
    caller = require_bearer(google, other_scope=_READ_ONLY_SCOPE)
    target = google.repositories.get(name)
    if target is None or not target.permits(caller.identity.members, permission):
        raise permission_denied(permission, f"//{_SERVICE}/{name.resource_name}", domain=_SERVICE)
    return target


def _repository_json(google: Google, target: PackageRepository) -> dict[str, Any]:
    name = target.name
    described: dict[str, Any] = {
        "name": name.resource_name,
        "format": "PYTHON",
        "mode": f"{target.mode.upper()}_REPOSITORY",
        "registryUri": google.addresses.upload_url(
            location=name.location, project_id=name.project_id, repository=name.repository
        ).rstrip("/"),
    }
    if isinstance(target, VirtualRepository):
        policies = [
            {"id": upstream.repository, "repository": upstream.resource_name, "priority": priority}
            for upstream, priority in target.upstreams.items()
        ]
        described["virtualRepositoryConfig"] = {"upstreamPolicies": policies}
    if isinstance(target, RemoteRepository):
        is_pypi = target.remote_url == f"{google.addresses.pypi}/simple/"
        custom = {"customRepository": {"uri": target.remote_url.removesuffix("simple/")}}
        described["remoteRepositoryConfig"] = {
            "pythonRepository": {"publicRepository": "PYPI"} if is_pypi else custom
        }
    return described


def _packages_json(target: PackageRepository) -> list[dict[str, str]]:
    """Describe the packages, by name."""
    times: dict[str, list[float]] = {}
    for path in target.files():
        times.setdefault(str(parse_filename(path.name)[0]), []).append(path.stat().st_mtime)
    return [
        {
            "name": f"{target.name.resource_name}/packages/{name}",
            "displayName": name,
            "createTime": _time(min(stored)),
            "updateTime": _time(max(stored)),
        }
        for name, stored in sorted(times.items())
    ]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _page_bounds() -> tuple[int, int]:
    """Return where the requested page starts, and how many packages it has at most."""
    try:
        start = int(request.args.get("pageToken") or 0)
        size = int(request.args.get("pageSize") or 100)
    except ValueError as error:
        raise invalid_argument("Request contains an invalid argument.") from error
    return max(start, 0), min(max(size, 1), _LARGEST_PAGE)
