"""Small pieces of GitHub's answers: times, node IDs, accounts."""

import base64
from datetime import datetime, timezone
from typing import Any

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.state import GitHub


def timestamp(moment: datetime | int) -> str:
    """Write a time as GitHub does: UTC, whole seconds, `Z`."""
    if isinstance(moment, int):
        moment = datetime.fromtimestamp(moment, tz=timezone.utc)
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def optional_timestamp(moment: datetime | None) -> str | None:
    """Write a time that may not have come yet."""
    return None if moment is None else timestamp(moment)


def node_id(kind: str, key: object) -> str:
    """Make an opaque ID as GraphQL uses; stable for the same object."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def association(account: Account) -> str:
    """Return GitHub's word for what an author is to the repository."""
    return "NONE" if account.kind == "Bot" else "MEMBER"


def render_account(account: Account, github: GitHub) -> dict[str, Any]:
    """Render GitHub's `simple-user`."""
    api = f"{github.addresses.github_api}/users/{account.login}"
    slug = account.login.removesuffix("[bot]")
    page = f"apps/{slug}" if account.kind == "Bot" else slug
    return {
        "login": account.login,
        "id": account.account_id,
        "node_id": node_id(account.kind, account.account_id),
        "avatar_url": f"{github.addresses.github_server}/avatars/{account.account_id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{github.addresses.github_server}/{page}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }
