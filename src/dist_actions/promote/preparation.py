"""Prepare a promotion in git alone: fetch, read, decide, and make the branch's commit."""

from dataclasses import dataclass, replace

from dist_actions.promote.history.branch_commits import make_commit, make_graft
from dist_actions.promote.history.clone import PromotionClone
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.history.reading import list_commits, observe
from dist_actions.promote.planning import (
    back_merge_message,
    choose_strategy,
    is_own_head,
    promotion_message,
)
from dist_actions.promote.promotion import Commit, Observed, Promotion, PromotionPlan
from dist_actions.promote.selection import Selection
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.facts import BranchRules, PullsOfCommits


@dataclass(frozen=True)
class Preparation:
    """A promotion whose ends are fetched and read, and on which nothing is decided yet.

    In the repository `joined`, git knows what was squashed.
    """

    clone: PromotionClone
    promotion: Promotion
    observed: Observed
    joined: Git

    def plan(self, rules: BranchRules) -> PromotionPlan:
        """Decide by which commit it is promoted, and make that commit.

        Raises:
            PromotionError: It must not go on.
            PromotionConflictError: The target's own changes contradict what is promoted.
        """
        git, promotion, observed = self.clone.git, self.promotion, self.observed
        strategy = choose_strategy(promotion, observed, rules)
        source, target = observed.source_commit, observed.target_commit
        if promotion.package:
            graft = make_graft(git, promotion, observed, target)
            return PromotionPlan(strategy, graft, git.tree(graft))
        tree = observed.joined_tree or observed.source_tree
        if strategy == "direct":
            return PromotionPlan(strategy, source, tree)
        parents = (target,) if strategy == "graft" else (source, target)
        return PromotionPlan(strategy, self._make(tree, *parents), tree, observed.own_changes)

    def make_back_merge(self) -> str:
        """Make a commit that brings the target's own changes back to the source.

        It holds what the source's commit and they come to together, so that it merges into the
        source's branch without a conflict as long as nobody changed the same there since. Where
        both contradict each other, it holds the target's files, and descends from the last promoted
        commit, so that nothing conflicts but what really does.

        Returns:
            Its SHA; empty where no own changes stand, or all are back.
        """
        promotion, observed = self.promotion, self.observed
        if not observed.own_changes or observed.back_merged:
            return ""
        target, source = observed.target_commit, observed.back_onto
        tree = self.joined.merge_tree(source, target).tree
        if not tree:
            tree, source = observed.target_tree, observed.promoted.last
        second = (source,) if source and not self._descends(target, source) else ()
        # Also where the target's tip would do: a squash must find our message there.
        text = back_merge_message(promotion, observed)
        return make_commit(self.clone.with_variables, tree, (target, *second), text)

    def is_own_head(self, head: Commit) -> bool:
        """Tell whether the branch's tip is our work alone, which may be made anew."""
        onto = head.parents[-1] if head.parents else ""
        if head.sha == self.observed.source_commit or not onto:
            return is_own_head(head, self.observed)
        if not self._descends(self.observed.target_commit, onto):
            return is_own_head(head, self.observed)
        if self.promotion.package:
            remade = {make_graft(self.clone.git, self.promotion, self.observed, onto)}
        else:
            tree = self.joined.merge_tree(onto, self.observed.source_commit).tree
            remade = {self._make(tree, *head.parents)} if tree else set()
        return is_own_head(head, self.observed, frozenset(remade))

    def commits(self, limit: int) -> tuple[Commit, ...]:
        """List the newest commits that the promotion brings to the target."""
        package = self.promotion.package
        return list_commits(
            self.joined,
            "--no-merges",
            f"--max-count={limit}",
            f"{self.observed.target_commit}..{self.observed.source_commit}",
            paths=(package.path,) if package else (),
        )

    def can_fast_forward(self) -> bool:
        """Tell whether the target's branch can be moved forward to the released commit."""
        return self._descends(self.observed.source_commit, self.observed.target_commit)

    def _make(self, tree: str, *parents: str) -> str:
        text = promotion_message(self.promotion, replace(self.observed, joined_tree=tree))
        return make_commit(self.clone.with_variables, tree, parents, text)

    def _descends(self, commit: str, from_: str) -> bool:
        return self.clone.git.succeeds("merge-base", "--is-ancestor", from_, commit)


def prepare(
    clone: PromotionClone, selection: Selection, monorepo: Monorepo, pulls_of: PullsOfCommits
) -> Preparation:
    """Fetch and read what was selected.

    `pulls_of` is asked at most once, for what git alone does not tell. The clone is empty before.

    Raises:
        PromotionError: A tag or branch is missing, or the histories do not fit together.
    """
    promotion, ends = clone.fetch(selection, monorepo)
    promotion, observed, joined = observe(
        clone.git,
        promotion,
        ends,
        monorepo,
        with_variables=clone.with_variables,
        pulls_of=pulls_of,
    )
    return Preparation(clone, promotion, observed, joined)
