"""Asks GitHub what git does not tell of a promotion, in the words in which it is decided."""

from collections.abc import Sequence

from dist_actions.promote.promotion import MERGE_METHODS, BranchRules, MergedPull, PullsOfCommits
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.graphql import GraphQL
from dist_actions.services.github.rules import read_settings_of_branch


def rules_of(job: GitHubClient, branch: str) -> BranchRules:
    """What GitHub lets happen to a branch; two requests."""
    found = read_settings_of_branch(job, branch)
    return BranchRules(
        methods=frozenset(one for one in MERGE_METHODS if one in found.methods),
        merge_queue=found.merge_queue,
        auto_merge=found.auto_merge,
        required_checks=found.required_checks,
        approvals=found.approvals,
    )


def pulls_into(job: GitHubClient, base: str) -> PullsOfCommits:
    """Asks by which pull request commits of a branch came; a request for every hundred."""

    def ask(commits: Sequence[str]) -> dict[str, MergedPull]:
        found = GraphQL(job).pulls_of(commits, base)
        return {
            sha: MergedPull(one.number, one.url, one.head, one.head_sha, one.body)
            for sha, one in found.items()
        }

    return ask
