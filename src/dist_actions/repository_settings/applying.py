"""Make changes of a repository's settings through GitHub's API; each may be made again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from dist_actions.repository_settings.changes import (
    Change,
    MakeBranch,
    MakeEnvironment,
    ReplaceRefs,
    RestrictEnvironment,
    SetVariable,
    WriteRuleset,
)
from dist_actions.repository_settings.values import (
    DeploymentPolicies,
    EnvironmentSettings,
    Ruleset,
)
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import items, nothing, number, sha, text

_LISTED = {"protected_branches": False, "custom_branch_policies": True}


def make_change(client: GitHubClient, change: Change) -> None:
    """Make a change.

    Raises:
        GitHubApiError: GitHub refused.
        ServiceUnavailableError: It did not answer.
    """
    match change:
        case MakeBranch():
            _make_branch(client, change)
        case MakeEnvironment(name, restricted):
            environment = EnvironmentSettings(name)
            _write_environment(
                client, f"make the environment {name}", environment, restricted=restricted
            )
        case RestrictEnvironment(environment, policies):
            operation = f"restrict the environment {environment.name}"
            _write_environment(client, operation, environment, restricted=True)
            _add_refs(client, environment.name, policies)
        case ReplaceRefs(environment, added, removed):
            _add_refs(client, environment, added)
            if removed:
                _remove_refs(client, environment, removed)
        case SetVariable():
            _set_variable(client, change)
        case WriteRuleset(ruleset):
            _write_ruleset(client, ruleset)


def _make_branch(client: GitHubClient, change: MakeBranch) -> None:
    start = client.read(
        f"read the branch {change.start}", f"git/ref/heads/{quote(change.start)}", _commit
    )
    operation = f"make the branch {change.name}"
    body = {"ref": f"refs/heads/{change.name}", "sha": start}
    with _tolerating(client, operation, 422, "already exists"):
        client.request(operation, "POST", "git/refs", body, _commit, meaningful=frozenset({422}))


def _write_environment(
    client: GitHubClient, operation: str, environment: EnvironmentSettings, *, restricted: bool
) -> None:
    # What is not sent is taken away.
    reviewers = [
        {"type": reviewer.kind, "id": reviewer.reviewer_id} for reviewer in environment.reviewers
    ]
    body: dict[str, Any] = {"deployment_branch_policy": _LISTED if restricted else None}
    if reviewers:
        body["reviewers"] = reviewers
        body["prevent_self_review"] = environment.prevents_self_review
    if environment.wait_minutes:
        body["wait_timer"] = environment.wait_minutes
    client.request(operation, "PUT", _environment_path(environment.name), body, _name)


def _add_refs(client: GitHubClient, environment: str, policies: DeploymentPolicies) -> None:
    path = f"{_environment_path(environment)}/deployment-branch-policies"
    for kind, patterns in (("branch", policies.branches), ("tag", policies.tags)):
        for pattern in patterns:
            operation = f"let the {kind} {pattern} into the environment {environment}"
            body = {"name": pattern, "type": kind}
            with _tolerating(client, operation, 303, ""):  # it is there already
                client.request(operation, "POST", path, body, _name, meaningful=frozenset({303}))


def _remove_refs(client: GitHubClient, environment: str, policies: DeploymentPolicies) -> None:
    path = f"{_environment_path(environment)}/deployment-branch-policies"
    operation = f"list what may be deployed to {environment}"
    rows = client.read(
        operation,
        path,
        lambda answer: [
            (number(row["id"]), str(row.get("type") or "branch"), text(row["name"]))
            for row in items(answer["branch_policies"])
        ],
        per_page=100,
    )
    for policy_id, kind, pattern in rows:
        if pattern in (policies.tags if kind == "tag" else policies.branches):
            operation = f"no longer let the {kind} {pattern} into the environment {environment}"
            with _tolerating(client, operation, 404, ""):  # somebody else removed it
                client.request(
                    operation,
                    "DELETE",
                    f"{path}/{policy_id}",
                    None,
                    nothing,
                    meaningful=frozenset({404}),
                )


def _set_variable(client: GitHubClient, change: SetVariable) -> None:
    place = f" of {change.environment}" if change.environment else ""
    operation = f"set the variable {change.name}{place}"
    path = (
        f"{_environment_path(change.environment)}/variables"
        if change.environment
        else "actions/variables"
    )
    body = {"name": change.name, "value": change.value}
    if not change.exists:
        try:
            client.request(operation, "POST", path, body, nothing, meaningful=frozenset({409}))
        except RefusedError:  # it was made in the meantime
            pass
        else:
            return
    client.request(operation, "PATCH", f"{path}/{change.name}", body, nothing)


def _write_ruleset(client: GitHubClient, ruleset: Ruleset) -> None:
    body = {
        "name": ruleset.name,
        "target": ruleset.target,
        "enforcement": ruleset.enforcement,
        "conditions": {"ref_name": {"include": [*ruleset.include], "exclude": [*ruleset.exclude]}},
        "rules": [_rule(kind, parameters) for kind, parameters in ruleset.rules.items()],
        "bypass_actors": [
            {"actor_id": actor.actor_id, "actor_type": actor.kind, "bypass_mode": actor.mode}
            for actor in sorted(ruleset.bypass_actors or ())
        ],
    }
    operation = f"write the ruleset “{ruleset.name}”"
    if ruleset.ruleset_id:
        client.request(operation, "PUT", f"rulesets/{ruleset.ruleset_id}", body, _name)
        return

    def make() -> str:
        return client.request(operation, "POST", "rulesets", body, _name, repeatable=False)

    client.retries.make_once(operation, make, lambda: _find_ruleset(client, ruleset))


def _find_ruleset(client: GitHubClient, ruleset: Ruleset) -> str | None:
    """Look for a ruleset that may have been made; GitHub refuses a second one of its name."""
    names = client.read(
        "list the rulesets",
        "rulesets",
        lambda rows: [
            text(row["name"]) for row in items(rows) if row.get("target") == ruleset.target
        ],
        per_page=100,
        includes_parents="false",
    )
    return ruleset.name if ruleset.name in names else None


def _commit(ref: Any) -> str:
    return sha(ref["object"]["sha"])


def _name(answer: Any) -> str:
    return text(answer["name"])


def _rule(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "parameters": dict(parameters)} if parameters else {"type": kind}


def _environment_path(name: str) -> str:
    return f"environments/{quote(name, safe='')}"


@contextmanager
def _tolerating(client: GitHubClient, operation: str, status: int, message: str) -> Iterator[None]:
    """Take a refusal for success that says that there is nothing to do any more."""
    try:
        yield
    except RefusedError as error:
        if error.status != status or message not in error.message.lower():
            raise client.explain(operation, error) from error
