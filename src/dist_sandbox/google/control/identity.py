"""Control of who is believed: pools, providers, service accounts, their bindings and keys."""

import dataclasses
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify

from dist_sandbox.google.control.requests import (
    body,
    environment,
    optional_body,
    refuse,
    seconds,
    truth,
)
from dist_sandbox.google.identity.providers import Provider
from dist_sandbox.google.state import ServiceAccount, installer_email
from dist_sandbox.world import World

#: Who may write, the publisher, and who may only read, the installer.
ROLES = ("reader", "writer")

#: Settings of a provider by the type of their JSON value.
_PROVIDER_FIELDS: dict[str, type] = {
    "issuer_uri": str,
    "attribute_mapping": dict,
    "attribute_condition": str,
    "allowed_audiences": list,
    "enabled": bool,
}


def add_provider_routes(blueprint: Blueprint, world: World) -> None:
    """Show, change and delete an environment's provider."""

    @blueprint.get("/google/providers/<name>")
    def show_provider(name: str) -> Response:
        return jsonify(_provider_json(_provider(world, name)))

    @blueprint.patch("/google/providers/<name>")
    def change_provider(name: str) -> Response:
        provider = _provider(world, name)
        changes: dict[str, Any] = {}
        for field, value in body().items():
            kind = _PROVIDER_FIELDS.get(field)
            if kind is None or not isinstance(value, kind):
                refuse(f"{field} is not a setting, or its value has another type")
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


def add_pool_routes(blueprint: Blueprint, world: World) -> None:
    """Disable, enable and delete an environment's pool, with whatever is in it."""

    @blueprint.patch("/google/pools/<name>")
    def change_pool(name: str) -> Response:
        pool = environment(world, name).workload_identity_provider.partition("/providers/")[0]
        enabled = truth(body(), "enabled")
        if enabled:
            world.google.disabled_pools.discard(pool)
        else:
            world.google.disabled_pools.add(pool)
        return jsonify(resource_name=pool, enabled=enabled)

    @blueprint.delete("/google/pools/<name>")
    def delete_pool(name: str) -> tuple[str, int]:
        pool = environment(world, name).workload_identity_provider.partition("/providers/")[0]
        world.google.disabled_pools.add(pool)
        for resource_name in [one for one, it in world.google.providers.items() if it.pool == pool]:
            del world.google.providers[resource_name]
        return "", 204


def add_account_routes(blueprint: Blueprint, world: World) -> None:
    """Bind, disable and delete an environment's publishing service account."""

    @blueprint.put("/google/service-accounts/<name>/impersonators")
    def set_impersonators(name: str) -> Response:
        """Replace the members of roles/iam.workloadIdentityUser; an empty list removes all."""
        email = environment(world, name).service_account
        given = body()
        if not isinstance(given.get("members"), list):
            refuse("members is a list")
        members = frozenset(map(str, given["members"]))
        before = world.google.accounts.get(email, ServiceAccount(email, frozenset()))
        later = world.clock.now() + timedelta(seconds=seconds(given, "effective_after_seconds"))
        world.google.accounts[email] = dataclasses.replace(
            before,
            impersonators=members,
            effective_at=dict.fromkeys(members - before.impersonators, later),
        )
        return jsonify(email=email, members=sorted(members))

    @blueprint.patch("/google/service-accounts/<name>")
    def change_account(name: str) -> Response:
        account = world.google.accounts.get(environment(world, name).service_account)
        if account is None:
            abort(404, description=f"environment {name!r} has no service account any more")
        changed = dataclasses.replace(account, enabled=truth(body(), "enabled"))
        world.google.accounts[account.email] = changed
        return jsonify(email=account.email, enabled=changed.enabled)

    @blueprint.delete("/google/service-accounts/<name>")
    def delete_account(name: str) -> tuple[str, int]:
        world.google.accounts.pop(environment(world, name).service_account, None)
        return "", 204


def add_key_routes(blueprint: Blueprint, world: World) -> None:
    """Make, disable and delete keys of service accounts."""

    @blueprint.post("/google/service-accounts/<name>/keys")
    def make_key(name: str) -> tuple[Response, int]:
        """A key file, of the publisher or of the installer that may only read."""
        role = optional_body().get("role", "writer")
        if role not in ROLES:
            refuse(f"role is one of {', '.join(ROLES)}")
        found = environment(world, name)
        key = world.google.keys.make(
            found.service_account if role == "writer" else installer_email(found),
            project_id=found.project_id,
            token_uri=world.addresses.oauth_token,
        )
        return jsonify(key), 201

    @blueprint.patch("/google/service-accounts/<name>/keys/<key_id>")
    def change_key(name: str, key_id: str) -> Response:
        environment(world, name)
        enabled = truth(body(), "enabled")
        if not world.google.keys.set_enabled(key_id, enabled):
            abort(404, description=f"no key {key_id!r}")
        return jsonify(key_id=key_id, enabled=enabled)

    @blueprint.delete("/google/service-accounts/<name>/keys/<key_id>")
    def delete_key(name: str, key_id: str) -> tuple[str, int]:
        environment(world, name)
        if not world.google.keys.delete(key_id):
            abort(404, description=f"no key {key_id!r}")
        return "", 204


def _provider(world: World, name: str) -> Provider:
    found = world.google.providers.get(environment(world, name).workload_identity_provider)
    if found is None:
        abort(404, description=f"environment {name!r} has no provider any more")
    return found


def _provider_json(provider: Provider) -> dict[str, Any]:
    shown = {name: getattr(provider, name) for name in _PROVIDER_FIELDS}
    return {"resource_name": provider.resource_name, **shown}
