"""Operations of Apps: themselves, their installations, and installation tokens."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from dist_sandbox.github.access.accounts import ACTIONS_BOT
from dist_sandbox.github.access.apps import App
from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import (
    GitHubError,
    existing,
    invalid_request,
    not_accessible,
    not_found,
)
from dist_sandbox.github.rest.operations import ANYONE, APP, REPO, Operations
from dist_sandbox.github.rules.checks import ACTIONS_APP_ID
from dist_sandbox.github.state import GitHub, Repository

operations = Operations()

_RANKS = {"read": 1, "write": 2, "admin": 3}


@operations.operation("GET /app", APP)
def get_app(call: Call) -> Response:
    """Get the App that signed the JWT."""
    return reply(render_app(call.signed_app, call.github))


@operations.operation("GET /apps/{app_slug}", ANYONE)
def get_app_by_slug(call: Call, app_slug: str) -> Response:
    """Get an App by its name in addresses, as everybody may."""
    return reply(render_app(existing(call.github.find_app(app_slug)), call.github))


@operations.operation("GET /app/installations", APP)
def list_installations(call: Call) -> Response:
    """List the App's installations: at most the one in the organisation."""
    app = call.signed_app
    return reply([_render_installation(app, call.github)] if app.installed else [])


@operations.operation(f"GET {REPO}/installation", APP)
def get_repository_installation(call: Call) -> Response:
    """Get the installation that reaches a repository."""
    app = call.signed_app
    if not app.installed or call.repository.repository_id not in app.repository_ids:
        raise not_found()
    return reply(_render_installation(app, call.github))


@operations.operation("GET /orgs/{org}/installation", APP)
def get_organisation_installation(call: Call, org: str) -> Response:
    """Get the installation in an organisation."""
    if not call.signed_app.installed or org.lower() != call.github.owner.login.lower():
        raise not_found()
    return reply(_render_installation(call.signed_app, call.github))


@operations.operation("GET /users/{username}/installation", APP)
def get_account_installation(call: Call, username: str) -> Response:
    """Get the installation in an account of either kind."""
    return get_organisation_installation(call, username)


@operations.operation("POST /app/installations/{installation_id}/access_tokens", APP, changes=False)
def create_installation_token(call: Call, installation_id: int) -> Response:
    """Mint an installation token for some repositories and permissions."""
    app, github = call.signed_app, call.github
    if not app.installed or installation_id != app.installation_id:
        raise not_found()
    if app.suspended:
        raise GitHubError(403, "This installation has been suspended")
    repositories = _read_repositories(call, app)
    repository_ids = app.repository_ids
    if repositories is not None:
        repository_ids = frozenset(repository.repository_id for repository in repositories)
    token = github.tokens.mint(
        app,
        permissions={"metadata": "read", **_read_permissions(call, app)},
        repository_ids=repository_ids,
        now=github.clock.now(),
    )
    body: dict[str, Any] = {
        "token": token.token,
        "expires_at": timestamp(token.expires_at),
        "permissions": token.permissions,
        "repository_selection": "selected",
    }
    if repositories is not None:
        body["repositories"] = [render_repository(repository) for repository in repositories]
    return reply(body, 201)


@operations.operation("DELETE /installation/token", "metadata=read", changes=False)
def revoke_installation_token(call: Call) -> Response:
    """End the token that asks."""
    if call.principal.kind != "installation":
        raise not_accessible()
    call.github.tokens.revoke(call.principal.token)
    return reply(None, 204)


@operations.operation("GET /installation/repositories", "metadata=read")
def list_installation_repositories(call: Call) -> Response:
    """List the repositories that the token reaches."""
    if call.principal.kind == "user":
        raise GitHubError(
            403,
            "You must authenticate with an installation access token in order "
            "to list repositories for an installation.",
        )
    rows = render_visible_repositories(call)
    return reply(
        {"total_count": len(rows), "repository_selection": "selected", "repositories": rows}
    )


