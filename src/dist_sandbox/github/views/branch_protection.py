"""Operations on classic branch protection."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from dist_sandbox.github.render.basics import render_account
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import existing, invalid_request, missing_value
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rules.branch_protection import (
    Actors,
    BranchProtection,
    RequiredChecks,
    RequiredReviews,
)
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.github.views.apps import render_app

operations = Operations()

_PROTECTION = f"{REPO}/branches/{{branch}}/protection"

#: The settings that are on or off; the API's names and those of BranchProtection are the same.
_SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)
#: What a request must name, if only with null.
_REQUIRED = (
    "required_status_checks",
    "enforce_admins",
    "required_pull_request_reviews",
    "restrictions",
)
_MOST_APPROVALS = 6
#: How a check is asked for that any App may make.
_ANY_APP = -1


@operations.operation(f"GET {_PROTECTION}", "administration=read")
def get_protection(call: Call, branch: str) -> Response:
    """Get what protects a branch."""
    return reply(_render_protection(_find_protection(call, branch), call.repository))


@operations.operation(f"PUT {_PROTECTION}", "administration=write")
def put_protection(call: Call, branch: str) -> Response:
    """Protect a branch, in place of what protected it before."""
    _check_branch(call, branch)
    for name in _REQUIRED:
        if name not in call.body():
            raise missing_value(name)
    merging = call.repository.merging
    switches = {name: bool(call.flag(name)) for name in _SWITCHES}
    if switches["required_linear_history"] and not (merging.squash or merging.rebase):
        # From the description of the operation; the words are ours.
        raise invalid_request(
            "A linear history needs squash merging or rebase merging to be allowed."
        )
    protection = BranchProtection(
        branch=branch,
        created_at=call.now(),
        enforce_admins=bool(call.flag("enforce_admins")),
        checks=_read_checks(call),
        reviews=_read_reviews(call),
        restrictions=_read_actors(call, _mapping(call.body(), "restrictions")),
        **switches,
    )
    call.repository.protections[branch] = protection
    return reply(_render_protection(protection, call.repository))


@operations.operation(f"DELETE {_PROTECTION}", "administration=write")
def delete_protection(call: Call, branch: str) -> Response:
    """Remove a branch's protection."""
    _find_protection(call, branch)
    del call.repository.protections[branch]
    return reply(None, 204)


def _find_protection(call: Call, branch: str) -> BranchProtection:
    _check_branch(call, branch)
    return existing(call.repository.protections.get(branch), "Branch not protected")


def _check_branch(call: Call, branch: str) -> None:
    existing(call.repository.git.branch(branch), "Branch not found")


def _read_checks(call: Call) -> RequiredChecks | None:
    settings = _mapping(call.body(), "required_status_checks")
    if settings is None:
        return None
    by_name = [{"context": context} for context in settings.get("contexts") or ()]
    app_ids: dict[str, int | None] = {}
    for check in [*by_name, *(settings.get("checks") or ())]:
        if not isinstance(check, dict) or not isinstance(check.get("context"), str):
            raise invalid_request(
                f"For 'properties/required_status_checks', {check!r} is no check."
            )
        app_id = check.get("app_id")
        if app_id is None:
            app_id = _recent_app(call, check["context"])
        app_ids[check["context"]] = None if app_id == _ANY_APP else app_id
    return RequiredChecks(bool(settings.get("strict")), tuple(app_ids.items()))


def _recent_app(call: Call, context: str) -> int | None:
    """Find the App of the newest check of this name: GitHub takes it where none is named."""
    runs = reversed(call.repository.checks.runs)
    return next((run.app_id for run in runs if run.name == context), None)


def _read_reviews(call: Call) -> RequiredReviews | None:
    settings = _mapping(call.body(), "required_pull_request_reviews")
    if settings is None:
        return None
    approvals = settings.get("required_approving_review_count", 1)
    if not isinstance(approvals, int) or not 0 <= approvals <= _MOST_APPROVALS:
        raise invalid_request(f"{approvals!r} is no number from 0 to {_MOST_APPROVALS}.")
    return RequiredReviews(
        approvals=approvals,
        dismiss_stale=bool(settings.get("dismiss_stale_reviews")),
        code_owners=bool(settings.get("require_code_owner_reviews")),
        last_push_approval=bool(settings.get("require_last_push_approval")),
        # An empty object is none at all.
        dismissal=_read_actors(call, _mapping(settings, "dismissal_restrictions") or None),
        bypass=_read_actors(call, _mapping(settings, "bypass_pull_request_allowances") or None),
    )


def _read_actors(call: Call, names: Mapping[str, Any] | None) -> Actors | None:
    """Find who is named; GitHub leaves unknown names out without a word."""
    if names is None:
        return None
    logins, slugs = names.get("users") or (), names.get("apps") or ()
    people = (user.account for user in call.github.users)
    return Actors(
        users=tuple(account for account in people if account.login in logins),
        apps=tuple(app for app in call.github.apps if app.slug in slugs),
    )


def _mapping(body: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = body.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise invalid_request(f"For 'properties/{name}', {value!r} is not an object.")


def _render_protection(protection: BranchProtection, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `branch-protection`, which is its `protected-branch` too."""
    url = f"{repository.api_url}/branches/{protection.branch}/protection"
    body: dict[str, Any] = {"url": url}
    if protection.checks is not None:
        body["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "contexts_url": f"{url}/required_status_checks/contexts",
            "strict": protection.checks.strict,
            **_render_checks(protection.checks),
        }
    if protection.restrictions is not None:
        address = f"{url}/restrictions"
        body["restrictions"] = {
            **_addresses_of_actors(address),
            "apps_url": f"{address}/apps",
            **_render_actors(protection.restrictions, repository.github),
        }
    if protection.reviews is not None:
        body["required_pull_request_reviews"] = _render_reviews(
            protection.reviews, url, repository.github
        )
    return {
        **body,
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": protection.enforce_admins},
        **{name: {"enabled": getattr(protection, name)} for name in _SWITCHES},
    }


def render_summary(protection: BranchProtection | None) -> dict[str, Any]:
    """Render what everybody sees who sees the branch."""
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
    rows = [{"context": context, "app_id": app_id} for context, app_id in checks.checks]
    return {"contexts": checks.contexts, "checks": rows}


def _render_reviews(reviews: RequiredReviews, url: str, github: GitHub) -> dict[str, Any]:
    body: dict[str, Any] = {
        "url": f"{url}/required_pull_request_reviews",
        "dismiss_stale_reviews": reviews.dismiss_stale,
        "require_code_owner_reviews": reviews.code_owners,
        "require_last_push_approval": reviews.last_push_approval,
        "required_approving_review_count": reviews.approvals,
    }
    if reviews.dismissal is not None:
        body["dismissal_restrictions"] = {
            **_addresses_of_actors(f"{url}/dismissal_restrictions"),
            **_render_actors(reviews.dismissal, github),
        }
    if reviews.bypass is not None:
        body["bypass_pull_request_allowances"] = _render_actors(reviews.bypass, github)
    return body


def _addresses_of_actors(url: str) -> dict[str, str]:
    return {"url": url, "users_url": f"{url}/users", "teams_url": f"{url}/teams"}


def _render_actors(actors: Actors, github: GitHub) -> dict[str, list[Any]]:
    apps = []
    for app in actors.apps:
        body = render_app(app, github)
        # Here the description wants a text, where it allows an App to have none elsewhere.
        apps.append({**body, "description": body["description"] or ""})
    return {
        "users": [render_account(account, github) for account in actors.users],
        "teams": [],
        "apps": apps,
    }
