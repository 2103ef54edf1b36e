"""Control of Artifact Registry repositories: bindings, what they are, and how they behave.

An environment has one repository from the start; `…/<name>/<repository>` speaks of further ones in
the same project and location.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify

from dist_sandbox.google.artifact_registry.repositories import Repository, RepositoryName
from dist_sandbox.google.artifact_registry.upstream_repositories import (
    RemoteRepository,
    VirtualRepository,
)
from dist_sandbox.google.control.requests import body, environment, refuse
from dist_sandbox.google.quotas import SERVICES, Quota
from dist_sandbox.google.state import repository_name
from dist_sandbox.world import World


def add_repository_routes(blueprint: Blueprint, world: World) -> None:
    """Show, change and delete repositories, and make further ones."""
    one, further = "/google/repositories/<name>", "/google/repositories/<name>/<repository>"

    @blueprint.get(one)
    @blueprint.get(further)
    def show_repository(name: str, repository: str = "") -> Response:
        return jsonify(_repository_json(world, _repository(world, name, repository)))

    @blueprint.patch(one)
    @blueprint.patch(further)
    def change_repository(name: str, repository: str = "") -> Response:
        found = _repository(world, name, repository)
        changes = body()
        bindings = changes.pop("bindings", None)
        try:
            found.settings = found.settings.changed(changes)
        except ValueError as error:
            refuse(str(error))
        if isinstance(bindings, dict):
            found.bindings = {
                str(role): frozenset(map(str, members)) for role, members in bindings.items()
            }
        return jsonify(_repository_json(world, found))

    @blueprint.put(further)
    def make_repository(name: str, repository: str) -> tuple[Response, int]:
        """Make a repository with the bindings of the environment's own."""
        own = _repository(world, name, "")
        full_name = _named(world, name, repository)
        folder = own.folder.parent / repository
        made = _made(world, full_name, folder, body())
        made.bindings = dict(own.bindings)
        world.google.repositories[full_name] = made
        return jsonify(_repository_json(world, made)), 201

    @blueprint.delete(one)
    @blueprint.delete(further)
    def delete_repository(name: str, repository: str = "") -> tuple[str, int]:
        del world.google.repositories[_repository(world, name, repository).name]
        return "", 204


def add_quota_route(blueprint: Blueprint, world: World) -> None:
    """Limit what a service takes in a minute."""

    @blueprint.put("/google/quotas/<service>")
    def set_quota(service: str) -> Response:
        """Limit a service; `requests_per_minute: null` lifts the limit."""
        if service not in SERVICES:
            abort(404, description=f"service is one of {', '.join(SERVICES)}")
        given = body()
        limit = _count_or_none(given, "requests_per_minute")
        retry_after = _count_or_none(given, "retry_after_seconds")
        world.google.quotas.set(service, None if limit is None else Quota(limit, retry_after))
        return jsonify(service=service, requests_per_minute=limit, retry_after_seconds=retry_after)


def _made(world: World, name: RepositoryName, folder: Path, given: Mapping[str, Any]) -> Repository:
    mode = given.get("mode", "standard")
    if mode == "remote":
        remote_url = given.get("remote_url")
        if not isinstance(remote_url, str) or not remote_url.endswith("/"):
            refuse("remote_url is the address of a simple index, with a slash at its end")
        return RemoteRepository(name, folder, remote_url=remote_url)
    if mode == "virtual":
        return VirtualRepository(
            name,
            folder,
            upstreams=_upstreams(name, given.get("upstreams")),
            repositories=world.google.repositories,
        )
    if mode != "standard":
        refuse("mode is standard, remote or virtual")
    return Repository(name, folder)


def _upstreams(name: RepositoryName, given: Any) -> dict[RepositoryName, int]:
    """Priorities by repository, from names within the same project and location."""
    if not isinstance(given, dict) or not all(isinstance(one, int) for one in given.values()):
        refuse("upstreams is an object of priorities by a repository's name")
    return {
        RepositoryName(name.project_id, name.location, upstream): priority
        for upstream, priority in given.items()
    }


def _named(world: World, name: str, repository: str) -> RepositoryName:
    own = repository_name(environment(world, name))
    return RepositoryName(own.project_id, own.location, repository or own.repository)


def _repository(world: World, name: str, repository: str) -> Repository:
    found = world.google.repositories.get(_named(world, name, repository))
    if found is None:
        abort(404, description=f"environment {name!r} has no such repository, or not any more")
    return found


def _repository_json(world: World, repository: Repository) -> dict[str, Any]:
    name, settings = repository.name, repository.settings
    place = {"location": name.location, "project_id": name.project_id}
    return {
        "name": name.resource_name,
        "mode": repository.mode,
        "upload_url": world.addresses.upload_url(**place, repository=name.repository),
        "index_url": world.addresses.index_url(**place, repository=name.repository),
        "shows_hashes": settings.shows_hashes,
        "page_formats": settings.page_formats,
        "files_api": settings.files_api,
        "file_size_limit_bytes": settings.file_size_limit_bytes,
        "hidden_for_reads": settings.hidden_for_reads,
        "bindings": {role: sorted(members) for role, members in repository.bindings.items()},
        "files": [path.name for path in repository.files()],
    }


def _count_or_none(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        refuse(f"{name} is a number of at least 0, or null")
    return value