def render_visible_repositories(call: Call) -> list[dict[str, Any]]:
    """Render the repositories that the caller sees."""
    return [
        render_repository(repository, call.principal)
        for repository in call.github.repositories.values()
        if call.principal.sees(repository.repository_id)
    ]


def _read_permissions(call: Call, app: App) -> Mapping[str, str]:
    """Read the permissions of the token, which must not exceed what was granted."""
    permissions = call.body().get("permissions")
    if permissions is None:
        return app.permissions
    if not isinstance(permissions, dict):
        raise invalid_request("For 'properties/permissions', not an object.")
    for name, access in permissions.items():
        if _RANKS.get(access, 9) > _RANKS.get(app.permissions.get(name, ""), 0):
            raise GitHubError(
                422, "The permissions requested are not granted to this installation."
            )
    return permissions


def _read_repositories(call: Call, app: App) -> list[Repository] | None:
    """Read the repositories of the token; None where it is to reach all of them."""
    names, ids = call.texts("repositories"), call.body().get("repository_ids")
    if names is None and ids is None:
        return None
    reachable = [
        repository
        for repository in call.github.repositories.values()
        if repository.repository_id in app.repository_ids
    ]
    by_name = {repository.name.lower(): repository for repository in reachable}
    by_id = {repository.repository_id: repository for repository in reachable}
    entries = [by_name.get(name.lower()) for name in names or []]
    entries += [by_id.get(repository_id) for repository_id in ids or []]
    repositories = [entry for entry in entries if entry is not None]
    if len(repositories) != len(entries):
        raise GitHubError(
            422,
            "There is at least one repository that does not exist or is not accessible to the "
            "parent installation.",
        )
    return repositories


def render_app(app: App | None, github: GitHub) -> dict[str, Any]:
    """Render GitHub's `integration`; None stands for GitHub Actions."""
    if app is None:
        return _render_actions_app(github)
    return {
        "id": app.app_id,
        "slug": app.slug,
        "client_id": app.client_id,
        "node_id": node_id("App", app.app_id),
        "owner": render_account(github.owner, github),
        "name": app.slug,
        "description": None,
        "external_url": github.addresses.github_server,
        "html_url": f"{github.addresses.github_server}/apps/{app.slug}",
        "created_at": timestamp(app.created_at),
        "updated_at": timestamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": [],
        "installations_count": int(app.installed),
    }


def _render_installation(app: App, github: GitHub) -> dict[str, Any]:
    """Render GitHub's `installation`."""
    api, number = github.addresses.github_api, app.installation_id
    owner = github.owner
    suspender = github.users[0].account if app.suspended else None
    return {
        "id": number,
        "client_id": app.client_id,
        "account": render_account(owner, github),
        "repository_selection": "selected",
        "access_tokens_url": f"{api}/app/installations/{number}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": (
            f"{github.addresses.github_server}/organizations/{owner.login}"
            f"/settings/installations/{number}"
        ),
        "app_id": app.app_id,
        "app_slug": app.slug,
        "target_id": owner.account_id,
        "target_type": owner.kind,
        "permissions": dict(app.permissions),
        "events": [],
        "created_at": timestamp(app.created_at),
        "updated_at": timestamp(app.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None if suspender is None else render_account(suspender, github),
        "suspended_at": timestamp(github.clock.now()) if app.suspended else None,
    }


def _render_actions_app(github: GitHub) -> dict[str, Any]:
    """Render the App behind the jobs of workflows."""
    created = timestamp(github.repository.created_at)
    return {
        "id": ACTIONS_APP_ID,
        "slug": "github-actions",
        "node_id": node_id("App", ACTIONS_APP_ID),
        "owner": render_account(ACTIONS_BOT, github),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": f"{github.addresses.github_server}/features/actions",
        "html_url": f"{github.addresses.github_server}/apps/github-actions",
        "created_at": created,
        "updated_at": created,
        "permissions": {"checks": "write", "contents": "read"},
        "events": [],
    }
