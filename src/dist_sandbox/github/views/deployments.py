"""Operations on deployments."""

from typing import Any

from flask import Response

from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import existing, not_a_member
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rest.pagination import reply_list
from dist_sandbox.github.state import Repository
from dist_sandbox.github.workflows.runs import Deployment

operations = Operations()

_STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


@operations.operation(f"GET {REPO}/deployments", "deployments=read")
def list_deployments(call: Call) -> Response:
    """List deployments by environment, ref and commit, newest first."""
    query = {name: call.query[name] for name in ("environment", "ref", "sha") if name in call.query}
    deployments = [
        deployment
        for deployment in reversed(call.repository.deployments)
        if all(getattr(deployment, name) == value for name, value in query.items())
    ]
    return reply_list(call, deployments, render_deployment)


@operations.operation(f"POST {REPO}/deployments", "deployments=write")
def create_deployment(call: Call) -> Response:
    """Say that a ref is to be deployed."""
    ref = call.required_text("ref")
    commit = call.repository.git.resolve_commit(ref)
    sha = existing(commit, f"No ref found for: {ref}", status=422)
    deployment = Deployment(
        deployment_id=call.github.next_id(),
        sha=sha,
        ref=ref,
        task=call.text("task") or "deploy",
        environment=call.text("environment") or "production",
        description=call.text("description"),
        payload=call.body().get("payload", {}),
        creator=call.principal.account,
        created_at=call.now(),
    )
    call.repository.deployments.append(deployment)
    return reply(render_deployment(deployment, call.repository), 201)


@operations.operation(f"POST {REPO}/deployments/{{deployment_id}}/statuses", "deployments=write")
def create_deployment_status(call: Call, deployment_id: int) -> Response:
    """Say how a deployment goes."""
    deployments = call.repository.deployments
    by_id = {deployment.deployment_id: deployment for deployment in deployments}
    deployment = existing(by_id.get(deployment_id))
    state = call.required_text("state")
    if state not in _STATES:
        raise not_a_member(state, _STATES)
    body = _render_status(call, deployment, state)
    deployment.states.append(state)
    return reply(body, 201)


def render_deployment(deployment: Deployment, repository: Repository) -> dict[str, Any]:
    """Render GitHub's `deployment`."""
    url = f"{repository.api_url}/deployments/{deployment.deployment_id}"
    created = timestamp(deployment.created_at)
    return {
        "url": url,
        "id": deployment.deployment_id,
        "node_id": node_id("Deployment", deployment.deployment_id),
        "sha": deployment.sha,
        "ref": deployment.ref,
        "task": deployment.task,
        "payload": deployment.payload,
        "environment": deployment.environment,
        "original_environment": deployment.environment,
        "description": deployment.description,
        "creator": render_account(deployment.creator, repository.github),
        "created_at": created,
        "updated_at": created,
        "statuses_url": f"{url}/statuses",
        "repository_url": repository.api_url,
    }


def _render_status(call: Call, deployment: Deployment, state: str) -> dict[str, Any]:
    """Render GitHub's `deployment-status`, of one that is made now."""
    status_id, created = call.github.next_id(), timestamp(call.now())
    url = f"{call.repository.api_url}/deployments/{deployment.deployment_id}"
    return {
        "url": f"{url}/statuses/{status_id}",
        "id": status_id,
        "node_id": node_id("DeploymentStatus", status_id),
        "state": state,
        "creator": render_account(call.principal.account, call.github),
        "description": call.text("description") or "",
        "environment": deployment.environment,
        "target_url": "",
        "created_at": created,
        "updated_at": created,
        "deployment_url": url,
        "repository_url": call.repository.api_url,
    }
