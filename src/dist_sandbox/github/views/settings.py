"""Operations on environments, variables and the names of secrets."""

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from flask import Response

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.render.basics import node_id, render_account, timestamp
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import GitHubError, existing, not_found, validation_failed
from dist_sandbox.github.rest.operations import REPO, Operations
from dist_sandbox.github.rest.pagination import reply_list
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.github.workflows.settings import (
    BranchPolicy,
    DeploymentEnvironment,
    SecretName,
    Variable,
    Variables,
)

operations = Operations()

_ENVIRONMENT = f"{REPO}/environments/{{environment_name}}"
#: Of an environment. Source: the description of the operation.
_MOST_REVIEWERS = 6
#: Source: https://docs.github.com/actions/reference/workflows-and-actions/variables; the words of
#: the refusal are ours.
_NAME = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*", re.ASCII | re.IGNORECASE)
_BAD_NAME = "Variable names can only contain letters, digits and _, and do not start with GITHUB_."


@operations.operation(f"GET {REPO}/environments", "actions=read")
def list_environments(call: Call) -> Response:
    """List every environment of the repository."""
    environments = list(call.repository.environments.values())
    return reply_list(call, environments, _render_environment, field="environments")


@operations.operation(f"GET {_ENVIRONMENT}", "actions=read")
def get_environment(call: Call, environment_name: str) -> Response:
    """Get one environment."""
    environment = _find_environment(call, environment_name)
    return reply(_render_environment(environment, call.repository))


@operations.operation(f"PUT {_ENVIRONMENT}", "administration=write")
def put_environment(call: Call, environment_name: str) -> Response:
    """Make or configure an environment."""
    environment = call.repository.ensure_environment(environment_name)
    policy = call.body().get("deployment_branch_policy") or {}
    environment.protected_branches = bool(policy.get("protected_branches"))
    environment.custom_branch_policies = bool(policy.get("custom_branch_policies"))
    if policy and environment.protected_branches == environment.custom_branch_policies:
        raise GitHubError(
            422, "protected_branches and custom_branch_policies cannot have the same value"
        )
    environment.reviewers = _read_reviewers(call)
    environment.prevent_self_review = bool(call.flag("prevent_self_review"))
    environment.wait_timer_minutes = int(call.body().get("wait_timer") or 0)
    environment.updated_at = call.now()
    return reply(_render_environment(environment, call.repository))


@operations.operation(f"GET {_ENVIRONMENT}/deployment-branch-policies", "actions=read")
def list_policies(call: Call, environment_name: str) -> Response:
    """List which refs may be deployed to an environment."""
    policies = [
        _render_policy(policy) for policy in _find_environment(call, environment_name).policies
    ]
    return reply({"total_count": len(policies), "branch_policies": policies})


@operations.operation(f"POST {_ENVIRONMENT}/deployment-branch-policies", "administration=write")
def create_policy(call: Call, environment_name: str) -> Response:
    """Let further refs be deployed to an environment."""
    environment = _find_environment(call, environment_name)
    if not environment.custom_branch_policies:
        raise not_found()
    name, kind = call.required_text("name"), call.text("type") or "branch"
    if any((policy.name, policy.kind) == (name, kind) for policy in environment.policies):
        return reply(None, 303)
    policy = BranchPolicy(call.github.next_id(), name, kind)
    environment.policies.append(policy)
    return reply(_render_policy(policy))


@operations.operation(
    f"DELETE {_ENVIRONMENT}/deployment-branch-policies/{{branch_policy_id}}", "administration=write"
)
def delete_policy(call: Call, environment_name: str, branch_policy_id: int) -> Response:
    """Remove refs from those that may be deployed to an environment."""
    policies = _find_environment(call, environment_name).policies
    by_id = {policy.policy_id: policy for policy in policies}
    policies.remove(existing(by_id.get(branch_policy_id)))
    return reply(None, 204)


