"""Read a repository's settings through GitHub's API, as far as a token may."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

from dist_actions.repository_settings.values import (
    Admission,
    BypassActor,
    DeploymentPolicies,
    EnvironmentSettings,
    MergeSettings,
    RepositorySettings,
    Reviewer,
    Ruleset,
    WorkflowPermissions,
)
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import flag, items, mapping, number, text

T = TypeVar("T")

#: Refusals of a token that may not read something: to GitHub it may not even exist.
_NOT_ALLOWED = frozenset({403, 404})
#: Pages of a list that goes on; one that is longer is none of a repository.
_MOST_PAGES = 1_000
_BUTTONS = ("merge_commit", "squash_merge", "rebase_merge", "auto_merge")


def read_repository_settings(client: GitHubClient) -> RepositorySettings:
    """Read the settings; what the token may not read is None.

    Raises:
        GitHubApiError: The token does not see the repository, or is not valid.
        ServiceUnavailableError: GitHub did not answer.
    """
    repository = client.read(
        "read the repository", f"/repos/{client.github_repository}", _repository
    )
    has_organization = repository["owner"]["type"] == "Organization"
    reader = _Reader(client)
    return RepositorySettings(
        github_repository=repository["full_name"],
        repository_id=repository["id"],
        owner_id=repository["owner"]["id"],
        private=repository["private"],
        default_branch=repository["default_branch"],
        branches=reader.names("branches", "branches", ""),
        environments=reader.environments(),
        variables=reader.variables("actions/variables"),
        organization_variables=(
            reader.variables("actions/organization-variables") if has_organization else {}
        ),
        secrets=reader.names("secrets", "actions/secrets", "secrets"),
        organization_secrets=(
            reader.names("secrets of the organization", "actions/organization-secrets", "secrets")
            if has_organization
            else frozenset()
        ),
        rulesets=reader.rulesets(),
        merging=_read_merging(repository),
        workflow_permissions=reader.ask(
            "read the workflow permissions", "actions/permissions/workflow", _permissions
        ),
    )


class _Reader:
    """Reads what may be refused."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def ask(self, operation: str, path: str, parse: Callable[[Any], T]) -> T | None:
        """Read one answer; None where it is refused."""
        try:
            return self._client.read(operation, path, parse, meaningful=_NOT_ALLOWED)
        except RefusedError:
            return None

    def all(
        self, operation: str, path: str, field: str, parse: Callable[[Any], T]
    ) -> list[T] | None:
        """Read every page of a list; None where it is refused.

        Args:
            field: The field that holds the list; empty where the answer is the list itself.
        """

        def page(answer: Any) -> list[T]:
            return [parse(row) for row in items(answer[field] if field else answer)]

        try:
            rows, following = self._client.read_page(
                operation, path, page, meaningful=_NOT_ALLOWED, per_page=100
            )
            for _ in range(_MOST_PAGES):
                if not following:
                    break
                more, following = self._client.read_page(
                    operation, following, page, meaningful=_NOT_ALLOWED
                )
                rows += more
        except RefusedError:
            return None
        return rows

    def names(self, subject: str, path: str, field: str) -> frozenset[str] | None:
        """Read the names of a list."""
        names = self.all(f"list the {subject}", path, field, lambda row: text(row["name"]))
        return None if names is None else frozenset(names)

    def variables(self, path: str) -> Mapping[str, str] | None:
        """Read the variables of a place, names in upper case as GitHub keeps them."""
        rows = self.all(
            "list the variables",
            path,
            "variables",
            lambda row: (text(row["name"]).upper(), text(row["value"])),
        )
        return None if rows is None else dict(rows)

    def environments(self) -> Mapping[str, EnvironmentSettings] | None:
        """Read the environments, each with its list of refs, its variables and secrets."""
        rows = self.all("list the environments", "environments", "environments", _environment)
        if rows is None:
            return None
        return {row.name.lower(): self._with_lists(row) for row in rows}

    def _with_lists(self, environment: EnvironmentSettings) -> EnvironmentSettings:
        """Add what lists of their own tell."""
        name = environment.name
        path = f"environments/{quote(name, safe='')}"
        is_listed = environment.admission == "listed"
        return replace(
            environment,
            policies=self._policies(name, path) if is_listed else DeploymentPolicies(()),
            variables=self.variables(f"{path}/variables"),
            secrets=self.names(f"secrets of {name}", f"{path}/secrets", "secrets"),
        )

    def _policies(self, name: str, path: str) -> DeploymentPolicies | None:
        rows = self.all(
            f"list what may be deployed to {name}",
            f"{path}/deployment-branch-policies",
            "branch_policies",
            lambda row: (str(row.get("type") or "branch"), text(row["name"])),
        )
        if rows is None:
            return None
        return DeploymentPolicies(
            tags=tuple(pattern for kind, pattern in rows if kind == "tag"),
            branches=tuple(pattern for kind, pattern in rows if kind == "branch"),
        )

    def rulesets(self) -> tuple[Ruleset, ...] | None:
        """Read the rulesets, the organization's too; None where one of them is refused."""
        numbers = self.all("list the rulesets", "rulesets", "", lambda row: number(row["id"]))
        if numbers is None:
            return None
        rulesets = [
            self.ask(f"read the ruleset {ruleset_id}", f"rulesets/{ruleset_id}", _ruleset)
            for ruleset_id in numbers
        ]
        readable = tuple(ruleset for ruleset in rulesets if ruleset is not None)
        return readable if len(readable) == len(rulesets) else None


