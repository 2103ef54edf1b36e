"""Prepares a promotion in git alone: fetches, reads, decides, and makes the branch's commit."""

from dataclasses import dataclass, replace

from dist_actions.promote.history.branch_commits import make_commit, make_graft
from dist_actions.promote.history.reading import Monorepo, log, observe
from dist_actions.promote.history.repository import Histories
from dist_actions.promote.planning import (
    back_merge_branch,
    back_merge_message,
    back_merge_title,
    choose_strategy,
    is_ours,
    message,
)
from dist_actions.promote.promotion import BackMerge, Commit, Observed, Plan, Promotion
from dist_actions.promote.selection import Selection
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.facts import BranchRules, PullsOfCommits


@dataclass(frozen=True)
class Preparation:
    """A promotion whose ends are fetched and read, and on which nothing is decided yet.

    Attributes:
        joined: The repository, in which git knows what was squashed.
    """

    histories: Histories
    promotion: Promotion
    observed: Observed
    joined: Git

    def plan(self, rules: BranchRules) -> Plan:
        """Decide by which commit it is promoted, and make that commit.

        Args:
            rules: How the target's branch can be merged into.

        Raises:
            PromotionError: It must not go on.
            PromotionConflictError: The target's own changes contradict what is promoted.
        """
        git, promotion, observed = self.histories.git, self.promotion, self.observed
        strategy = choose_strategy(promotion, observed, rules)
        source, target = observed.source_commit, observed.target_commit
        if promotion.package:
            graft = make_graft(git, promotion, observed, target)
            return Plan(strategy, graft, git.tree(graft))
        tree = observed.joined_tree or observed.source_tree
        if strategy == "direct":
            return Plan(strategy, source, tree)
        parents = (target,) if strategy == "graft" else (source, target)
        return Plan(strategy, self._make(tree, *parents), tree, observed.own_changes)

    def back_merge(self) -> BackMerge | None:
        """The way back for the target's own changes; None where none stand, or all are back.

        Its commit holds what the source's commit and they come to together, so that it merges
        into the source's branch without a conflict as long as nobody changed the same there since.
        Where both contradict each other, it holds the target's files, and descends from the
        last promoted commit, so that nothing conflicts but what really does.
        """
        promotion, observed = self.promotion, self.observed
        if not observed.own_changes or observed.back_merged:
            return None
        target, ours = observed.target_commit, observed.back_onto
        tree = self.joined.merge_tree(ours, target).tree
        if not tree:
            tree, ours = observed.target_tree, observed.last
        more = (ours,) if ours and not self._descends(target, ours) else ()
        # Also where the target's tip would do: a squash must find our message there.
        text = back_merge_message(promotion, observed)
        head = make_commit(self.histories.with_variables, tree, (target, *more), text)
        return BackMerge(
            branch=back_merge_branch(promotion),
            base=promotion.source.branch,
            head_sha=head,
            title=back_merge_title(promotion),
            commits=observed.own_changes,
        )

    def head(self) -> Commit | None:
        """Tip of the promotion's branch; None where there is none."""
        return self.histories.head(self.promotion)

    def is_ours(self, head: Commit) -> bool:
        """Whether that tip is our work alone, which may be made anew."""
        onto = head.parents[-1] if head.parents else ""
        if head.sha == self.observed.source_commit or not onto:
            return is_ours(head, self.observed)
        if not self._descends(self.observed.target_commit, onto):
            return is_ours(head, self.observed)
        if self.promotion.package:
            made = {make_graft(self.histories.git, self.promotion, self.observed, onto)}
        else:
            merged = self.joined.merge_tree(onto, self.observed.source_commit).tree
            made = {self._make(merged, *head.parents)} if merged else set()
        return is_ours(head, self.observed, frozenset(made))

    def commits(self, limit: int) -> tuple[Commit, ...]:
        """The newest commits that the promotion brings to the target."""
        package = self.promotion.package
        return log(
            self.joined,
            "--no-merges",
            f"--max-count={limit}",
            f"{self.observed.target_commit}..{self.observed.source_commit}",
            paths=(package.path,) if package else (),
        )

    def _make(self, tree: str, *parents: str) -> str:
        text = message(self.promotion, replace(self.observed, joined_tree=tree))
        return make_commit(self.histories.with_variables, tree, parents, text)

    def _descends(self, commit: str, from_: str) -> bool:
        return self.histories.git.succeeds("merge-base", "--is-ancestor", from_, commit)


def prepare(
    histories: Histories, selection: Selection, monorepo: Monorepo, pulls_of: PullsOfCommits
) -> Preparation:
    """Fetch and read what was selected.

    Args:
        histories: An empty repository.
        selection: What is promoted.
        monorepo: The packages.
        pulls_of: Asked at most once, for what git alone does not tell.

    Raises:
        PromotionError: A tag or branch is missing, or the histories do not fit together.
    """
    promotion, ends = histories.fetch(selection, monorepo)
    promotion, observed, joined = observe(
        histories.git,
        promotion,
        ends,
        monorepo,
        with_variables=histories.with_variables,
        pulls_of=pulls_of,
    )
    return Preparation(histories, promotion, observed, joined)
