"""The JSON of environments, variables and the names of secrets."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from dist_sandbox.github.render.basics import (
    node_id,
    render_account,
    repository_api,
    repository_page,
    timestamp,
)
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.state import GitHub
from dist_sandbox.github.workflows.settings import (
    BranchPolicy,
    DeploymentEnvironment,
    SecretName,
    Variable,
)


def render_environment(
    environment: DeploymentEnvironment, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `environment`."""
    limited = environment.protected_branches or environment.custom_branch_policies
    policy = {
        "protected_branches": environment.protected_branches,
        "custom_branch_policies": environment.custom_branch_policies,
    }
    return {
        **render_environment_reference(environment, repository, github),
        "created_at": timestamp(environment.created_at),
        "updated_at": timestamp(environment.updated_at),
        "protection_rules": list(_protection_rules(environment, github)),
        "deployment_branch_policy": policy if limited else None,
        "can_admins_bypass": True,
    }


def render_environment_reference(
    environment: DeploymentEnvironment, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """An environment where only its names and addresses are shown."""
    api = repository_api(repository, github.addresses)
    page = repository_page(repository, github.addresses)
    return {
        "id": environment.environment_id,
        "node_id": node_id("Environment", environment.environment_id),
        "name": environment.name,
        "url": f"{api}/environments/{quote(environment.name, safe='')}",
        "html_url": f"{page}/deployments/activity_log?environments_filter={environment.name}",
    }


def render_reviewers(environment: DeploymentEnvironment, github: GitHub) -> list[dict[str, Any]]:
    """Those who may approve an environment's jobs."""
    return [
        {"type": "User", "reviewer": render_account(account, github.addresses)}
        for account in environment.reviewers
    ]


def _protection_rules(
    environment: DeploymentEnvironment, github: GitHub
) -> Iterator[dict[str, Any]]:
    number = environment.environment_id
    if environment.wait_timer_minutes:
        minutes = environment.wait_timer_minutes
        name = node_id("WaitTimerRule", number)
        yield {"id": number, "node_id": name, "type": "wait_timer", "wait_timer": minutes}
    if environment.reviewers:
        yield {
            "id": number,
            "node_id": node_id("RequiredReviewersRule", number),
            "type": "required_reviewers",
            "prevent_self_review": environment.prevent_self_review,
            "reviewers": render_reviewers(environment, github),
        }
    if environment.protected_branches or environment.custom_branch_policies:
        yield {
            "id": number,
            "node_id": node_id("BranchPolicyRule", number),
            "type": "branch_policy",
        }


def render_policy(policy: BranchPolicy) -> dict[str, Any]:
    """GitHub's `deployment-branch-policy`."""
    return {
        "id": policy.policy_id,
        "node_id": node_id("BranchPolicy", policy.policy_id),
        "name": policy.name,
        "type": policy.kind,
    }


def render_variable(variable: Variable) -> dict[str, Any]:
    """GitHub's `actions-variable`."""
    return {
        "name": variable.name,
        "value": variable.value,
        "created_at": timestamp(variable.created_at),
        "updated_at": timestamp(variable.updated_at),
    }


def render_secret(secret: SecretName) -> dict[str, Any]:
    """GitHub's `actions-secret`: never its value."""
    created = timestamp(secret.created_at)
    return {"name": secret.name, "created_at": created, "updated_at": created}
