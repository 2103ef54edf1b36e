"""Control of who is believed: pools, providers, service accounts, their keys and tokens."""

import dataclasses
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from dist_sandbox.control_requests import read_body, refuse
from dist_sandbox.google.control.requests import read_seconds, read_switch, require_environment
from dist_sandbox.google.identity.access_tokens import CLOUD_PLATFORM
from dist_sandbox.google.identity.providers import Provider
from dist_sandbox.google.state import Google, ServiceAccount, installer_email

_TOKEN_LIFETIME = timedelta(hours=1)

#: Settings of a provider by the type of their JSON value.
_PROVIDER_FIELDS: dict[str, type] = {
    "issuer_uri": str,
    "attribute_mapping": dict,
    "attribute_condition": str,
    "allowed_audiences": list,
    "enabled": bool,
}


def add_routes(blueprint: Blueprint, google: Google) -> None:
    """Let an administrator change whom Google Cloud believes, and make tokens without it."""
    _add_token_routes(blueprint, google)
    _add_provider_routes(blueprint, google)
    _add_pool_routes(blueprint, google)
    _add_account_routes(blueprint, google)
    _add_key_routes(blueprint, google)


def _add_token_routes(blueprint: Blueprint, google: Google) -> None:
    @blueprint.post("/access-tokens")
    def make_access_token() -> Response:
        """Make an access token without federation, for whoever installs or prepares an index."""
        body = read_body()
        environment = require_environment(google, str(body.get("environment", "")))
        identity = google.identity(environment, writes=_is_writer(body, default="reader"))
        lifetime = body.get("lifetime_seconds", _TOKEN_LIFETIME.total_seconds())
        token = google.tokens.issue(
            identity,
            scopes=frozenset({CLOUD_PLATFORM}),
            expires_at=google.clock.now() + timedelta(seconds=float(lifetime)),
        )
        return jsonify(token=token.value)

    @blueprint.patch("/google/settings")
    def change_settings() -> Response:
        google.refuses_replay = read_switch(read_body(), "refuses_replay")
        return jsonify(refuses_replay=google.refuses_replay)

    @blueprint.post("/google/reset")
    def reset() -> tuple[str, int]:
        """Set everything up anew; files and issued tokens stay."""
        google.set_up()
        return "", 204


def _add_provider_routes(blueprint: Blueprint, google: Google) -> None:
    @blueprint.get("/google/providers/<name>")
    def show_provider(name: str) -> Response:
        return jsonify(_provider_json(_provider(google, name)))

    @blueprint.patch("/google/providers/<name>")
    def change_provider(name: str) -> Response:
        provider = _provider(google, name)
        changes = read_body()
        for field, value in changes.items():
            kind = _PROVIDER_FIELDS.get(field)
            if kind is None or not isinstance(value, kind):
                refuse(f"{field} is not a setting, or its value has another type")
        if "allowed_audiences" in changes:
            changes["allowed_audiences"] = tuple(changes["allowed_audiences"])
        provider = dataclasses.replace(provider, **changes)
        google.providers[provider.resource_name] = provider
        return jsonify(_provider_json(provider))

    @blueprint.delete("/google/providers/<name>")
    def delete_provider(name: str) -> tuple[str, int]:
        del google.providers[_provider(google, name).resource_name]
        return "", 204


def _add_pool_routes(blueprint: Blueprint, google: Google) -> None:
    @blueprint.patch("/google/pools/<name>")
    def change_pool(name: str) -> Response:
        pool = _pool(google, name)
        enabled = read_switch(read_body(), "enabled")
        if enabled:
            google.disabled_pools.discard(pool)
        else:
            google.disabled_pools.add(pool)
        return jsonify(resource_name=pool, enabled=enabled)

    @blueprint.delete("/google/pools/<name>")
    def delete_pool(name: str) -> tuple[str, int]:
        """Delete an environment's pool with the providers in it."""
        pool = _pool(google, name)
        google.disabled_pools.add(pool)
        for provider in list(google.providers.values()):
            if provider.pool == pool:
                del google.providers[provider.resource_name]
        return "", 204


