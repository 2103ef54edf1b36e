"""Operations on workflow runs, and on the approval that their jobs wait for.

Spec: https://docs.github.com/rest/actions/workflow-runs
"""

import re
import zlib
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from flask import Response

from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.render.webhooks import emit
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import GitHubError, existing, missing_value, not_a_member
from dist_sandbox.github.rest.operations import REPO, USER, Operations
from dist_sandbox.github.rest.pagination import reply_list
from dist_sandbox.github.state import Repository
from dist_sandbox.github.views.deployments import render_deployment
from dist_sandbox.github.views.settings import render_environment_reference, render_reviewers
from dist_sandbox.github.workflows.runs import DeploymentDecision, DeploymentReview, WorkflowRun
from dist_sandbox.github.workflows.settings import DeploymentEnvironment

operations = Operations()

_RUNS = f"{REPO}/actions/runs"
_RUN = f"{_RUNS}/{{run_id}}"
#: What GitHub takes as the payload of a `repository_dispatch`.
_MOST_PROPERTIES = 10
_DECISIONS: tuple[DeploymentDecision, ...] = ("approved", "rejected")

#: Names of the fields that hold addresses below the run's own, and what follows it.
_BELOW = {
    "jobs_url": "/jobs",
    "logs_url": "/logs",
    "cancel_url": "/cancel",
    "rerun_url": "/rerun",
    "artifacts_url": "/artifacts",
}


@operations.operation(f"GET {_RUNS}", "actions=read")
def list_runs(call: Call) -> Response:
    """List workflow runs by event, commit, status and branch, newest first."""
    runs = [run for run in reversed(call.repository.runs.values()) if _matches(run, call)]
    return reply_list(call, runs, lambda run, _: _render_run(run, call), field="workflow_runs")


@operations.operation(f"GET {_RUN}", "actions=read")
def get_run(call: Call, run_id: int) -> Response:
    """Get one workflow run."""
    return reply(_render_run(_find_run(call, run_id), call))


@operations.operation(f"GET {_RUN}/approvals", "actions=read")
def list_reviews(call: Call, run_id: int) -> Response:
    """List what reviewers decided."""
    reviews = _find_run(call, run_id).reviews
    return reply([_render_review(review, call.repository) for review in reviews])


@operations.operation(f"GET {_RUN}/pending_deployments", "actions=read")
def list_pending(call: Call, run_id: int) -> Response:
    """List the environments that jobs of the run wait for."""
    run = _find_run(call, run_id)
    return reply([_render_pending(run, environment, call) for environment in run.pending])


@operations.operation(f"POST {_RUN}/pending_deployments", USER)
def review_pending(call: Call, run_id: int) -> Response:
    """Approve or reject what jobs of the run wait for."""
    run, account = _find_run(call, run_id), call.principal.account
    environments = _read_environments(call, run)
    decision = _read_decision(call.required_text("state"))
    refused = [
        environment.name for environment in environments if not run.may_review(environment, account)
    ]
    if refused:
        # The description lists no refusal; what matters is that nothing is decided.
        raise GitHubError(422, f"{account.login} cannot review deployments to {', '.join(refused)}")
    comment = call.required_text("comment")
    run.review(DeploymentReview(environments, decision, account, comment), call.now())
    names = {environment.name for environment in environments}
    return reply(
        [
            render_deployment(deployment, call.repository)
            for deployment in call.repository.deployments
            if deployment.run_id == run_id and deployment.environment in names
        ]
    )


@operations.operation(f"POST {REPO}/dispatches", "contents=write")
def dispatch_repository(call: Call) -> Response:
    """Emit `repository_dispatch`; workflows start for it, whoever asks."""
    kind, payload = call.required_text("event_type"), call.body().get("client_payload", {})
    if not isinstance(payload, dict) or len(payload) > _MOST_PROPERTIES:
        raise GitHubError(422, f"client_payload has at most {_MOST_PROPERTIES} properties")
    branch = call.repository.default_branch
    event = {"action": kind, "branch": branch, "client_payload": payload}
    return _dispatch(call, "repository_dispatch", f"refs/heads/{branch}", event)


@operations.operation(f"GET {REPO}/actions/workflows/{{workflow_id}}", "actions=read")
def get_workflow(call: Call, workflow_id: str) -> Response:
    """Get a workflow by its file's name or its number."""
    path, text = _find_workflow(call, workflow_id, call.repository.default_branch)
    name = re.search(r"^name:\s*[\"']?(.+?)[\"']?\s*$", text, re.MULTILINE)
    number, repository = _workflow_number(path), call.repository
    now = timestamp(call.now())
    return reply(
        {
            "id": number,
            "node_id": node_id("Workflow", number),
            "name": name[1] if name else path,
            "path": path,
            "state": "active",
            "created_at": now,
            "updated_at": now,
            "url": f"{repository.api_url}/actions/workflows/{number}",
            "html_url": f"{repository.html_url}/blob/{repository.default_branch}/{path}",
            "badge_url": f"{repository.html_url}/workflows/{number}/badge.svg",
        }
    )


