"""Faults of git's server that no mode of the fault machine has."""

from typing import Any

import pytest

from support.promotion.project import PromotedProject


@pytest.mark.parametrize(
    "answer",
    [
        {"path": "info/refs$", "headers": {"content-length": "500"}, "body": "cut"},
        {"path": "git-receive-pack$", "method": "POST", "body": "{}"},
    ],
    ids=["cut", "of another server"],
)
def test_git_is_answered_by_what_is_not_its_server(
    project: PromotedProject, answer: dict[str, Any]
) -> None:
    """git waits for ever for the rest of the second answer."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.sandbox.control("POST", "faults", {"status": 200, **answer})
    environ = {"DIST_ACTIONS_EXCHANGE_SECONDS": "2"}
    result = project.promote({"version": "0.1.0", "max-wait": "0s"}, environ=environ)
    assert result.exit_status == 3, result.log
    assert "\nFix: " in result.annotation.message
    assert project.promote({"version": "0.1.0"}).exit_status == 0
