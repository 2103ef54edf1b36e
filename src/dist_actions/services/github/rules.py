"""What GitHub lets happen to a branch: the repository's settings, rulesets, branch protection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.graphql import GraphQL

#: Which the job's token may read too; REST shows these settings to those who may write.
_SETTINGS = """
  mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed autoMergeAllowed
  ref(qualifiedName: $branch) {
    refUpdateRule {
      requiresLinearHistory requiredApprovingReviewCount requiredStatusCheckContexts
    }
  }
"""
_BUTTONS = {
    "merge": "mergeCommitAllowed",
    "squash": "squashMergeAllowed",
    "rebase": "rebaseMergeAllowed",
}


@dataclass(frozen=True)
class BranchSettings:
    """What is allowed and required.

    Attributes:
        methods: Of `merge`, `squash` and `rebase`, those that the settings and rules leave.
        merge_queue: Whether pull requests go through a merge queue.
        auto_merge: Whether the repository allows auto-merge.
        required_checks: Names of checks that must pass.
        approvals: How many approving reviews are required.
    """

    methods: frozenset[str]
    merge_queue: bool
    auto_merge: bool
    required_checks: tuple[str, ...]
    approvals: int


def read_settings_of_branch(client: GitHubClient, branch: str) -> BranchSettings:
    """Read them, in two requests.

    Raises:
        GitHubApiError: GitHub refused.
    Spec: https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
    """
    operation = f"read the rules of {branch}"
    variables = {"branch": f"refs/heads/{branch}"}
    settings = GraphQL(client).repository(operation, _SETTINGS, variables)
    path = f"rules/branches/{quote(branch, safe='')}"
    rules = client.read(operation, path, per_page=100)
    return combined(settings, rules)


def combined(settings: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> BranchSettings:
    """What is left where all of them hold.

    Args:
        settings: The repository's, as GraphQL tells them.
        rules: Of all rulesets that apply to the branch, as REST tells them.
    """
    methods = {name for name, field in _BUTTONS.items() if settings.get(field, True)}
    protection = (settings.get("ref") or {}).get("refUpdateRule") or {}
    checks = [str(name) for name in protection.get("requiredStatusCheckContexts") or ()]
    approvals = int(protection.get("requiredApprovingReviewCount") or 0)
    linear, queue = bool(protection.get("requiresLinearHistory")), False
    for rule in rules:
        kind, parameters = rule["type"], rule.get("parameters") or {}
        linear |= kind == "required_linear_history"
        queue |= kind == "merge_queue"
        if kind == "required_status_checks":
            checks += [str(one["context"]) for one in parameters.get("required_status_checks", ())]
        if kind == "pull_request":
            approvals = max(approvals, int(parameters.get("required_approving_review_count") or 0))
            if allowed := parameters.get("allowed_merge_methods"):
                methods &= set(allowed)
    if linear:
        methods.discard("merge")
    return BranchSettings(
        methods=frozenset(methods),
        merge_queue=queue,
        auto_merge=bool(settings.get("autoMergeAllowed")),
        required_checks=tuple(dict.fromkeys(checks)),
        approvals=approvals,
    )
