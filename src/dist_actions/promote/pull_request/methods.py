"""Chooses the merge button of a promotion; pure."""

from typing import Literal

from dist_actions.promote.promotion import Observed, Plan
from dist_actions.services.github.facts import MERGE_METHODS, BranchRules, MergeMethod

#: The input `strategy`: a button, a branch that is only moved forward, or what is allowed.
Wanted = Literal["auto", "merge", "squash", "fast-forward"]
STRATEGIES: tuple[Wanted, ...] = ("auto", "merge", "squash", "fast-forward")


def working_methods(plan: Plan, observed: Observed) -> tuple[MergeMethod, ...]:
    """The buttons that bring exactly the expected files, rules aside; the best first.

    A rebase cannot carry a commit with two parents, and replays commits that the target may have in
    another form already.
    """
    rebasable = plan.strategy == "graft" or (plan.strategy == "direct" and observed.linear)
    return tuple(one for one in MERGE_METHODS if one != "rebase" or rebasable)


def usable_methods(plan: Plan, observed: Observed, rules: BranchRules) -> tuple[MergeMethod, ...]:
    """Those of them that settings and rules of the target leave; the best first."""
    return tuple(one for one in working_methods(plan, observed) if one in rules.methods)


def choose_method(
    wanted: Wanted, plan: Plan, observed: Observed, rules: BranchRules
) -> MergeMethod | None:
    """The button to press; None where none that is allowed would do, or another was asked for.

    Args:
        wanted: The input `strategy`, but for `fast-forward`, which presses no button.
        plan: What is merged.
        observed: Both ends.
        rules: The target's.
    """
    usable = usable_methods(plan, observed, rules)
    return next((one for one in usable if wanted in {"auto", one}), None)
