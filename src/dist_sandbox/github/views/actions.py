"""Operations on deployments."""

from typing import Any

from flask import Response

from dist_sandbox.github.render.deployments import render_deployment, render_status
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, not_found
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page
from dist_sandbox.github.workflows.deployments import Deployment

operations = Operations()

_REPO = "/repos/{owner}/{repo}"
_STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


@operations.operation(f"GET {_REPO}/deployments")
def list_deployments(call: Call) -> Response:
    """Deployments by environment, ref and commit, newest first."""
    wanted = {
        name: call.query[name] for name in ("environment", "ref", "sha") if name in call.query
    }
    found = [
        one
        for one in reversed(call.repository.deployments)
        if all(getattr(one, name) == value for name, value in wanted.items())
    ]
    shown = [render_deployment(one, call.repository, call.github) for one in page_of(call, found)]
    return reply_page(call, shown, total=len(found))


@operations.operation(f"POST {_REPO}/deployments")
def create_deployment(call: Call) -> Response:
    """Say that a ref is to be deployed."""
    ref = call.required_text("ref")
    sha = call.repository.git.resolve_commit(ref)
    if sha is None:
        raise ApiError(422, f"No ref found for: {ref}")
    payload: Any = call.body().get("payload", {})
    deployment = Deployment(
        deployment_id=call.github.next_id(),
        sha=sha,
        ref=ref,
        task=call.text("task") or "deploy",
        environment=call.text("environment") or "production",
        description=call.text("description"),
        payload=payload,
        creator=call.principal.account,
        created_at=call.world.clock.now(),
    )
    call.repository.deployments.append(deployment)
    return reply(render_deployment(deployment, call.repository, call.github), 201)


@operations.operation(f"POST {_REPO}/deployments/{{deployment_id}}/statuses")
def create_deployment_status(call: Call, deployment_id: int) -> Response:
    """Say how a deployment goes."""
    for deployment in call.repository.deployments:
        if deployment.deployment_id == deployment_id:
            break
    else:
        raise not_found()
    state = call.required_text("state")
    if state not in _STATES:
        raise ApiError(422, f"Invalid request.\n\n{state} is not a member of {list(_STATES)}.")
    status_id, now = call.github.next_id(), call.world.clock.now()
    rendered = render_status(
        deployment,
        state,
        status_id=status_id,
        description=call.text("description") or "",
        creator=call.principal.account,
        created_at=now,
        repository=call.repository,
        github=call.github,
    )
    deployment.states.append(state)
    return reply(rendered, 201)
