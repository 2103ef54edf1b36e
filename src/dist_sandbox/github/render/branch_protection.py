"""The JSON of classic branch protection."""

from typing import Any

from dist_sandbox.github.render.apps import render_app
from dist_sandbox.github.render.basics import render_account, repository_api
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rules.branch_protection import (
    Actors,
    BranchProtection,
    RequiredChecks,
    RequiredReviews,
)
from dist_sandbox.github.state import GitHub

#: The settings that are on or off; the API's names and those of BranchProtection are the same.
SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)


def render_protection(
    protection: BranchProtection, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `branch-protection`, which is its `protected-branch` too."""
    url = f"{repository_api(repository, github.addresses)}/branches/{protection.branch}/protection"
    shown: dict[str, Any] = {"url": url}
    if protection.checks is not None:
        shown["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "contexts_url": f"{url}/required_status_checks/contexts",
            "strict": protection.checks.strict,
            **_render_checks(protection.checks),
        }
    if protection.restrictions is not None:
        address = f"{url}/restrictions"
        shown["restrictions"] = {
            **_addresses_of_actors(address),
            "apps_url": f"{address}/apps",
            **_render_actors(protection.restrictions, github),
        }
    if protection.reviews is not None:
        shown["required_pull_request_reviews"] = _render_reviews(protection.reviews, url, github)
    return {
        **shown,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": protection.enforce_admins},
        **{name: {"enabled": getattr(protection, name)} for name in SWITCHES},
    }


def render_summary(protection: BranchProtection | None) -> dict[str, Any]:
    """What everybody sees who sees the branch."""
    checks = None if protection is None else protection.checks
    level = "off"
    if protection is not None and checks is not None:
        level = "everyone" if protection.enforce_admins else "non_admins"
    return {
        "enabled": protection is not None,
        "required_status_checks": {
            "enforcement_level": level,
            **_render_checks(checks or RequiredChecks(strict=False, checks=())),
        },
    }


def _render_checks(checks: RequiredChecks) -> dict[str, Any]:
    listed = [{"context": context, "app_id": app_id} for context, app_id in checks.checks]
    return {"contexts": checks.contexts, "checks": listed}


def _render_reviews(reviews: RequiredReviews, url: str, github: GitHub) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "url": f"{url}/required_pull_request_reviews",
        "dismiss_stale_reviews": reviews.dismiss_stale,
        "require_code_owner_reviews": reviews.code_owners,
        "require_last_push_approval": reviews.last_push_approval,
        "required_approving_review_count": reviews.approvals,
    }
    if reviews.dismissal is not None:
        shown["dismissal_restrictions"] = {
            **_addresses_of_actors(f"{url}/dismissal_restrictions"),
            **_render_actors(reviews.dismissal, github),
        }
    if reviews.bypass is not None:
        shown["bypass_pull_request_allowances"] = _render_actors(reviews.bypass, github)
    return shown


def _addresses_of_actors(url: str) -> dict[str, str]:
    return {"url": url, "users_url": f"{url}/users", "teams_url": f"{url}/teams"}


def _render_actors(actors: Actors, github: GitHub) -> dict[str, list[Any]]:
    apps = []
    for app in actors.apps:
        shown = render_app(app, github)
        # Here the description wants a text, where it allows an App to have none elsewhere.
        apps.append({**shown, "description": shown["description"] or ""})
    return {
        "users": [render_account(one, github.addresses) for one in actors.users],
        "teams": [],
        "apps": apps,
    }
