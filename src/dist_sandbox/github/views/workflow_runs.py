"""Operations on workflow runs, and on the approval that their jobs wait for.

Spec: https://docs.github.com/rest/actions/workflow-runs
"""

from flask import Response

from dist_sandbox.github.render.deployments import render_deployment
from dist_sandbox.github.render.workflow_runs import render_pending, render_review, render_run
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, missing_value, not_found
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page
from dist_sandbox.github.workflows.runs import Decision, Review, WorkflowRun
from dist_sandbox.github.workflows.settings import DeploymentEnvironment

operations = Operations()

_RUNS = "/repos/{owner}/{repo}/actions/runs"
_RUN = f"{_RUNS}/{{run_id}}"
_DECISIONS: tuple[Decision, ...] = ("approved", "rejected")


@operations.operation(f"GET {_RUNS}")
def list_runs(call: Call) -> Response:
    """Workflow runs by event, commit, status and branch, newest first."""
    found = [run for run in reversed(call.repository.runs.values()) if _matches(run, call)]
    shown = [
        render_run(run, call.repository, call.github, call.caller) for run in page_of(call, found)
    ]
    body = {"total_count": len(found), "workflow_runs": shown}
    return reply_page(call, body, total=len(found))


@operations.operation(f"GET {_RUN}")
def get_run(call: Call, run_id: int) -> Response:
    """One workflow run."""
    return reply(render_run(_run(call, run_id), call.repository, call.github, call.caller))


@operations.operation(f"GET {_RUN}/approvals")
def list_reviews(call: Call, run_id: int) -> Response:
    """What reviewers decided."""
    reviews = _run(call, run_id).reviews
    return reply([render_review(one, call.repository, call.github) for one in reviews])


@operations.operation(f"GET {_RUN}/pending_deployments")
def list_pending(call: Call, run_id: int) -> Response:
    """The environments that jobs of the run wait for."""
    run, account = _run(call, run_id), call.principal.account
    shown = [
        render_pending(run, environment, call.repository, call.github, account)
        for environment in run.pending
    ]
    return reply(shown)


@operations.operation(f"POST {_RUN}/pending_deployments")
def review_pending(call: Call, run_id: int) -> Response:
    """Approve or reject what jobs of the run wait for."""
    run, account = _run(call, run_id), call.principal.account
    environments = _named(call, run)
    decision = _decision(call.required_text("state"))
    refused = [one.name for one in environments if not run.may_review(one, account)]
    if refused:
        # The description lists no refusal; what matters is that nothing is decided.
        raise ApiError(422, f"{account.login} cannot review deployments to {', '.join(refused)}")
    review = Review(environments, decision, account, call.required_text("comment"))
    run.review(review, call.world.clock.now())
    names = {environment.name for environment in environments}
    shown = [
        render_deployment(one, call.repository, call.github)
        for one in call.repository.deployments
        if one.run_id == run_id and one.environment in names
    ]
    return reply(shown)


def _run(call: Call, run_id: int) -> WorkflowRun:
    run = call.repository.runs.get(run_id)
    if run is None:
        raise not_found()
    return run


def _matches(run: WorkflowRun, call: Call) -> bool:
    shown = {
        "event": (run.event,),
        "head_sha": (run.sha,),
        "status": (run.status, run.conclusion),
        "branch": (run.short_ref,),
        "actor": (run.actor,),
    }
    return all(call.query[name] in values for name, values in shown.items() if call.query.get(name))


def _named(call: Call, run: WorkflowRun) -> tuple[DeploymentEnvironment, ...]:
    """The environments that the body names; each must be waited for.

    Raises:
        ApiError: 422 where none is named, or one that nothing waits for.
    """
    wanted = call.body().get("environment_ids")
    if not isinstance(wanted, list) or not wanted:
        raise missing_value("environment_ids")
    pending = {environment.environment_id: environment for environment in run.pending}
    if any(number not in pending for number in wanted):
        raise ApiError(422, "No pending deployment requests to approve or reject")
    return tuple(pending[number] for number in wanted)


def _decision(text: str) -> Decision:
    for known in _DECISIONS:
        if text == known:
            return known
    raise ApiError(422, f"Invalid request.\n\n{text} is not a member of {list(_DECISIONS)}.")
