"""What settings, rulesets and branch protection leave together."""

from typing import Any

import pytest

from dist_actions.services.github.rules import combine_rules

ALL = {"mergeCommitAllowed": True, "squashMergeAllowed": True, "rebaseMergeAllowed": True}
METHODS = {"required_approving_review_count": 2, "allowed_merge_methods": ["merge", "squash"]}
CHECKS = {"required_status_checks": [{"context": "a"}, {"context": "b"}]}
PROTECTED = {
    "requiresLinearHistory": True,
    "requiredApprovingReviewCount": 1,
    "requiredStatusCheckContexts": ["b", "c"],
}


@pytest.mark.parametrize(
    ("settings", "rules", "methods"),
    [
        ({}, [], "merge rebase squash"),
        ({"squashMergeAllowed": False}, [], "merge rebase"),
        ({}, [{"type": "required_linear_history"}], "rebase squash"),
        ({}, [{"type": "pull_request", "parameters": METHODS}], "merge squash"),
        ({}, [{"type": "pull_request"}, {"type": "deletion"}], "merge rebase squash"),
        ({"ref": None}, [], "merge rebase squash"),
        ({"ref": {"refUpdateRule": PROTECTED}}, [], "rebase squash"),
    ],
)
def test_a_button_must_be_allowed_by_all(
    settings: dict[str, Any], rules: list[dict[str, Any]], methods: str
) -> None:
    found = combine_rules({**ALL, **settings}, rules)
    assert " ".join(sorted(found.methods)) == methods


def test_all_that_is_required_is_required() -> None:
    rules = [
        {"type": "pull_request", "parameters": METHODS},
        {"type": "required_status_checks", "parameters": CHECKS},
        {"type": "merge_queue", "parameters": {}},
    ]
    settings = {**ALL, "autoMergeAllowed": True, "ref": {"refUpdateRule": PROTECTED}}
    found = combine_rules(settings, rules)
    assert (found.approvals, found.required_checks) == (2, ("b", "c", "a"))
    assert (found.merge_queue, found.auto_merge) == (True, True)
    assert not combine_rules(ALL, []).merge_queue
    assert not combine_rules(ALL, []).auto_merge
