"""The JSON of deployments."""

from datetime import datetime
from typing import Any

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.render.basics import node_id, render_account, repository_api, timestamp
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.state import GitHub
from dist_sandbox.github.workflows.deployments import Deployment


def render_deployment(
    deployment: Deployment, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `deployment`."""
    api = repository_api(repository, github.addresses)
    url = f"{api}/deployments/{deployment.deployment_id}"
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
        "creator": render_account(deployment.creator, github.addresses),
        "created_at": created,
        "updated_at": created,
        "statuses_url": f"{url}/statuses",
        "repository_url": api,
    }


def render_status(
    deployment: Deployment,
    state: str,
    *,
    status_id: int,
    description: str,
    creator: Account,
    created_at: datetime,
    repository: Repository,
    github: GitHub,
) -> dict[str, Any]:
    """GitHub's `deployment-status`."""
    api = repository_api(repository, github.addresses)
    url = f"{api}/deployments/{deployment.deployment_id}"
    return {
        "url": f"{url}/statuses/{status_id}",
        "id": status_id,
        "node_id": node_id("DeploymentStatus", status_id),
        "state": state,
        "creator": render_account(creator, github.addresses),
        "description": description,
        "environment": deployment.environment,
        "target_url": "",
        "created_at": timestamp(created_at),
        "updated_at": timestamp(created_at),
        "deployment_url": url,
        "repository_url": api,
    }
