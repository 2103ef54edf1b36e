"""Prepares a promotion in git alone: fetches, reads, decides, and makes the branch's commit."""

from dataclasses import dataclass

from dist_actions.promote.branch_commits import make_graft, make_link
from dist_actions.promote.choosing import Selection
from dist_actions.promote.histories import Histories
from dist_actions.promote.planning import choose_strategy, is_ours
from dist_actions.promote.promotion import (
    BackMerge,
    BranchRules,
    Commit,
    Observed,
    Plan,
    Promotion,
    PullsOfCommits,
)
from dist_actions.promote.reading import Monorepo, log, observe


@dataclass(frozen=True)
class Preparation:
    """A promotion whose ends are fetched and read, and on which nothing is decided yet."""

    histories: Histories
    promotion: Promotion
    observed: Observed
    pulls_of: PullsOfCommits

    def plan(self, rules: BranchRules) -> Plan:  # noqa: ARG002
        """Decide by which commit it is promoted, and make that commit.

        Args:
            rules: How the target's branch can be merged into.

        Raises:
            PromotionError: It must not go on.
            PromotionConflictError: The target's own changes contradict what is promoted.
        """
        git, promotion, observed = self.histories.git, self.promotion, self.observed
        strategy = choose_strategy(promotion, observed)
        if strategy == "direct":
            return Plan(strategy, observed.source_commit, observed.source_tree)
        if strategy == "link":
            link = make_link(self.histories.with_variables, promotion, observed)
            return Plan(strategy, link, observed.source_tree)
        graft = make_graft(git, promotion, observed, observed.target_commit)
        return Plan(strategy, graft, git.tree(graft))

    def back_merge(self) -> BackMerge | None:
        """The way back for the target's own changes; None where none stand."""
        return None

    def head(self) -> Commit | None:
        """Tip of the promotion's branch; None where there is none."""
        return self.histories.head(self.promotion)

    def is_ours(self, head: Commit) -> bool:
        """Whether that tip is our work alone, which may be made anew."""
        git, target = self.histories.git, self.observed.target_commit
        (parent, *others) = head.parents or ("",)
        grafted = self.promotion.package is not None and parent and not others
        if not grafted or not git.succeeds("merge-base", "--is-ancestor", parent, target):
            return is_ours(head, self.observed)
        before = make_graft(git, self.promotion, self.observed, parent)
        return is_ours(head, self.observed, before)

    def commits(self, limit: int) -> tuple[Commit, ...]:
        """The newest commits that the promotion brings to the target."""
        package = self.promotion.package
        return log(
            self.histories.git,
            "--no-merges",
            f"--max-count={limit}",
            f"{self.observed.target_commit}..{self.observed.source_commit}",
            paths=(package.path,) if package else (),
        )


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
    promotion, observed = observe(histories.git, promotion, ends, monorepo)
    return Preparation(histories, promotion, observed, pulls_of)
