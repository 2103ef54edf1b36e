"""Operations of Apps: themselves, their installations, and installation tokens."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from dist_sandbox.github.access.apps import App
from dist_sandbox.github.render.apps import render_app, render_installation
from dist_sandbox.github.render.basics import timestamp
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, not_accessible, not_found
from dist_sandbox.github.rest.operations import Operations

operations = Operations()

_RANKS = {"read": 1, "write": 2, "admin": 3}


@operations.operation("GET /app")
def get_app(call: Call) -> Response:
    """The App that signed the JWT."""
    return reply(render_app(call.signed_app, call.github))


@operations.operation("GET /app/installations")
def list_installations(call: Call) -> Response:
    """The App's installations: at most the one in the organisation."""
    app = call.signed_app
    return reply([render_installation(app, call.github)] if app.installed else [])


@operations.operation("GET /repos/{owner}/{repo}/installation")
def get_repository_installation(call: Call) -> Response:
    """The installation that reaches a repository."""
    app = call.signed_app
    if not app.installed or call.repository.repository_id not in app.repository_ids:
        raise not_found()
    return reply(render_installation(app, call.github))


@operations.operation("GET /orgs/{org}/installation")
def get_organisation_installation(call: Call, org: str) -> Response:
    """The installation in an organisation."""
    if not call.signed_app.installed or org.lower() != call.github.owner.login.lower():
        raise not_found()
    return reply(render_installation(call.signed_app, call.github))


@operations.operation("GET /users/{username}/installation")
def get_account_installation(call: Call, username: str) -> Response:
    """The installation in an account of either kind."""
    return get_organisation_installation(call, username)


@operations.operation("POST /app/installations/{installation_id}/access_tokens", changes=False)
def create_installation_token(call: Call, installation_id: int) -> Response:
    """Mint an installation token for some repositories and permissions."""
    app, github = call.signed_app, call.github
    if not app.installed or installation_id != app.installation_id:
        raise not_found()
    if app.suspended:
        raise ApiError(403, "This installation has been suspended")
    chosen = _chosen_repositories(call, app)
    token = github.tokens.mint(
        app,
        permissions={"metadata": "read", **_chosen_permissions(call, app)},
        repository_ids=app.repository_ids
        if chosen is None
        else {one.repository_id for one in chosen},
        now=github.clock.now(),
    )
    body: dict[str, Any] = {
        "token": token.token,
        "expires_at": timestamp(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "selected",
    }
    if chosen is not None:
        body["repositories"] = [render_repository(one, github.addresses) for one in chosen]
    return reply(body, 201)


@operations.operation("DELETE /installation/token", changes=False)
def revoke_installation_token(call: Call) -> Response:
    """End the token that asks."""
    if call.principal.kind != "installation":
        raise not_accessible()
    call.github.tokens.revoke(call.principal.token)
    return reply(None, 204)


@operations.operation("GET /installation/repositories")
def list_installation_repositories(call: Call) -> Response:
    """The repositories that the token reaches."""
    if call.principal.kind == "user":
        raise ApiError(
            403,
            "You must authenticate with an installation access token in order "
            "to list repositories for an installation.",
        )
    seen = [one for one in call.github.repositories.values() if call.principal.sees(one)]
    rendered = [render_repository(one, call.world.addresses, call.principal) for one in seen]
    return reply(
        {"total_count": len(seen), "repository_selection": "selected", "repositories": rendered}
    )


def _chosen_permissions(call: Call, app: App) -> Mapping[str, str]:
    """The permissions asked for, which must not exceed what was granted."""
    asked = call.body().get("permissions")
    if asked is None:
        return app.permissions
    if not isinstance(asked, dict):
        raise ApiError(422, "Invalid request.\n\nFor 'properties/permissions', not an object.")
    for name, access in asked.items():
        if _RANKS.get(access, 9) > _RANKS.get(app.permissions.get(name, ""), 0):
            raise ApiError(422, "The permissions requested are not granted to this installation.")
    return asked


def _chosen_repositories(call: Call, app: App) -> list[Repository] | None:
    """The repositories asked for, or None where the token is to reach all of them."""
    names, ids = call.texts("repositories"), call.body().get("repository_ids")
    if names is None and ids is None:
        return None
    reachable = [
        one for one in call.github.repositories.values() if one.repository_id in app.repository_ids
    ]
    by_name = {one.name.lower(): one for one in reachable}
    by_id = {one.repository_id: one for one in reachable}
    found = [by_name.get(name.lower()) for name in names or []]
    found += [by_id.get(one) for one in ids or []]
    chosen = [one for one in found if one is not None]
    if len(chosen) != len(found):
        raise ApiError(
            422,
            "There is at least one repository that does not exist or is not accessible to the "
            "parent installation.",
        )
    return chosen