def _add_account_routes(blueprint: Blueprint, google: Google) -> None:
    @blueprint.put("/google/service-accounts/<name>/impersonators")
    def set_impersonators(name: str) -> Response:
        """Replace the members of roles/iam.workloadIdentityUser; an empty list removes all."""
        email = require_environment(google, name).service_account
        body = read_body()
        if not isinstance(body.get("members"), list):
            refuse("members is a list")
        members = frozenset(map(str, body["members"]))
        account = google.accounts.get(email, ServiceAccount(email, frozenset()))
        later = google.clock.now() + timedelta(
            seconds=read_seconds(body, "effective_after_seconds")
        )
        google.accounts[email] = dataclasses.replace(
            account,
            impersonators=members,
            effective_at=dict.fromkeys(members - account.impersonators, later),
        )
        return jsonify(email=email, members=sorted(members))

    @blueprint.patch("/google/service-accounts/<name>")
    def change_account(name: str) -> Response:
        account = google.accounts.get(require_environment(google, name).service_account)
        if account is None:
            abort(404, description=f"environment {name!r} has no service account any more")
        enabled = read_switch(read_body(), "enabled")
        google.accounts[account.email] = dataclasses.replace(account, enabled=enabled)
        return jsonify(email=account.email, enabled=enabled)

    @blueprint.delete("/google/service-accounts/<name>")
    def delete_account(name: str) -> tuple[str, int]:
        google.accounts.pop(require_environment(google, name).service_account, None)
        return "", 204


def _add_key_routes(blueprint: Blueprint, google: Google) -> None:
    @blueprint.post("/google/service-accounts/<name>/keys")
    def make_key(name: str) -> tuple[Response, int]:
        """Make a key file, of the publisher or of the installer that may only read."""
        body = read_body() if request.content_length else {}
        is_writer = _is_writer(body, default="writer")
        environment = require_environment(google, name)
        key = google.keys.make(
            environment.service_account if is_writer else installer_email(environment),
            project_id=environment.project_id,
            token_uri=google.addresses.oauth_token,
        )
        return jsonify(key), 201

    @blueprint.patch("/google/service-accounts/<name>/keys/<key_id>")
    def change_key(name: str, key_id: str) -> Response:
        require_environment(google, name)
        enabled = read_switch(read_body(), "enabled")
        if not google.keys.set_enabled(key_id, enabled):
            abort(404, description=f"no key {key_id!r}")
        return jsonify(key_id=key_id, enabled=enabled)

    @blueprint.delete("/google/service-accounts/<name>/keys/<key_id>")
    def delete_key(name: str, key_id: str) -> tuple[str, int]:
        require_environment(google, name)
        if not google.keys.delete(key_id):
            abort(404, description=f"no key {key_id!r}")
        return "", 204


def _is_writer(body: dict[str, Any], *, default: str) -> bool:
    """Tell whether the request names the publisher, who may write, not the installer."""
    role = body.get("role", default)
    if role not in ("reader", "writer"):
        refuse("role is one of reader, writer")
    return bool(role == "writer")


def _pool(google: Google, name: str) -> str:
    provider = require_environment(google, name).workload_identity_provider
    return provider.partition("/providers/")[0]


def _provider(google: Google, name: str) -> Provider:
    resource_name = require_environment(google, name).workload_identity_provider
    provider = google.providers.get(resource_name)
    if provider is None:
        abort(404, description=f"environment {name!r} has no provider any more")
    return provider


def _provider_json(provider: Provider) -> dict[str, Any]:
    settings = {name: getattr(provider, name) for name in _PROVIDER_FIELDS}
    return {"resource_name": provider.resource_name, **settings}
