"""Operations on check runs and commit statuses.

Spec: https://docs.github.com/rest/checks/runs and https://docs.github.com/rest/commits/statuses
"""

from collections.abc import Sequence
from typing import Any

from flask import Response

from dist_sandbox.github.git.objects import read_commit
from dist_sandbox.github.render.basics import node_id, optional_timestamp, render_account, timestamp
from dist_sandbox.github.render.git import render_head
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import GitHubError, existing, missing_value, not_a_member
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rest.pagination import page_of, reply_list, reply_page
from dist_sandbox.github.rules.checks import (
    CheckRun,
    CommitStatus,
    Verdict,
    combine,
)
from dist_sandbox.github.state import Repository
from dist_sandbox.github.views.apps import render_app

operations = Operations()

_COMMIT = f"{REPO}/commits/{{ref}}"
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
_OUTPUT: dict[str, Any] = {"title": None, "summary": None, "text": None, "annotations_count": 0}


@operations.operation(f"GET {_COMMIT}/check-runs", "checks=read")
def list_check_runs(call: Call, ref: str) -> Response:
    """List the check runs of a commit; of those with one name and App the newest, by default."""
    sha, checks = _resolve(call, ref), call.repository.checks
    if call.query.get("filter") == "all":
        runs = [run for run in checks.runs if run.sha == sha]
    else:
        runs = checks.latest_runs(sha)
    runs = [run for run in runs if _matches(run, call)]
    return reply_list(call, runs, _render_check_run, field="check_runs")


@operations.operation(f"GET {_COMMIT}/check-suites", "checks=read")
def list_check_suites(call: Call, ref: str) -> Response:
    """List the check suites of a commit: what its check runs belong to."""
    sha = _resolve(call, ref)
    suites: dict[int, list[CheckRun]] = {}
    for run in call.repository.checks.latest_runs(sha):
        suites.setdefault(run.suite_id, []).append(run)
    return reply_list(call, list(suites.values()), _render_suite, field="check_suites")


@operations.operation(f"POST {REPO}/check-runs", "checks=write")
def create_check_run(call: Call) -> Response:
    """Make a check run; only Apps may."""
    name, sha = call.required_text("name"), call.required_text("head_sha")
    if call.principal.kind == "user":
        raise GitHubError(403, "You must authenticate via a GitHub App.")
    _require_commit(call, sha)
    number = call.github.next_id()
    run = CheckRun(number, name, sha, call.principal.app, number, call.now())
    _change(run, call)
    call.repository.checks.runs.append(run)
    return reply(_render_check_run(run, call.repository), 201)


@operations.operation(f"GET {REPO}/check-runs/{{check_run_id}}", "checks=read")
def get_check_run(call: Call, check_run_id: int) -> Response:
    """Get one check run."""
    return reply(_render_check_run(_find_run(call, check_run_id), call.repository))


@operations.operation(f"PATCH {REPO}/check-runs/{{check_run_id}}", "checks=write")
def change_check_run(call: Call, check_run_id: int) -> Response:
    """Change or end a check run, as the App that made it."""
    run = _find_run(call, check_run_id)
    if call.principal.app_id != run.app_id:
        raise GitHubError(
            403,
            f"Invalid app_id `{call.principal.app_id}` - check run can only be modified by the "
            "GitHub App that created it.",
        )
    _change(run, call)
    return reply(_render_check_run(run, call.repository))


@operations.operation(f"GET {_COMMIT}/status", "statuses=read")
def get_combined_status(call: Call, ref: str) -> Response:
    """Combine the statuses of a commit."""
    sha = _resolve(call, ref)
    statuses = call.repository.checks.latest_statuses(sha)
    body = _render_combined(page_of(call, statuses), sha, call.repository)
    return reply_page(call, {**body, "total_count": len(statuses)}, total=len(statuses))


@operations.operation(f"GET {_COMMIT}/statuses", "statuses=read")
def list_statuses(call: Call, ref: str) -> Response:
    """List every status of a commit, newest first."""
    sha = _resolve(call, ref)
    statuses = reversed(call.repository.checks.statuses)
    return reply_list(call, [status for status in statuses if status.sha == sha], _render_status)


