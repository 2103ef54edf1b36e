"""Control of the simulated Google Cloud: what an administrator would change there.

Not part of any simulated service. Environments are named as in GitHub (`dev`).
"""

import dataclasses
from datetime import timedelta
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, request

from dist_sandbox.environments import Environment
from dist_sandbox.google.identities import CLOUD_PLATFORM
from dist_sandbox.google.providers import Provider
from dist_sandbox.google.repositories import Repository
from dist_sandbox.google.state import ServiceAccount, repository_name
from dist_sandbox.world import World

_ROLES = ("reader", "writer")
_TOKEN_LIFETIME = timedelta(hours=1)

#: Settings of a provider by the type of their JSON value.
_PROVIDER_FIELDS: dict[str, type] = {
    "issuer_uri": str,
    "attribute_mapping": dict,
    "attribute_condition": str,
    "allowed_audiences": list,
    "enabled": bool,
}


def create_blueprint(world: World) -> Blueprint:
    """The control interface, to be mounted at the root."""
    blueprint = Blueprint("google-control", __name__, url_prefix="/_sandbox")
    _add_token_routes(blueprint, world)
    _add_provider_routes(blueprint, world)
    _add_account_routes(blueprint, world)
    _add_repository_routes(blueprint, world)
    return blueprint


def _add_token_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/access-tokens")
    def make_access_token() -> Response:
        """An access token without federation, for whoever installs or prepares an index."""
        body = _body()
        environment = _environment(world, str(body.get("environment", "")))
        role = body.get("role", "reader")
        if role not in _ROLES:
            _bad(f"role is one of {', '.join(_ROLES)}")
        seconds = body.get("lifetime_seconds", _TOKEN_LIFETIME.total_seconds())
        token = world.google.tokens.issue(
            world.google.identity(environment, writes=role == "writer"),
            scopes=frozenset({CLOUD_PLATFORM}),
            expires_at=world.clock.now() + timedelta(seconds=float(seconds)),
        )
        return jsonify(token=token.value)

    @blueprint.patch("/google/settings")
    def change_settings() -> Response:
        body = _body()
        if not isinstance(body.get("refuses_replay"), bool):
            _bad("refuses_replay is true or false")
        world.google.refuses_replay = body["refuses_replay"]
        return jsonify(refuses_replay=world.google.refuses_replay)

    @blueprint.post("/google/reset")
    def reset() -> tuple[str, int]:
        """Set everything up anew; files and issued tokens stay."""
        world.google.set_up()
        return "", 204


def _add_provider_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/google/providers/<name>")
    def show_provider(name: str) -> Response:
        return jsonify(_provider_json(_provider(world, name)))

    @blueprint.patch("/google/providers/<name>")
    def change_provider(name: str) -> Response:
        provider = _provider(world, name)
        changes: dict[str, Any] = {}
        for field, value in _body().items():
            kind = _PROVIDER_FIELDS.get(field)
            if kind is None or not isinstance(value, kind):
                _bad(f"{field} is not a setting, or its value has another type")
            changes[field] = value
        if "allowed_audiences" in changes:
            changes["allowed_audiences"] = tuple(changes["allowed_audiences"])
        changed = dataclasses.replace(provider, **changes)
        world.google.providers[changed.resource_name] = changed
        return jsonify(_provider_json(changed))

    @blueprint.delete("/google/providers/<name>")
    def delete_provider(name: str) -> tuple[str, int]:
        del world.google.providers[_provider(world, name).resource_name]
        return "", 204


def _add_account_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.put("/google/service-accounts/<name>/impersonators")
    def set_impersonators(name: str) -> Response:
        """Replace the members of roles/iam.workloadIdentityUser; an empty list removes all."""
        email = _environment(world, name).service_account
        members = _body().get("members")
        if not isinstance(members, list):
            _bad("members is a list")
        world.google.accounts[email] = ServiceAccount(email, frozenset(map(str, members)))
        return jsonify(email=email, members=sorted(map(str, members)))

    @blueprint.delete("/google/service-accounts/<name>")
    def delete_account(name: str) -> tuple[str, int]:
        world.google.accounts.pop(_environment(world, name).service_account, None)
        return "", 204


def _add_repository_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/google/repositories/<name>")
    def show_repository(name: str) -> Response:
        return jsonify(_repository_json(_repository(world, name)))

    @blueprint.patch("/google/repositories/<name>")
    def change_repository(name: str) -> Response:
        repository = _repository(world, name)
        body = _body()
        if isinstance(body.get("shows_hashes"), bool):
            repository.shows_hashes = body["shows_hashes"]
        if isinstance(body.get("bindings"), dict):
            repository.bindings = {
                str(role): frozenset(map(str, members))
                for role, members in body["bindings"].items()
            }
        return jsonify(_repository_json(repository))

    @blueprint.delete("/google/repositories/<name>")
    def delete_repository(name: str) -> tuple[str, int]:
        del world.google.repositories[_repository(world, name).name]
        return "", 204


def _environment(world: World, name: str) -> Environment:
    found = world.google.environment(name)
    if found is None:
        abort(404, description=f"no environment {name!r}")
    return found


def _provider(world: World, name: str) -> Provider:
    environment = _environment(world, name)
    found = world.google.providers.get(environment.workload_identity_provider)
    if found is None:
        abort(404, description=f"environment {name!r} has no provider any more")
    return found


def _repository(world: World, name: str) -> Repository:
    found = world.google.repositories.get(repository_name(_environment(world, name)))
    if found is None:
        abort(404, description=f"environment {name!r} has no repository any more")
    return found


def _provider_json(provider: Provider) -> dict[str, Any]:
    shown = {name: getattr(provider, name) for name in _PROVIDER_FIELDS}
    return {"resource_name": provider.resource_name, **shown}


def _repository_json(repository: Repository) -> dict[str, Any]:
    return {
        "name": repository.name.resource_name,
        "shows_hashes": repository.shows_hashes,
        "bindings": {role: sorted(members) for role, members in repository.bindings.items()},
        "files": [path.name for path in repository.files()],
    }


def _body() -> dict[str, Any]:
    body: Any = request.get_json(silent=True)
    if not isinstance(body, dict):
        _bad("the body is a JSON object")
    return body


def _bad(message: str) -> NoReturn:
    abort(400, description=message)
