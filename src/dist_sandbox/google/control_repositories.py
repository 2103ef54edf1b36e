"""Control of Artifact Registry repositories: bindings, what they are, and how they behave."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify

from dist_sandbox.google.control_requests import body, environment
from dist_sandbox.google.repositories import Repository
from dist_sandbox.google.state import repository_name
from dist_sandbox.world import World


def add_repository_routes(blueprint: Blueprint, world: World) -> None:
    """Show, change and delete an environment's repository."""

    @blueprint.get("/google/repositories/<name>")
    def show_repository(name: str) -> Response:
        return jsonify(_repository_json(_repository(world, name)))

    @blueprint.patch("/google/repositories/<name>")
    def change_repository(name: str) -> Response:
        repository = _repository(world, name)
        given = body()
        if isinstance(given.get("shows_hashes"), bool):
            repository.shows_hashes = given["shows_hashes"]
        if isinstance(given.get("bindings"), dict):
            repository.bindings = {
                str(role): frozenset(map(str, members))
                for role, members in given["bindings"].items()
            }
        return jsonify(_repository_json(repository))

    @blueprint.delete("/google/repositories/<name>")
    def delete_repository(name: str) -> tuple[str, int]:
        del world.google.repositories[_repository(world, name).name]
        return "", 204


def _repository(world: World, name: str) -> Repository:
    found = world.google.repositories.get(repository_name(environment(world, name)))
    if found is None:
        abort(404, description=f"environment {name!r} has no repository any more")
    return found


def _repository_json(repository: Repository) -> dict[str, Any]:
    return {
        "name": repository.name.resource_name,
        "shows_hashes": repository.shows_hashes,
        "bindings": {role: sorted(members) for role, members in repository.bindings.items()},
        "files": [path.name for path in repository.files()],
    }