@operations.operation(f"POST {REPO}/statuses/{{sha}}", "statuses=write")
def create_status(call: Call, sha: str) -> Response:
    """Set a status of a commit."""
    state = call.required_text("state")
    if state not in _STATES:
        raise not_a_member(state, _STATES)
    _require_commit(call, sha)
    status = CommitStatus(
        status_id=call.github.next_id(),
        sha=sha,
        context=call.text("context") or "default",
        state=state,
        description=call.text("description"),
        target_url=call.text("target_url"),
        creator=call.principal.account,
        created_at=call.now(),
    )
    call.repository.checks.statuses.append(status)
    return reply(_render_status(status, call.repository), 201)


def _resolve(call: Call, ref: str) -> str:
    # A ref may be written with its kind, as `heads/main`.
    git = call.repository.git
    sha = git.resolve_commit(ref) or git.resolve_commit(f"refs/{ref}")
    return existing(sha, f"No commit found for SHA: {ref}", status=422)


def _require_commit(call: Call, sha: str) -> None:
    if call.repository.git.object_type(sha) != "commit":
        raise GitHubError(422, f"No commit found for SHA: {sha}")


def _find_run(call: Call, check_id: int) -> CheckRun:
    return existing(call.repository.checks.find(check_id))


def _matches(run: CheckRun, call: Call) -> bool:
    fields = {"check_name": run.name, "status": run.status, "app_id": str(run.app_id)}
    return all(call.query[name] == value for name, value in fields.items() if name in call.query)


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
            raise not_a_member(conclusion, _CONCLUSIONS)
        run.complete(conclusion, call.now())
    elif call.text("status") == "completed":
        raise missing_value("conclusion")
    elif call.text("status"):
        run.status, run.conclusion = str(call.text("status")), None


def _render_check_run(run: CheckRun, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `check-run`."""
    url = f"{repository.api_url}/check-runs/{run.check_id}"
    return {
        "id": run.check_id,
        "head_sha": run.sha,
        "node_id": node_id("CheckRun", run.check_id),
        "external_id": run.external_id,
        "url": url,
        "html_url": f"{repository.html_url}/runs/{run.check_id}",
        "details_url": run.details_url or f"{repository.html_url}/runs/{run.check_id}",
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": timestamp(run.started_at),
        "completed_at": optional_timestamp(run.completed_at),
        "output": {**_OUTPUT, **run.output, "annotations_url": f"{url}/annotations"},
        "name": run.name,
        "check_suite": {"id": run.suite_id},
        "app": render_app(run.app, repository.github),
        "pull_requests": [],
    }


def _render_suite(runs: Sequence[CheckRun], repository: Repository) -> dict[str, Any]:
    """Render GitHub's `check-suite`, of the check runs in it."""
    first = runs[0]
    state = combine(Verdict(run.name, run.state) for run in runs)
    url = f"{repository.api_url}/check-suites/{first.suite_id}"
    started = timestamp(first.started_at)
    return {
        "id": first.suite_id,
        "node_id": node_id("CheckSuite", first.suite_id),
        "head_branch": None,
        "head_sha": first.sha,
        "status": "in_progress" if state == "pending" else "completed",
        "conclusion": None if state == "pending" else state,
        "url": url,
        "before": None,
        "after": first.sha,
        "pull_requests": [],
        "app": render_app(first.app, repository.github),
        "repository": render_repository(repository),
        "created_at": started,
        "updated_at": started,
        "head_commit": render_head(read_commit(repository.git, first.sha)),
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
    }


def _render_status(status: CommitStatus, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `status`."""
    created = timestamp(status.created_at)
    creator = render_account(status.creator, repository.github)
    return {
        "url": f"{repository.api_url}/statuses/{status.sha}",
        "avatar_url": creator["avatar_url"],
        "id": status.status_id,
        "node_id": node_id("StatusContext", status.status_id),
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": created,
        "updated_at": created,
        "creator": creator,
    }


def _render_combined(
    statuses: Sequence[CommitStatus], sha: str, repository: Repository
) -> dict[str, Any]:
    """Render GitHub's `combined-commit-status`; check runs are no part of it."""
    state = combine(
        verdict for verdict in repository.checks.verdicts(sha) if verdict.app_id is None
    )
    rows = [_render_status(status, repository) for status in statuses]
    return {
        # A commit without any status is pending, which misleads who looks at nothing else.
        "state": state or "pending",
        "statuses": [
            {name: value for name, value in row.items() if name != "creator"} for row in rows
        ],
        "sha": sha,
        "total_count": len(statuses),
        "repository": render_repository(repository),
        "commit_url": f"{repository.api_url}/commits/{sha}",
        "url": f"{repository.api_url}/commits/{sha}/status",
    }
