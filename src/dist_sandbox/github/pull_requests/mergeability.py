"""Whether a pull request can be merged, as GitHub shows it: computed apart from the first look.

Spec: https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-your-git-database
#checking-mergeability-of-pull-requests and the enum MergeStateStatus of the GraphQL API
"""

from collections.abc import Mapping
from typing import Any

from dist_sandbox.github.git import merging
from dist_sandbox.github.pull_requests.pulls import (
    APPROVED,
    CHANGES_REQUESTED,
    PullRequest,
    latest_states,
)
from dist_sandbox.github.rules.branch_protection import NOT_AUTHORIZED
from dist_sandbox.github.rules.checks import combine
from dist_sandbox.github.rules.rulesets import (
    BEHIND,
    Actor,
    Merge,
    RefChange,
    find_violations,
    required_checks,
)
from dist_sandbox.github.state import Repository


def read_mergeable(repository: Repository, pull: PullRequest) -> bool | None:
    """Tell whether it merges without a conflict; None where that is still being computed.

    Asking starts the computation, so the next time it is done; what moves head or base starts it
    again.
    """
    base = repository.git.branch(pull.base)
    state = (pull.head_sha, "" if base is None else base.sha)
    computed = pull.computed_for == state
    pull.computed_for = state
    return is_mergeable(repository, pull) if pull.open and computed else None


def is_mergeable(repository: Repository, pull: PullRequest) -> bool:
    """Tell whether head and base merge without a conflict."""
    base = repository.git.branch(pull.base)
    return base is not None and (
        merging.merge_trees(repository.git, base.sha, pull.head_sha) is not None
    )


def merge_state(repository: Repository, pull: PullRequest, mergeable: bool | None) -> str:
    """Return GitHub's word for what stands between a pull request and its merge.

    Args:
        mergeable: What `read_mergeable` returned.

    Returns:
        `unknown`, `dirty`, `draft`, `blocked`, `behind`, `unstable` or `clean`.
    """
    if mergeable is None:
        return "unknown"
    if not mergeable:
        return "dirty"
    if pull.draft:
        return "draft"
    unmet = find_unmet(repository, pull)
    if unmet:
        return "behind" if unmet == [BEHIND] else "blocked"
    state = combine(repository.checks.verdicts(pull.head_sha))
    return "unstable" if state in ("failure", "pending") else "clean"


def find_unmet(repository: Repository, pull: PullRequest) -> list[str]:
    """List what the base's rules still miss, whoever merges; the queue is no such thing.

    Nor is the list of those who may push: it says who merges, not when.
    """
    ref = f"refs/heads/{pull.base}"
    change = RefChange(
        ref,
        "update",
        merge=describe_merge(repository, pull, queued=True),
        verdicts=tuple(repository.checks.verdicts(pull.head_sha)),
    )
    broken = find_violations(repository.active_rulesets(ref), change, actor=Actor())
    return [text for text in broken.texts if text != NOT_AUTHORIZED]


def describe_merge(
    repository: Repository, pull: PullRequest, method: str = "", *, queued: bool = False
) -> Merge:
    """Describe a merge of this pull request to rules."""
    base = repository.git.branch(pull.base)
    states = list(latest_states(pull.reviews).values())
    return Merge(
        method=method,
        approvals=states.count(APPROVED),
        changes_requested=CHANGES_REQUESTED in states,
        behind=base is not None and not repository.git.is_ancestor(base.sha, pull.head_sha),
        queued=queued,
    )


def review_decision(repository: Repository, pull: PullRequest) -> str | None:
    """Return GraphQL's `reviewDecision`; None where no review is required."""
    rules = active_rules(repository, pull.base, "pull_request")
    counts = (int(rule.get("required_approving_review_count", 0)) for rule in rules)
    needed = max(counts, default=0)
    merge = describe_merge(repository, pull)
    if merge.changes_requested:
        return "CHANGES_REQUESTED"
    if not needed:
        return None
    return "APPROVED" if merge.approvals >= needed else "REVIEW_REQUIRED"


def active_rules(repository: Repository, branch: str, kind: str) -> list[Mapping[str, Any]]:
    """List the parameters of the rules of this kind that a branch is held to."""
    rulesets = repository.active_rulesets(f"refs/heads/{branch}")
    return [ruleset.rules[kind] for ruleset in rulesets if kind in ruleset.rules]


def is_protected(repository: Repository, branch: str) -> bool:
    """Tell whether any rule is active for a branch."""
    return bool(repository.active_rulesets(f"refs/heads/{branch}"))


def all_required_checks(repository: Repository, branch: str) -> list[tuple[str, int | None]]:
    """List context and App of every check that a branch requires."""
    rules = active_rules(repository, branch, "required_status_checks")
    return list(dict.fromkeys(check for rule in rules for check in required_checks(rule)))
