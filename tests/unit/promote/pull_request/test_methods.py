"""Which merge button is pressed."""

from dataclasses import replace

import pytest

from dist_actions.promote.planning import MergeStrategy, choose_method
from dist_actions.promote.promotion import Lineage, Observed, PromotionPlan, Strategy
from dist_actions.services.github.facts import BranchRules, MergeMethod

NONE = Lineage(frozenset(), frozenset())
OBSERVED = Observed("a" * 40, "b" * 40, "c" * 40, "d" * 40, False, NONE, NONE)


@pytest.mark.parametrize(
    ("wanted", "strategy", "linear", "allowed", "chosen"),
    [
        ("auto", "direct", True, "merge squash rebase", "merge"),
        ("auto", "link", False, "squash rebase", "squash"),
        ("auto", "direct", True, "rebase", "rebase"),
        ("auto", "direct", False, "rebase", None),
        ("auto", "link", True, "rebase", None),
        ("auto", "graft", False, "rebase", "rebase"),
        ("auto", "stitch", False, "", None),
        ("squash", "direct", True, "merge squash rebase", "squash"),
        ("merge", "stitch", False, "squash", None),
    ],
)
def test_the_best_that_is_allowed_and_would_do(
    wanted: MergeStrategy,
    strategy: Strategy,
    linear: bool,
    allowed: str,
    chosen: MergeMethod | None,
) -> None:
    rules = BranchRules(methods=frozenset(allowed.split()))  # type: ignore[arg-type]
    plan, observed = PromotionPlan(strategy, "e" * 40, "f" * 40), replace(OBSERVED, linear=linear)
    assert choose_method(wanted, plan, observed, rules) == chosen
