"""Merge a promotion without a person: by auto-merge, by a merge queue, or at once.

It never merges anything but the head that was decided on, and after a merge that it made itself it
looks whether the target holds what it should.
"""

from dataclasses import dataclass
from typing import Literal

from dist_actions.abbreviation import LISTED_IN_SENTENCE, short_sha
from dist_actions.errors import PromotionError
from dist_actions.promote.gates.evaluation import ForeignChecks
from dist_actions.promote.planning import (
    MergeStrategy,
    choose_method,
    promotion_trailers,
    usable_methods,
)
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.promotion import PromotionPlan
from dist_actions.services.github.checks import Check
from dist_actions.services.github.facts import BranchRules
from dist_actions.services.github.graphql import GraphQL
from dist_actions.services.github.merging import MergeCommit, Merging
from dist_actions.services.github.pulls import PullRequest, PullRequests
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.retries import Retries

#: GitHub arms nothing that could be merged at once, or where nothing could ever be missing.
_NOTHING_TO_WAIT_FOR = (
    "clean status",
    "not configured",
    "not allowed for this repository",
    "unstable status",
)
#: What came of it, and what is missing; else empty.
MergeResult = tuple[Literal["merged", "armed", "blocked"], str]


@dataclass(frozen=True)
class Merger:
    """Merges one promotion; `strategy` is the input of this name."""

    merging: Merging
    pulls: PullRequests
    checks: ForeignChecks
    graphql: GraphQL
    prepared: Preparation
    plan: PromotionPlan
    rules: BranchRules
    strategy: MergeStrategy
    retries: Retries

    def is_queued(self, pull: PullRequest) -> bool:
        """Tell whether GitHub merges it by itself already."""
        if pull.armed or not self.rules.merge_queue:
            return pull.armed
        query = f"pullRequest(number: {pull.number}) {{ isInMergeQueue }}"
        return self.graphql.repository(
            "look into the merge queue",
            query,
            lambda repository: bool(repository["pullRequest"]["isInMergeQueue"]),
        )

    def merge(self, pull: PullRequest) -> MergeResult:
        """Merge it, or let GitHub do so when nothing is missing.

        Raises:
            PromotionError: The target does not hold what it should after the merge.
        """
        if self.strategy == "fast-forward":
            return self._fast_forward(pull)
        if self.rules.merge_queue:
            return self._enqueue(pull)
        method = choose_method(self.strategy, self.plan, self.prepared.observed, self.rules)
        if method is None:
            return "blocked", self._no_method()
        promotion = self.prepared.promotion
        text = "\n".join(promotion_trailers(promotion, self.prepared.observed))
        commit = MergeCommit(method, f"{promotion.title} (#{pull.number})", text)
        if self.rules.auto_merge:
            try:
                self.merging.arm(pull, commit)
            except RefusedError as error:
                if not _says_nothing_to_wait_for(error):
                    return "blocked", f"GitHub does not arm it: {error.message}"
            else:
                return "armed", ""
        return self._merge_now(pull, commit)

    def _enqueue(self, pull: PullRequest) -> MergeResult:
        try:
            self.merging.arm(pull, None)
        except RefusedError as error:
            if not _says_nothing_to_wait_for(error):
                return "blocked", f"GitHub does not arm it: {error.message}"
            try:
                self.merging.enqueue(pull)
            except RefusedError as refused:
                return "blocked", f"the merge queue refuses it: {refused.message}"
        return "armed", "the merge queue merges it"

    def _fast_forward(self, pull: PullRequest) -> MergeResult:
        promotion = self.prepared.promotion
        branch = promotion.target.branch
        if not self.prepared.can_fast_forward():
            reason = (
                f"{branch} holds commits that {promotion.tag} lacks, so it cannot be moved "
                "forward; merge the pull request, or use another strategy"
            )
            return "blocked", reason
        try:
            self.merging.fast_forward(branch, pull.head_sha)
        except RefusedError as error:
            return "blocked", f"GitHub does not move {branch}: {error.message}"
        return "merged", ""

    def _merge_now(self, pull: PullRequest, commit: MergeCommit) -> MergeResult:
        current = self.retries.look_until(
            lambda pull: pull.state != "open" or pull.mergeable is not None,
            lambda: self.pulls.read(pull.number),
            f"GitHub to compute whether #{pull.number} can be merged",
        )
        if current.state == "open":
            missing = self._missing(current)
            if missing:
                return "blocked", missing
            try:
                return self._check_tree(self.merging.merge(pull, commit))
            except RefusedError as error:
                # Its answer may have been lost, and then it is merged by now.
                current = self.pulls.read(pull.number)
                if current.state != "merged":
                    return "blocked", f"GitHub does not merge it: {error.message}"
        if current.state == "merged":
            return self._check_tree(current.merge_sha)
        return "blocked", f"#{pull.number} was closed without merging"

    def _missing(self, pull: PullRequest) -> str:
        """Tell what keeps it from being merged now; empty where nothing does."""
        state = pull.mergeable_state
        if pull.mergeable is None:
            return "GitHub has not computed yet whether it can be merged"
        if not pull.mergeable or state == "dirty":
            return "GitHub finds a conflict; the target has moved meanwhile"
        if state == "unstable":
            return self._unsettled_checks(pull)
        if state == "behind":
            return "a rule wants its branch up to date with the target, which has moved on"
        if state == "draft":
            return "it is a draft"
        return self._requirements() if state == "blocked" else ""

    def _unsettled_checks(self, pull: PullRequest) -> str:
        """Name checks that are not required, but not good either; this run's own do not count."""

        def look() -> tuple[Check, ...]:
            checks = self.checks.of(pull.head_sha)
            return tuple(check for check in checks if check.state != "passed")

        def settled(checks: tuple[Check, ...]) -> bool:
            return not checks or any(check.state == "failed" for check in checks)

        checks = self.retries.look_until(settled, look, f"the checks of #{pull.number}")
        names = [f"{check.name} ({check.result})" for check in checks[:LISTED_IN_SENTENCE]]
        return f"checks of its head are not good: {', '.join(names)}" if checks else ""

    def _requirements(self) -> str:
        needed: list[str] = []
        if self.rules.approvals:
            needed.append(f"{self.rules.approvals} approving review(s)")
        if self.rules.required_checks:
            names = self.rules.required_checks[:LISTED_IN_SENTENCE]
            needed.append(f"the checks {', '.join(names)}")
        requirements = " and ".join(needed) or "what its rules ask for"
        return f"the target's branch requires {requirements}"

    def _no_method(self) -> str:
        allowed = ", ".join(sorted(self.rules.methods)) or "nothing"
        usable = usable_methods(self.plan, self.prepared.observed, self.rules)
        why = (
            f"the strategy is {self.strategy}"
            if usable
            else f"its head ({self.plan.strategy}) cannot be merged by that"
        )
        target = self.prepared.promotion.target.branch
        return f"settings and rules of {target} allow {allowed}, and {why}"

    def _check_tree(self, merge_sha: str) -> MergeResult:
        tree = self.merging.commit(merge_sha).tree_sha
        if tree != self.plan.expected_tree:
            raise self._other_tree(merge_sha, tree)
        return "merged", ""

    def _other_tree(self, merge_sha: str, tree: str) -> PromotionError:
        promotion, expected = self.prepared.promotion, self.plan.expected_tree
        merge = short_sha(merge_sha)
        return PromotionError(
            f"{promotion.target.branch} holds the tree {short_sha(tree)} after the merge {merge}, "
            f"not {short_sha(expected)} as expected.",
            why="somebody changed the target between the decision and the merge.",
            fix=f"compare {merge} with {promotion.tag} before anything is released "
            f"from it: git diff {expected} {merge_sha}",
            anchor="promote-tree",
        )


def _says_nothing_to_wait_for(error: RefusedError) -> bool:
    return any(text in error.message for text in _NOTHING_TO_WAIT_FOR)
