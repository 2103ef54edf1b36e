"""The JSON of Apps and installations."""

from typing import Any

from dist_sandbox.github.access.apps import App
from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.state import GitHub


def render_app(app: App, github: GitHub) -> dict[str, Any]:
    """Render GitHub's `integration`."""
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


def render_installation(app: App, github: GitHub) -> dict[str, Any]:
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
