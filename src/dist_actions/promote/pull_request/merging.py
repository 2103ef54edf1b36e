"""Merges a promotion without a person: by auto-merge, by a merge queue, or at once.

It never merges anything but the head that was decided on, and after a merge that it made itself it
looks whether the target holds what it should.
"""

from dataclasses import dataclass
from typing import Literal

from dist_actions.errors import PromotionError
from dist_actions.promote.gates.others_checks import OthersChecks
from dist_actions.promote.gates.waiting import wait_for
from dist_actions.promote.planning import trailers
from dist_actions.promote.promotion import Observed, Plan, Promotion
from dist_actions.promote.pull_request.methods import Wanted, choose_method, usable_methods
from dist_actions.services.github.checks import Check
from dist_actions.services.github.facts import BranchRules
from dist_actions.services.github.graphql import GraphQL
from dist_actions.services.github.merging import MergeCommit, Merging
from dist_actions.services.github.pulls import PullRequest, PullRequests
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.retries import Retries

#: GitHub arms nothing that could be merged at once, or where nothing could ever be missing.
_NOTHING_TO_WAIT_FOR = ("clean status", "not configured", "not allowed for this repository")
_UNSTABLE = "unstable status"
_LISTED = 10


@dataclass(frozen=True)
class MergeOutcome:
    """What came of it.

    Attributes:
        reason: What is missing; else empty.
    """

    result: Literal["merged", "armed", "blocked"]
    reason: str = ""


@dataclass(frozen=True)
class Merger:
    """Merges one promotion.

    Attributes:
        wanted: The input `strategy`.
        advances: Whether the target's branch can be moved forward to the released commit.
    """

    merging: Merging
    pulls: PullRequests
    checks: OthersChecks
    graphql: GraphQL
    promotion: Promotion
    observed: Observed
    plan: Plan
    rules: BranchRules
    wanted: Wanted
    advances: bool
    retries: Retries

    def is_queued(self, pull: PullRequest) -> bool:
        """Whether GitHub merges it by itself already."""
        if pull.armed or not self.rules.merge_queue:
            return pull.armed
        asked = f"pullRequest(number: {pull.number}) {{ isInMergeQueue }}"
        found = self.graphql.repository("look into the merge queue", asked)
        return bool(found["pullRequest"]["isInMergeQueue"])

    def merge(self, pull: PullRequest) -> MergeOutcome:
        """Merge it, or let GitHub do so when nothing is missing.

        Raises:
            PromotionError: The target does not hold what it should after the merge.
        """
        if self.wanted == "fast-forward":
            return self._fast_forward(pull)
        if self.rules.merge_queue:
            return self._enqueue(pull)
        method = choose_method(self.wanted, self.plan, self.observed, self.rules)
        if method is None:
            return MergeOutcome("blocked", self._no_method())
        text = "\n".join(trailers(self.promotion, self.observed))
        commit = MergeCommit(method, f"{self.promotion.title} (#{pull.number})", text)
        if self.rules.auto_merge:
            try:
                self.merging.arm(pull, commit)
            except RefusedError as error:
                if not any(one in error.message for one in (*_NOTHING_TO_WAIT_FOR, _UNSTABLE)):
                    return MergeOutcome("blocked", f"GitHub does not arm it: {error.message}")
            else:
                return MergeOutcome("armed")
        return self._merge_now(pull, commit)

    def _enqueue(self, pull: PullRequest) -> MergeOutcome:
        try:
            self.merging.arm(pull, None)
        except RefusedError as error:
            if not any(one in error.message for one in (*_NOTHING_TO_WAIT_FOR, _UNSTABLE)):
                return MergeOutcome("blocked", f"GitHub does not arm it: {error.message}")
            try:
                self.merging.enqueue(pull)
            except RefusedError as refused:
                return MergeOutcome("blocked", f"the merge queue refuses it: {refused.message}")
        return MergeOutcome("armed", "the merge queue merges it")

    def _fast_forward(self, pull: PullRequest) -> MergeOutcome:
        branch = self.promotion.target.branch
        if not self.advances:
            reason = (
                f"{branch} holds commits that {self.promotion.tag} lacks, so it cannot be moved "
                "forward; merge the pull request, or use another strategy"
            )
            return MergeOutcome("blocked", reason)
        try:
            self.merging.fast_forward(branch, pull.head_sha)
        except RefusedError as error:
            return MergeOutcome("blocked", f"GitHub does not move {branch}: {error.message}")
        return MergeOutcome("merged")

    def _merge_now(self, pull: PullRequest, commit: MergeCommit) -> MergeOutcome:
        seen = wait_for(
            self.retries,
            f"GitHub to compute whether #{pull.number} can be merged",
            lambda: self.pulls.read(pull.number),
            lambda one: one.state != "open" or one.mergeable is not None,
        )
        if seen.state == "open":
            missing = self._missing(seen)
            if missing:
                return MergeOutcome("blocked", missing)
            try:
                return self._checked(self.merging.merge(pull, commit))
            except RefusedError as error:
                # Its answer may have been lost, and then it is merged by now.
                seen = self.pulls.read(pull.number)
                if seen.state != "merged":
                    return MergeOutcome("blocked", f"GitHub does not merge it: {error.message}")
        if seen.state == "merged":
            return self._checked(seen.merge_sha)
        return MergeOutcome("blocked", f"#{pull.number} was closed without merging")

    def _missing(self, pull: PullRequest) -> str:
        """What keeps it from being merged now; empty where nothing does."""
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
        """Checks that are not required, but not good either; this run's own do not count."""

        def look() -> tuple[Check, ...]:
            found = self.checks.of(pull.head_sha)
            return tuple(one for one in found if one.state != "passed")

        def settled(seen: tuple[Check, ...]) -> bool:
            return not seen or any(one.state == "failed" for one in seen)

        seen = wait_for(self.retries, f"the checks of #{pull.number}", look, settled)
        names = ", ".join(f"{one.name} ({one.result})" for one in seen[:_LISTED])
        return f"checks of its head are not good: {names}" if seen else ""

    def _requirements(self) -> str:
        needed = []
        if self.rules.approvals:
            needed.append(f"{self.rules.approvals} approving review(s)")
        if self.rules.required_checks:
            needed.append(f"the checks {', '.join(self.rules.required_checks[:_LISTED])}")
        said = " and ".join(needed) or "what its rules ask for"
        return f"the target's branch requires {said}"

    def _no_method(self) -> str:
        left = ", ".join(sorted(self.rules.methods)) or "nothing"
        usable = usable_methods(self.plan, self.observed, self.rules)
        why = (
            f"the strategy is {self.wanted}"
            if usable
            else f"its head ({self.plan.strategy}) cannot be merged by that"
        )
        return f"settings and rules of {self.promotion.target.branch} allow {left}, and {why}"

    def _checked(self, merge_sha: str) -> MergeOutcome:
        tree = self.merging.commit(merge_sha).tree_sha
        if tree == self.plan.expected_tree:
            return MergeOutcome("merged")
        target = self.promotion.target.branch
        raise PromotionError(
            f"{target} holds the tree {tree[:7]} after the merge {merge_sha[:7]}, not "
            f"{self.plan.expected_tree[:7]} as expected.",
            why="somebody changed the target between the decision and the merge.",
            fix=f"compare {merge_sha[:7]} with {self.promotion.tag} before anything is released "
            f"from it: git diff {self.plan.expected_tree} {merge_sha}",
            anchor="promote-tree",
        )
