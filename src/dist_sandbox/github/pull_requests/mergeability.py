"""Whether a pull request can be merged, as GitHub shows it: computed apart from the first look.

Spec: https://docs.github.com/rest/guides/using-the-rest-api-to-interact-with-your-git-database
#checking-mergeability-of-pull-requests and the enum MergeStateStatus of the GraphQL API
"""

from dist_sandbox.github.git import merging
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.pull_requests.reviews import APPROVED, CHANGES_REQUESTED, standing
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rules.branch_protection import NOT_AUTHORIZED
from dist_sandbox.github.rules.checks import combine
from dist_sandbox.github.rules.rulesets import (
    BEHIND,
    Actor,
    Merge,
    RefChange,
    Ruleset,
    find_violations,
    required_checks,
)


def look(repository: Repository, pull: PullRequest) -> bool | None:
    """Whether it merges without a conflict; None where that is still being computed.

    A look starts the computation, so the next one knows; what moves head or base starts it again.
    """
    base = repository.git.branch(pull.base)
    state = (pull.head_sha, "" if base is None else base.sha)
    known = pull.computed_for == state
    pull.computed_for = state
    return is_mergeable(repository, pull) if pull.open and known else None


def is_mergeable(repository: Repository, pull: PullRequest) -> bool:
    """Whether head and base merge without a conflict."""
    base = repository.git.branch(pull.base)
    return base is not None and (
        merging.merge_trees(repository.git, base.sha, pull.head_sha) is not None
    )


def merge_state(repository: Repository, pull: PullRequest, mergeable: bool | None) -> str:
    """GitHub's word for what stands between a pull request and its merge.

    Args:
        mergeable: What a look answered.

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
    said = combine(repository.checks.verdicts(pull.head_sha))
    return "unstable" if said in ("failure", "pending") else "clean"


def find_unmet(repository: Repository, pull: PullRequest) -> list[str]:
    """What the base's rules still miss, whoever merges; the queue is no such thing.

    Nor is the list of those who may push: it says who merges, not when.
    """
    change = RefChange(
        f"refs/heads/{pull.base}",
        "update",
        merge=describe_merge(repository, pull, queued=True),
        verdicts=tuple(repository.checks.verdicts(pull.head_sha)),
    )
    found = find_violations(
        repository.binding_rulesets,
        change,
        default_branch=repository.default_branch,
        actor=Actor(),
    )
    return [text for text in found.texts if text != NOT_AUTHORIZED]


def describe_merge(
    repository: Repository, pull: PullRequest, method: str = "", *, queued: bool = False
) -> Merge:
    """A merge of this pull request as rules see it."""
    base = repository.git.branch(pull.base)
    said = list(standing(pull.reviews).values())
    return Merge(
        method=method,
        approvals=said.count(APPROVED),
        changes_requested=CHANGES_REQUESTED in said,
        behind=base is not None and not repository.git.is_ancestor(base.sha, pull.head_sha),
        queued=queued,
    )


def review_decision(repository: Repository, pull: PullRequest) -> str | None:
    """GraphQL's `reviewDecision`; None where no review is required."""
    rules = [one.rules["pull_request"] for one in active(repository, pull.base, "pull_request")]
    needed = max((int(one.get("required_approving_review_count", 0)) for one in rules), default=0)
    merge = describe_merge(repository, pull)
    if merge.changes_requested:
        return "CHANGES_REQUESTED"
    if not needed:
        return None
    return "APPROVED" if merge.approvals >= needed else "REVIEW_REQUIRED"


def active(repository: Repository, branch: str, rule: str) -> list[Ruleset]:
    """The rulesets that hold a branch to a rule."""
    ref, default = f"refs/heads/{branch}", repository.default_branch
    return [
        one
        for one in repository.binding_rulesets
        if rule in one.rules and one.applies_to(ref, default_branch=default)
    ]


def is_protected(repository: Repository, branch: str) -> bool:
    """Whether any rule is active for a branch."""
    ref, default = f"refs/heads/{branch}", repository.default_branch
    return any(one.applies_to(ref, default_branch=default) for one in repository.binding_rulesets)


def all_required_checks(repository: Repository, branch: str) -> list[tuple[str, int | None]]:
    """Context and App of every check that a branch requires."""
    rulesets = active(repository, branch, "required_status_checks")
    found = [required_checks(one.rules["required_status_checks"]) for one in rulesets]
    return list(dict.fromkeys(pair for listed in found for pair in listed))