@operations.operation(f"GET {_ENVIRONMENT}/variables", "environments=read")
def list_environment_variables(call: Call, environment_name: str) -> Response:
    """List the variables of an environment."""
    return _reply_variables(call, _find_environment(call, environment_name).variables)


@operations.operation(f"POST {_ENVIRONMENT}/variables", "environments=write")
def create_environment_variable(call: Call, environment_name: str) -> Response:
    """Add a variable to an environment."""
    return _create_variable(call, _find_environment(call, environment_name).variables)


@operations.operation(f"GET {_ENVIRONMENT}/variables/{{name}}", "environments=read")
def get_environment_variable(call: Call, environment_name: str, name: str) -> Response:
    """Get one variable of an environment."""
    variables = _find_environment(call, environment_name).variables
    return reply(_render_variable(existing(variables.get(name))))


@operations.operation(f"PATCH {_ENVIRONMENT}/variables/{{name}}", "environments=write")
def change_environment_variable(call: Call, environment_name: str, name: str) -> Response:
    """Change a variable of an environment."""
    return _change_variable(call, _find_environment(call, environment_name).variables, name)


@operations.operation(f"GET {_ENVIRONMENT}/secrets", "environments=read")
def list_environment_secrets(call: Call, environment_name: str) -> Response:
    """List the names of an environment's secrets."""
    return _reply_secrets(call, _find_environment(call, environment_name).secrets.values())


@operations.operation(f"GET {REPO}/actions/variables", "actions_variables=read")
def list_repository_variables(call: Call) -> Response:
    """List the repository's own variables."""
    return _reply_variables(call, call.repository.variables)


@operations.operation(f"POST {REPO}/actions/variables", "actions_variables=write")
def create_repository_variable(call: Call) -> Response:
    """Add a variable to the repository."""
    return _create_variable(call, call.repository.variables)


@operations.operation(f"PATCH {REPO}/actions/variables/{{name}}", "actions_variables=write")
def change_repository_variable(call: Call, name: str) -> Response:
    """Change a variable of the repository."""
    return _change_variable(call, call.repository.variables, name)


@operations.operation(f"GET {REPO}/actions/organization-variables", "actions_variables=read")
def list_organisation_variables(call: Call) -> Response:
    """List the organisation's variables that the repository sees."""
    return _reply_variables(call, call.github.variables)


@operations.operation(f"GET {REPO}/actions/secrets", "secrets=read")
def list_repository_secrets(call: Call) -> Response:
    """List the names of the repository's own secrets."""
    return _reply_secrets(call, call.repository.secrets.values())


@operations.operation(f"GET {REPO}/actions/organization-secrets", "secrets=read")
def list_organisation_secrets(call: Call) -> Response:
    """List the names of the organisation's secrets that the repository sees."""
    return _reply_secrets(call, call.github.secrets.values())


def _read_reviewers(call: Call) -> tuple[Account, ...]:
    """Read the people that the body names; those that it does not name lose their say.

    Raises:
        GitHubError: 422 for a team, of which there are none, or somebody unknown.
    """
    people = {user.account.account_id: user.account for user in call.github.users}
    reviewers = call.body().get("reviewers") or []
    if len(reviewers) > _MOST_REVIEWERS:
        raise validation_failed("Environment", "invalid", field="reviewers")
    for reviewer in reviewers:
        if reviewer.get("type", "User") != "User" or reviewer.get("id") not in people:
            raise validation_failed("Environment", "invalid", field="reviewers")
    return tuple(people[reviewer["id"]] for reviewer in reviewers)


def _find_environment(call: Call, name: str) -> DeploymentEnvironment:
    return existing(call.repository.environments.get(name.lower()))


def _create_variable(call: Call, variables: Variables) -> Response:
    name, value = call.required_text("name"), call.required_text("value")
    if not _NAME.fullmatch(name):
        raise GitHubError(422, _BAD_NAME)
    if variables.get(name) is not None:
        raise GitHubError(409, "Already exists - Variable already exists")
    variables.set(name, value, now=call.now())
    return reply({}, 201)


