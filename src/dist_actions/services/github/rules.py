"""What GitHub lets happen to a branch: the repository's settings, rulesets, branch protection."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote

from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.facts import BranchRules, MergeMethod
from dist_actions.services.github.graphql import GraphQL
from dist_actions.services.json_fields import items

#: Which the job's token may read too; REST shows these settings to those who may write.
_SETTINGS = """
  mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed autoMergeAllowed
  ref(qualifiedName: $branch) {
    refUpdateRule {
      requiresLinearHistory requiredApprovingReviewCount requiredStatusCheckContexts
    }
  }
"""
_BUTTONS: Mapping[MergeMethod, str] = {
    "merge": "mergeCommitAllowed",
    "squash": "squashMergeAllowed",
    "rebase": "rebaseMergeAllowed",
}


def read_branch_rules(client: GitHubClient, branch: str) -> BranchRules:
    """Read what GitHub lets happen to a branch; two requests.

    Raises:
        GitHubApiError: GitHub refused.
    Spec: https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch
    """
    operation = f"read the rules of {branch}"
    variables = {"branch": f"refs/heads/{branch}"}
    settings = GraphQL(client).repository(operation, _SETTINGS, _settings, variables)
    path = f"rules/branches/{quote(branch, safe='')}"
    return client.read(
        operation, path, lambda rules: combine_rules(settings, items(rules)), per_page=100
    )


def _settings(data: Any) -> Mapping[str, Any]:
    combine_rules(data, [])  # which stumbles over what is missing
    return cast("Mapping[str, Any]", data)


def combine_rules(settings: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> BranchRules:
    """Combine a repository's settings and a branch's rules into what all of them allow.

    Args:
        settings: The repository's, as GraphQL tells them.
        rules: Of all rulesets that apply to the branch, as REST tells them.
    """
    methods = {name for name, field in _BUTTONS.items() if settings[field]}
    protection = (settings.get("ref") or {}).get("refUpdateRule") or {}
    checks = [str(name) for name in protection.get("requiredStatusCheckContexts") or ()]
    approvals = int(protection.get("requiredApprovingReviewCount") or 0)
    linear, queue = bool(protection.get("requiresLinearHistory")), False
    for rule in rules:
        kind, parameters = rule["type"], rule.get("parameters") or {}
        linear |= kind == "required_linear_history"
        queue |= kind == "merge_queue"
        if kind == "required_status_checks":
            checks += [
                str(check["context"]) for check in parameters.get("required_status_checks", ())
            ]
        if kind == "pull_request":
            approvals = max(approvals, int(parameters.get("required_approving_review_count") or 0))
            if allowed := parameters.get("allowed_merge_methods"):
                methods &= set(allowed)
    if linear:
        methods.discard("merge")
    return BranchRules(
        methods=frozenset(methods),
        merge_queue=queue,
        auto_merge=bool(settings.get("autoMergeAllowed")),
        required_checks=tuple(dict.fromkeys(checks)),
        approvals=approvals,
    )
