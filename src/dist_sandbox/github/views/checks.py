"""Operations on check runs and commit statuses.

Spec: https://docs.github.com/rest/checks/runs and https://docs.github.com/rest/commits/statuses
"""

from typing import Any

from flask import Response

from dist_sandbox.github.render.checks import (
    render_check_run,
    render_combined,
    render_status,
    render_suite,
)
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, missing_value, not_found
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page
from dist_sandbox.github.rules.checks import CheckRun, CommitStatus

operations = Operations()

_REPO = "/repos/{owner}/{repo}"
_COMMIT = f"{_REPO}/commits/{{ref}}"
_CONCLUSIONS = (
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "stale",
    "timed_out",
)
_STATES = ("error", "failure", "pending", "success")


@operations.operation(f"GET {_COMMIT}/check-runs")
def list_check_runs(call: Call, ref: str) -> Response:
    """The check runs of a commit, the newest of each name and App unless all are asked for."""
    sha, checks = _resolve(call, ref), call.repository.checks
    every = call.query.get("filter") == "all"
    found = [one for one in checks.runs if one.sha == sha] if every else checks.latest_runs(sha)
    found = [one for one in found if _matches(one, call)]
    shown = [render_check_run(one, call.repository, call.github) for one in page_of(call, found)]
    return reply_page(call, {"total_count": len(found), "check_runs": shown}, total=len(found))


@operations.operation(f"GET {_COMMIT}/check-suites")
def list_check_suites(call: Call, ref: str) -> Response:
    """The check suites of a commit: what its check runs belong to."""
    sha = _resolve(call, ref)
    suites: dict[int, list[CheckRun]] = {}
    for run in call.repository.checks.latest_runs(sha):
        suites.setdefault(run.suite_id, []).append(run)
    shown = [
        render_suite(runs, call.repository, call.github)
        for runs in page_of(call, list(suites.values()))
    ]
    return reply_page(call, {"total_count": len(suites), "check_suites": shown}, total=len(suites))


@operations.operation(f"POST {_REPO}/check-runs")
def create_check_run(call: Call) -> Response:
    """Make a check run; only Apps may."""
    name, sha = call.required_text("name"), call.required_text("head_sha")
    if call.principal.kind == "user":
        raise ApiError(403, "You must authenticate via a GitHub App.")
    if call.repository.git.object_type(sha) != "commit":
        raise ApiError(422, f"No commit found for SHA: {sha}")
    number = call.github.next_id()
    run = CheckRun(number, name, sha, call.principal.app, number, call.world.clock.now())
    _change(run, call)
    call.repository.checks.runs.append(run)
    return reply(render_check_run(run, call.repository, call.github), 201)


@operations.operation(f"GET {_REPO}/check-runs/{{check_run_id}}")
def get_check_run(call: Call, check_run_id: int) -> Response:
    """One check run."""
    return reply(render_check_run(_run(call, check_run_id), call.repository, call.github))


@operations.operation(f"PATCH {_REPO}/check-runs/{{check_run_id}}")
def change_check_run(call: Call, check_run_id: int) -> Response:
    """Change or end a check run, as the App that made it."""
    run = _run(call, check_run_id)
    if call.principal.app_id != run.app_id:
        raise ApiError(
            403,
            f"Invalid app_id `{call.principal.app_id}` - check run can only be modified by the "
            "GitHub App that created it.",
        )
    _change(run, call)
    return reply(render_check_run(run, call.repository, call.github))


@operations.operation(f"GET {_COMMIT}/status")
def get_combined_status(call: Call, ref: str) -> Response:
    """What the statuses of a commit say together."""
    sha = _resolve(call, ref)
    every = call.repository.checks.latest_statuses(sha)
    body = render_combined(page_of(call, every), sha, call.repository, call.github)
    return reply_page(call, {**body, "total_count": len(every)}, total=len(every))


@operations.operation(f"GET {_COMMIT}/statuses")
def list_statuses(call: Call, ref: str) -> Response:
    """Every status of a commit, newest first."""
    sha = _resolve(call, ref)
    every = [one for one in reversed(call.repository.checks.statuses) if one.sha == sha]
    shown = [render_status(one, call.repository, call.github) for one in page_of(call, every)]
    return reply_page(call, shown, total=len(every))


@operations.operation(f"POST {_REPO}/statuses/{{sha}}")
def create_status(call: Call, sha: str) -> Response:
    """Set a status of a commit."""
    state = call.required_text("state")
    if state not in _STATES:
        raise ApiError(422, f"Invalid request.\n\n{state} is not a member of {list(_STATES)}.")
    if call.repository.git.object_type(sha) != "commit":
        raise ApiError(422, f"No commit found for SHA: {sha}")
    status = CommitStatus(
        status_id=call.github.next_id(),
        sha=sha,
        context=call.text("context") or "default",
        state=state,
        description=call.text("description"),
        target_url=call.text("target_url"),
        creator=call.principal.account,
        created_at=call.world.clock.now(),
    )
    call.repository.checks.statuses.append(status)
    return reply(render_status(status, call.repository, call.github), 201)


def _resolve(call: Call, ref: str) -> str:
    # A ref may be written with its kind, as `heads/main`.
    git = call.repository.git
    found = git.resolve_commit(ref) or git.resolve_commit(f"refs/{ref}")
    if found is None:
        raise ApiError(422, f"No commit found for SHA: {ref}")
    return found


def _run(call: Call, check_id: int) -> CheckRun:
    run = call.repository.checks.find(check_id)
    if run is None:
        raise not_found()
    return run


def _matches(run: CheckRun, call: Call) -> bool:
    shown = {"check_name": run.name, "status": run.status, "app_id": str(run.app_id)}
    return all(call.query[name] == value for name, value in shown.items() if name in call.query)


def _change(run: CheckRun, call: Call) -> None:
    """Take over what the body says of a check run."""
    body: dict[str, Any] = call.body()
    run.name = call.text("name") or run.name
    run.details_url = call.text("details_url") or run.details_url
    run.external_id = call.text("external_id") or run.external_id
    if isinstance(body.get("output"), dict):
        run.output = {name: body["output"].get(name) for name in ("title", "summary", "text")}
    conclusion = call.text("conclusion")
    if conclusion is not None:
        if conclusion not in _CONCLUSIONS:
            raise ApiError(
                422, f"Invalid request.\n\n{conclusion} is not a member of {list(_CONCLUSIONS)}."
            )
        run.complete(conclusion, call.world.clock.now())
    elif call.text("status") == "completed":
        raise missing_value("conclusion")
    elif call.text("status"):
        run.status, run.conclusion = str(call.text("status")), None
