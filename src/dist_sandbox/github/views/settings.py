"""Operations on environments, variables and the names of secrets."""

from collections.abc import Iterable
from typing import Any

from flask import Response

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.render.settings import (
    render_environment,
    render_policy,
    render_secret,
    render_variable,
)
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import ApiError, not_found, validation_failed
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.pagination import page_of, reply_page
from dist_sandbox.github.workflows.settings import (
    BranchPolicy,
    DeploymentEnvironment,
    SecretName,
    Variables,
)

operations = Operations()

_REPO = "/repos/{owner}/{repo}"
_ENVIRONMENT = f"{_REPO}/environments/{{environment_name}}"
#: Of an environment. Source: the description of the operation.
_MOST_REVIEWERS = 6


@operations.operation(f"GET {_REPO}/environments")
def list_environments(call: Call) -> Response:
    """Every environment of the repository."""
    every = list(call.repository.environments.values())
    shown = [render_environment(one, call.repository, call.github) for one in page_of(call, every)]
    return reply_page(call, {"total_count": len(every), "environments": shown}, total=len(every))


@operations.operation(f"GET {_ENVIRONMENT}")
def get_environment(call: Call, environment_name: str) -> Response:
    """One environment."""
    found = _environment(call, environment_name)
    return reply(render_environment(found, call.repository, call.github))


@operations.operation(f"PUT {_ENVIRONMENT}")
def put_environment(call: Call, environment_name: str) -> Response:
    """Make or configure an environment."""
    environment = call.repository.environments.get(environment_name.lower())
    if environment is None:
        environment = call.github.add_environment(call.repository, environment_name, {})
    policy = call.body().get("deployment_branch_policy") or {}
    environment.protected_branches = bool(policy.get("protected_branches"))
    environment.custom_branch_policies = bool(policy.get("custom_branch_policies"))
    if policy and environment.protected_branches == environment.custom_branch_policies:
        raise ApiError(
            422, "protected_branches and custom_branch_policies cannot have the same value"
        )
    environment.reviewers = _reviewers(call)
    environment.prevent_self_review = bool(call.flag("prevent_self_review"))
    environment.wait_timer_minutes = int(call.body().get("wait_timer") or 0)
    environment.updated_at = call.world.clock.now()
    return reply(render_environment(environment, call.repository, call.github))


@operations.operation(f"GET {_ENVIRONMENT}/deployment-branch-policies")
def list_policies(call: Call, environment_name: str) -> Response:
    """Which refs may be deployed to an environment."""
    policies = _environment(call, environment_name).policies
    shown = [render_policy(one) for one in policies]
    return reply({"total_count": len(shown), "branch_policies": shown})


@operations.operation(f"POST {_ENVIRONMENT}/deployment-branch-policies")
def create_policy(call: Call, environment_name: str) -> Response:
    """Let further refs be deployed to an environment."""
    environment = _environment(call, environment_name)
    if not environment.custom_branch_policies:
        raise not_found()
    policy = BranchPolicy(
        call.github.next_id(), call.required_text("name"), call.text("type") or "branch"
    )
    environment.policies.append(policy)
    return reply(render_policy(policy))


@operations.operation(f"GET {_ENVIRONMENT}/variables")
def list_environment_variables(call: Call, environment_name: str) -> Response:
    """The variables of an environment."""
    return _reply_variables(call, _environment(call, environment_name).variables)


@operations.operation(f"POST {_ENVIRONMENT}/variables")
def create_environment_variable(call: Call, environment_name: str) -> Response:
    """Add a variable to an environment."""
    variables = _environment(call, environment_name).variables
    name, value = call.required_text("name"), call.required_text("value")
    if variables.get(name) is not None:
        raise validation_failed("Variable", "already_exists", field="name")
    variables.set(name, value, now=call.world.clock.now())
    return reply({}, 201)


@operations.operation(f"GET {_ENVIRONMENT}/variables/{{name}}")
def get_environment_variable(call: Call, environment_name: str, name: str) -> Response:
    """One variable of an environment."""
    variable = _environment(call, environment_name).variables.get(name)
    if variable is None:
        raise not_found()
    return reply(render_variable(variable))


@operations.operation(f"PATCH {_ENVIRONMENT}/variables/{{name}}")
def change_environment_variable(call: Call, environment_name: str, name: str) -> Response:
    """Change a variable of an environment."""
    variables = _environment(call, environment_name).variables
    existing = variables.get(name)
    if existing is None:
        raise not_found()
    value = call.text("value")
    variables.set(name, existing.value if value is None else value, now=call.world.clock.now())
    return reply(None, 204)


@operations.operation(f"GET {_ENVIRONMENT}/secrets")
def list_environment_secrets(call: Call, environment_name: str) -> Response:
    """The names of an environment's secrets."""
    return _reply_secrets(call, _environment(call, environment_name).secrets.values())


@operations.operation(f"GET {_REPO}/actions/variables")
def list_repository_variables(call: Call) -> Response:
    """The repository's own variables."""
    return _reply_variables(call, call.repository.variables)


@operations.operation(f"GET {_REPO}/actions/organization-variables")
def list_organisation_variables(call: Call) -> Response:
    """The organisation's variables that the repository sees."""
    return _reply_variables(call, call.github.variables)


@operations.operation(f"GET {_REPO}/actions/secrets")
def list_repository_secrets(call: Call) -> Response:
    """The names of the repository's own secrets."""
    return _reply_secrets(call, call.repository.secrets.values())


@operations.operation(f"GET {_REPO}/actions/organization-secrets")
def list_organisation_secrets(call: Call) -> Response:
    """The names of the organisation's secrets that the repository sees."""
    return _reply_secrets(call, call.github.secrets.values())


def _reviewers(call: Call) -> tuple[Account, ...]:
    """The people that the body names; those that it does not name lose their say.

    Raises:
        ApiError: 422 for a team, of which there are none, or somebody unknown.
    """
    people = {user.account.account_id: user.account for user in call.github.users}
    named = call.body().get("reviewers") or []
    if len(named) > _MOST_REVIEWERS:
        raise validation_failed("Environment", "invalid", field="reviewers")
    for one in named:
        if one.get("type", "User") != "User" or one.get("id") not in people:
            raise validation_failed("Environment", "invalid", field="reviewers")
    return tuple(people[one["id"]] for one in named)


def _environment(call: Call, name: str) -> DeploymentEnvironment:
    found = call.repository.environments.get(name.lower())
    if found is None:
        raise not_found()
    return found


def _reply_variables(call: Call, variables: Variables) -> Response:
    every = variables.all()
    shown = [render_variable(one) for one in page_of(call, every)]
    return reply_page(call, {"total_count": len(every), "variables": shown}, total=len(every))


def _reply_secrets(call: Call, secrets: Iterable[SecretName]) -> Response:
    every = sorted(secrets, key=lambda one: one.name)
    shown: list[dict[str, Any]] = [render_secret(one) for one in page_of(call, every)]
    return reply_page(call, {"total_count": len(every), "secrets": shown}, total=len(every))
