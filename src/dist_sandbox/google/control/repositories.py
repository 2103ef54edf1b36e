"""Control of Artifact Registry repositories: bindings, what they are, and how they behave.

An environment has one repository from the start; `…/<name>/<repository>` speaks of further ones in
the same project and location.
"""

import dataclasses
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify

from dist_sandbox.control_requests import read_body, refuse
from dist_sandbox.google.artifact_registry.repositories import PackageRepository, RepositoryName
from dist_sandbox.google.artifact_registry.upstream_repositories import (
    RemoteRepository,
    VirtualRepository,
)
from dist_sandbox.google.control.requests import read_count, require_environment
from dist_sandbox.google.quotas import SERVICES, Quota
from dist_sandbox.google.state import Google, repository_name

_FIRST = "/google/repositories/<name>"
_FURTHER = f"{_FIRST}/<repository>"


def add_routes(blueprint: Blueprint, google: Google) -> None:
    """Show, change and delete repositories, make further ones, and limit the services' requests."""

    @blueprint.get(_FIRST)
    @blueprint.get(_FURTHER)
    def show_repository(name: str, repository: str = "") -> Response:
        return jsonify(_repository_json(google, _repository(google, name, repository)))

    @blueprint.patch(_FIRST)
    @blueprint.patch(_FURTHER)
    def change_repository(name: str, repository: str = "") -> Response:
        target = _repository(google, name, repository)
        changes = read_body()
        bindings = changes.pop("bindings", None)
        try:
            target.settings = target.settings.changed(changes)
        except ValueError as error:
            refuse(str(error))
        if isinstance(bindings, dict):
            target.bindings = {
                str(role): frozenset(map(str, members)) for role, members in bindings.items()
            }
        return jsonify(_repository_json(google, target))

    @blueprint.put(_FURTHER)
    def make_repository(name: str, repository: str) -> tuple[Response, int]:
        """Make a repository with the bindings of the environment's first one."""
        first = _repository(google, name)
        full_name = dataclasses.replace(first.name, repository=repository)
        further = _make_repository(google, full_name, first.folder.parent / repository, read_body())
        further.bindings = dict(first.bindings)
        google.repositories[full_name] = further
        return jsonify(_repository_json(google, further)), 201

    @blueprint.delete(_FIRST)
    @blueprint.delete(_FURTHER)
    def delete_repository(name: str, repository: str = "") -> tuple[str, int]:
        del google.repositories[_repository(google, name, repository).name]
        return "", 204

    @blueprint.put("/google/quotas/<service>")
    def set_quota(service: str) -> Response:
        """Limit what a service takes in a minute; `requests_per_minute: null` lifts the limit."""
        if service not in SERVICES:
            abort(404, description=f"service is one of {', '.join(SERVICES)}")
        body = read_body()
        limit = read_count(body, "requests_per_minute")
        retry_after = read_count(body, "retry_after_seconds")
        google.quotas.set(service, None if limit is None else Quota(limit, retry_after))
        return jsonify(service=service, requests_per_minute=limit, retry_after_seconds=retry_after)


def _make_repository(
    google: Google, name: RepositoryName, folder: Path, body: dict[str, Any]
) -> PackageRepository:
    mode = body.get("mode", "standard")
    if mode == "remote":
        remote_url = body.get("remote_url")
        if not isinstance(remote_url, str) or not remote_url.endswith("/"):
            refuse("remote_url is the address of a simple index, with a slash at its end")
        find_url = google.addresses.bypass_gateway
        return RemoteRepository(name, folder, remote_url=remote_url, find_url=find_url)
    if mode == "virtual":
        return VirtualRepository(
            name,
            folder,
            upstreams=_upstreams(name, body.get("upstreams")),
            repositories=google.repositories,
        )
    if mode != "standard":
        refuse("mode is standard, remote or virtual")
    return PackageRepository(name, folder)


def _upstreams(name: RepositoryName, priorities: Any) -> dict[RepositoryName, int]:
    """Return priorities by repository, from names within the same project and location."""
    if not isinstance(priorities, dict) or not all(
        isinstance(priority, int) for priority in priorities.values()
    ):
        refuse("upstreams is an object of priorities by a repository's name")
    return {
        dataclasses.replace(name, repository=upstream): priority
        for upstream, priority in priorities.items()
    }


def _repository(google: Google, name: str, repository: str = "") -> PackageRepository:
    """Return a repository of an environment; the first unless another is named."""
    full_name = repository_name(require_environment(google, name))
    if repository:
        full_name = dataclasses.replace(full_name, repository=repository)
    target = google.repositories.get(full_name)
    if target is None:
        abort(404, description=f"environment {name!r} has no such repository, or not any more")
    return target


def _repository_json(google: Google, repository: PackageRepository) -> dict[str, Any]:
    name = repository.name
    return {
        "name": name.resource_name,
        "mode": repository.mode,
        "upload_url": google.addresses.upload_url(**dataclasses.asdict(name)),
        "index_url": google.addresses.index_url(**dataclasses.asdict(name)),
        **dataclasses.asdict(repository.settings),
        "bindings": {role: sorted(members) for role, members in repository.bindings.items()},
        "files": [path.name for path in repository.files()],
    }