def _change_variable(call: Call, variables: Variables, name: str) -> Response:
    variable, value = existing(variables.get(name)), call.text("value")
    variables.set(name, variable.value if value is None else value, now=call.now())
    return reply(None, 204)


def _reply_variables(call: Call, variables: Variables) -> Response:
    return reply_list(
        call, variables.all(), lambda variable, _: _render_variable(variable), field="variables"
    )


def _reply_secrets(call: Call, secrets: Iterable[SecretName]) -> Response:
    names = sorted(secrets, key=lambda secret: secret.name)
    return reply_list(call, names, lambda secret, _: _render_secret(secret), field="secrets")


def _render_environment(
    environment: DeploymentEnvironment, repository: Repository
) -> dict[str, Any]:
    """Render GitHub's `environment`."""
    limited = environment.protected_branches or environment.custom_branch_policies
    policy = {
        "protected_branches": environment.protected_branches,
        "custom_branch_policies": environment.custom_branch_policies,
    }
    return {
        **render_environment_reference(environment, repository),
        "created_at": timestamp(environment.created_at),
        "updated_at": timestamp(environment.updated_at),
        "protection_rules": list(_protection_rules(environment, repository.github)),
        "deployment_branch_policy": policy if limited else None,
        "can_admins_bypass": True,
    }


def render_environment_reference(
    environment: DeploymentEnvironment, repository: Repository
) -> dict[str, Any]:
    """Render an environment where only its names and addresses are shown."""
    page = f"{repository.html_url}/deployments/activity_log"
    return {
        "id": environment.environment_id,
        "node_id": node_id("Environment", environment.environment_id),
        "name": environment.name,
        "url": f"{repository.api_url}/environments/{quote(environment.name, safe='')}",
        "html_url": f"{page}?environments_filter={environment.name}",
    }


def render_reviewers(environment: DeploymentEnvironment, github: GitHub) -> list[dict[str, Any]]:
    """Render those who may approve an environment's jobs."""
    return [
        {"type": "User", "reviewer": render_account(account, github)}
        for account in environment.reviewers
    ]


def _protection_rules(
    environment: DeploymentEnvironment, github: GitHub
) -> Iterator[dict[str, Any]]:
    if environment.wait_timer_minutes:
        minutes = environment.wait_timer_minutes
        yield {**_rule(environment, "WaitTimerRule", "wait_timer"), "wait_timer": minutes}
    if environment.reviewers:
        yield {
            **_rule(environment, "RequiredReviewersRule", "required_reviewers"),
            "prevent_self_review": environment.prevent_self_review,
            "reviewers": render_reviewers(environment, github),
        }
    if environment.protected_branches or environment.custom_branch_policies:
        yield _rule(environment, "BranchPolicyRule", "branch_policy")


def _rule(environment: DeploymentEnvironment, node_kind: str, kind: str) -> dict[str, Any]:
    number = environment.environment_id
    return {"id": number, "node_id": node_id(node_kind, number), "type": kind}


def _render_policy(policy: BranchPolicy) -> dict[str, Any]:
    """Render GitHub's `deployment-branch-policy`."""
    return {
        "id": policy.policy_id,
        "node_id": node_id("BranchPolicy", policy.policy_id),
        "name": policy.name,
        "type": policy.kind,
    }


def _render_variable(variable: Variable) -> dict[str, Any]:
    """Render GitHub's `actions-variable`."""
    return {
        "name": variable.name,
        "value": variable.value,
        "created_at": timestamp(variable.created_at),
        "updated_at": timestamp(variable.updated_at),
    }


def _render_secret(secret: SecretName) -> dict[str, Any]:
    """Render GitHub's `actions-secret`: never its value."""
    created = timestamp(secret.created_at)
    return {"name": secret.name, "created_at": created, "updated_at": created}