@operations.operation(f"POST {REPO}/actions/workflows/{{workflow_id}}/dispatches", "actions=write")
def dispatch_workflow(call: Call, workflow_id: str) -> Response:
    """Emit `workflow_dispatch` for one workflow, which starts, whoever asks."""
    name, inputs = call.required_text("ref"), call.body().get("inputs", {})
    prefixes = ("",) if name.startswith("refs/") else ("refs/heads/", "refs/tags/")
    refs = [f"{prefix}{name}" for prefix in prefixes]
    ref = next((ref for ref in refs if call.repository.git.ref(ref)), None)
    if ref is None:
        raise GitHubError(422, f"No ref found for: {name}")
    path, text = _find_workflow(call, workflow_id, ref)
    if "workflow_dispatch" not in text:
        raise GitHubError(422, "Workflow does not have 'workflow_dispatch' trigger")
    event = {"inputs": inputs, "ref": ref, "workflow": path}
    return _dispatch(call, "workflow_dispatch", ref, event)


def _dispatch(call: Call, name: str, ref: str, payload: dict[str, Any]) -> Response:
    sha = existing(call.repository.git.resolve_commit(ref))
    by = replace(call.principal, starts_workflows=True)
    emit(call.repository, name, by, ref=ref, sha=sha, payload=payload)
    return Response(status=204)


def _find_workflow(call: Call, workflow_id: str, ref: str) -> tuple[str, str]:
    """Find a workflow's path and text; 404 where there is none."""
    git, folder = call.repository.git, ".github/workflows/"
    listing = git.git_or_none("ls-tree", "--name-only", ref, folder) or ""
    for path in listing.splitlines():
        if workflow_id in (PurePosixPath(path).name, str(_workflow_number(path))):
            return path, git.git("show", f"{ref}:{path}")
    return existing(None)


def _workflow_number(path: str) -> int:
    return zlib.crc32(path.encode())


def _find_run(call: Call, run_id: int) -> WorkflowRun:
    return existing(call.repository.runs.get(run_id))


def _matches(run: WorkflowRun, call: Call) -> bool:
    fields = {
        "event": (run.event,),
        "head_sha": (run.sha,),
        "status": (run.status, run.conclusion),
        "branch": (run.short_ref,),
        "actor": (run.actor,),
    }
    query = call.query
    return all(query[name] in values for name, values in fields.items() if query.get(name))


def _read_environments(call: Call, run: WorkflowRun) -> tuple[DeploymentEnvironment, ...]:
    """Read which environments the body names; each must be waited for.

    Raises:
        GitHubError: 422 where none is named, or one that nothing waits for.
    """
    ids = call.body().get("environment_ids")
    if not isinstance(ids, list) or not ids:
        raise missing_value("environment_ids")
    pending = {environment.environment_id: environment for environment in run.pending}
    if any(environment_id not in pending for environment_id in ids):
        raise GitHubError(422, "No pending deployment requests to approve or reject")
    return tuple(pending[environment_id] for environment_id in ids)


def _read_decision(text: str) -> DeploymentDecision:
    for decision in _DECISIONS:
        if text == decision:
            return decision
    raise not_a_member(text, _DECISIONS)


def _render_run(run: WorkflowRun, call: Call) -> dict[str, Any]:
    """Render GitHub's `workflow-run`."""
    api, path = call.repository.api_url, f"/actions/runs/{run.run_id}"
    url = f"{api}{path}"
    account = call.github.find_account(run.actor) or call.github.owner
    actor = render_account(account, call.github)
    repository = render_repository(call.repository, call.caller)
    return {
        "id": run.run_id,
        "name": run.path,
        "node_id": node_id("WorkflowRun", run.run_id),
        "check_suite_id": run.run_id,
        "check_suite_node_id": node_id("CheckSuite", run.run_id),
        "head_branch": run.short_ref,
        "head_sha": run.sha,
        "path": run.path,
        "run_number": run.number,
        "run_attempt": 1,
        "event": run.event,
        "display_title": run.path,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": 1,
        "url": url,
        "html_url": f"{call.repository.html_url}{path}",
        "pull_requests": [],
        "created_at": timestamp(run.created_at),
        "updated_at": timestamp(run.updated_at),
        "run_started_at": timestamp(run.created_at),
        "actor": actor,
        "triggering_actor": actor,
        **{name: f"{url}{suffix}" for name, suffix in _BELOW.items()},
        "check_suite_url": f"{api}/check-suites/{run.run_id}",
        "workflow_url": f"{api}/actions/workflows/1",
        "previous_attempt_url": None,
        "head_commit": None,
        "repository": repository,
        "head_repository": repository,
    }


def _render_pending(
    run: WorkflowRun, environment: DeploymentEnvironment, call: Call
) -> dict[str, Any]:
    """Render GitHub's `pending-deployment`, as the caller sees it."""
    arrived = min(job.since for job in run.jobs if job.environment is environment)
    return {
        "environment": render_environment_reference(environment, call.repository),
        "wait_timer": environment.wait_timer_minutes,
        "wait_timer_started_at": timestamp(arrived),
        "current_user_can_approve": run.may_review(environment, call.principal.account),
        "reviewers": render_reviewers(environment, call.github),
    }


def _render_review(review: DeploymentReview, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `environment-approvals`."""
    return {
        "environments": [
            {
                **render_environment_reference(environment, repository),
                "created_at": timestamp(environment.created_at),
                "updated_at": timestamp(environment.updated_at),
            }
            for environment in review.environments
        ],
        "state": review.decision,
        "user": render_account(review.reviewer, repository.github),
        "comment": review.comment,
    }