def _repository(answer: Any) -> Mapping[str, Any]:
    owner = {"id": number(answer["owner"]["id"]), "type": text(answer["owner"]["type"])}
    buttons = {name: answer.get(f"allow_{name}") for name in _BUTTONS}
    return {
        "full_name": text(answer["full_name"]),
        "id": number(answer["id"]),
        "owner": owner,
        "private": flag(answer["private"]),
        "default_branch": text(answer["default_branch"]),
        "delete_branch": answer.get("delete_branch_on_merge"),
        **buttons,
    }


def _read_merging(repository: Mapping[str, Any]) -> MergeSettings | None:
    """Read the merge settings, which GitHub shows only to those who may write."""
    values = [repository[name] for name in (*_BUTTONS, "delete_branch")]
    return MergeSettings(*values) if all(isinstance(value, bool) for value in values) else None


def _permissions(answer: Any) -> WorkflowPermissions:
    return WorkflowPermissions(
        text(answer["default_workflow_permissions"]),
        flag(answer["can_approve_pull_request_reviews"]),
    )


def _environment(row: Any) -> EnvironmentSettings:
    """Read what the list of environments tells of one."""
    rules = {text(rule["type"]): rule for rule in items(row.get("protection_rules") or [])}
    reviewing = rules.get("required_reviewers", {})
    return EnvironmentSettings(
        name=text(row["name"]),
        admission=_admission(row),
        policies=DeploymentPolicies(()),
        reviewers=tuple(map(_reviewer, reviewing.get("reviewers") or ())),
        prevents_self_review=bool(reviewing.get("prevent_self_review")),
        wait_minutes=int(rules.get("wait_timer", {}).get("wait_timer") or 0),
    )


def _admission(row: Mapping[str, Any]) -> Admission:
    policy = row["deployment_branch_policy"]
    if policy is None:
        return "all"
    return "protected" if policy["protected_branches"] else "listed"


def _reviewer(row: Any) -> Reviewer:
    person = row["reviewer"]
    name = person.get("login") or person.get("slug") or ""
    return Reviewer(text(row["type"]), number(person["id"]), str(name))


def _ruleset(answer: Any) -> Ruleset:
    names = (answer.get("conditions") or {}).get("ref_name") or {}
    bypass = answer.get("bypass_actors")
    return Ruleset(
        name=text(answer["name"]),
        target=text(answer["target"]),
        include=tuple(map(text, names.get("include") or ())),
        rules={
            text(rule["type"]): mapping(rule.get("parameters") or {})
            for rule in items(answer.get("rules") or [])
        },
        bypass_actors=None if bypass is None else frozenset(map(_bypass_actor, bypass)),
        exclude=tuple(map(text, names.get("exclude") or ())),
        enforcement=text(answer["enforcement"]),
        ruleset_id=number(answer["id"]),
        inherited=answer.get("source_type") == "Organization",
    )


def _bypass_actor(row: Any) -> BypassActor:
    actor_id = row.get("actor_id")
    return BypassActor(
        text(row["actor_type"]),
        None if actor_id is None else number(actor_id),
        str(row.get("bypass_mode") or "always"),
    )
