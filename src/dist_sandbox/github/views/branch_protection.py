"""Operations on classic branch protection."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from dist_sandbox.github.render.branch_protection import SWITCHES, render_protection
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, missing_value
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rules.branch_protection import (
    Actors,
    BranchProtection,
    RequiredChecks,
    RequiredReviews,
)

operations = Operations()

_PROTECTION = "/repos/{owner}/{repo}/branches/{branch}/protection"

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


@operations.operation(f"GET {_PROTECTION}")
def get_protection(call: Call, branch: str) -> Response:
    """What protects a branch."""
    return reply(render_protection(_existing(call, branch), call.repository, call.github))


@operations.operation(f"PUT {_PROTECTION}")
def put_protection(call: Call, branch: str) -> Response:
    """Protect a branch, in place of what protected it before."""
    _check_branch(call, branch)
    for name in _REQUIRED:
        if name not in call.body():
            raise missing_value(name)
    merging = call.repository.merging
    switches = {name: bool(call.flag(name)) for name in SWITCHES}
    if switches["required_linear_history"] and not (merging.squash or merging.rebase):
        # From the description of the operation; the words are ours.
        raise _invalid("A linear history needs squash merging or rebase merging to be allowed.")
    protection = BranchProtection(
        branch=branch,
        created_at=call.world.clock.now(),
        enforce_admins=bool(call.flag("enforce_admins")),
        checks=_read_checks(call),
        reviews=_read_reviews(call),
        restrictions=_read_actors(call, _mapping(call.body(), "restrictions")),
        **switches,
    )
    call.repository.protections[branch] = protection
    return reply(render_protection(protection, call.repository, call.github))


@operations.operation(f"DELETE {_PROTECTION}")
def delete_protection(call: Call, branch: str) -> Response:
    """Protect a branch no longer."""
    _existing(call, branch)
    del call.repository.protections[branch]
    return reply(None, 204)


def _existing(call: Call, branch: str) -> BranchProtection:
    _check_branch(call, branch)
    found = call.repository.protections.get(branch)
    if found is None:
        raise ApiError(404, "Branch not protected")
    return found


def _check_branch(call: Call, branch: str) -> None:
    if call.repository.git.branch(branch) is None:
        raise ApiError(404, "Branch not found")


def _read_checks(call: Call) -> RequiredChecks | None:
    given = _mapping(call.body(), "required_status_checks")
    if given is None:
        return None
    by_name = [{"context": context} for context in given.get("contexts") or ()]
    found: dict[str, int | None] = {}
    for one in [*by_name, *(given.get("checks") or ())]:
        if not isinstance(one, dict) or not isinstance(one.get("context"), str):
            raise _invalid(f"For 'properties/required_status_checks', {one!r} is no check.")
        app_id = one.get("app_id")
        recent = _recent_app(call, one["context"]) if app_id is None else app_id
        found[one["context"]] = None if recent == _ANY_APP else recent
    return RequiredChecks(bool(given.get("strict")), tuple(found.items()))


def _recent_app(call: Call, context: str) -> int | None:
    """The App whose check of this name is the newest: GitHub takes it where none is named."""
    runs = reversed(call.repository.checks.runs)
    return next((run.app_id for run in runs if run.name == context), None)


def _read_reviews(call: Call) -> RequiredReviews | None:
    given = _mapping(call.body(), "required_pull_request_reviews")
    if given is None:
        return None
    approvals = given.get("required_approving_review_count", 1)
    if not isinstance(approvals, int) or not 0 <= approvals <= _MOST_APPROVALS:
        raise _invalid(f"{approvals!r} is no number from 0 to {_MOST_APPROVALS}.")
    return RequiredReviews(
        approvals=approvals,
        dismiss_stale=bool(given.get("dismiss_stale_reviews")),
        code_owners=bool(given.get("require_code_owner_reviews")),
        last_push_approval=bool(given.get("require_last_push_approval")),
        # An empty object is none at all.
        dismissal=_read_actors(call, _mapping(given, "dismissal_restrictions") or None),
        bypass=_read_actors(call, _mapping(given, "bypass_pull_request_allowances") or None),
    )


def _read_actors(call: Call, given: Mapping[str, Any] | None) -> Actors | None:
    """Who is named; GitHub leaves unknown names out without a word."""
    if given is None:
        return None
    logins, slugs = given.get("users") or (), given.get("apps") or ()
    people = (user.account for user in call.github.users)
    return Actors(
        users=tuple(account for account in people if account.login in logins),
        apps=tuple(app for app in call.github.apps if app.slug in slugs),
    )


def _mapping(given: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = given.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise _invalid(f"For 'properties/{name}', {value!r} is not an object.")


def _invalid(text: str) -> ApiError:
    return ApiError(422, f"Invalid request.\n\n{text}")
