"""The JSON of environments, variables and the names of secrets."""

from typing import Any
from urllib.parse import quote

from dist_sandbox.github.render.basics import (
    node_id,
    repository_api,
    repository_page,
    timestamp,
)
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.settings import (
    BranchPolicy,
    DeploymentEnvironment,
    SecretName,
    Variable,
)
from dist_sandbox.github.state import GitHub


def render_environment(
    environment: DeploymentEnvironment, repository: Repository, github: GitHub
) -> dict[str, Any]:
    """GitHub's `environment`."""
    limited = environment.protected_branches or environment.custom_branch_policies
    rule = {
        "id": environment.environment_id,
        "node_id": node_id("BranchPolicyRule", environment.environment_id),
        "type": "branch_policy",
    }
    policy = {
        "protected_branches": environment.protected_branches,
        "custom_branch_policies": environment.custom_branch_policies,
    }
    api = repository_api(repository, github.addresses)
    page = repository_page(repository, github.addresses)
    return {
        "id": environment.environment_id,
        "node_id": node_id("Environment", environment.environment_id),
        "name": environment.name,
        "url": f"{api}/environments/{quote(environment.name, safe='')}",
        "html_url": f"{page}/deployments/activity_log?environments_filter={environment.name}",
        "created_at": timestamp(environment.created_at),
        "updated_at": timestamp(environment.updated_at),
        "protection_rules": [rule] if limited else [],
        "deployment_branch_policy": policy if limited else None,
        "can_admins_bypass": True,
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
