"""Version after version goes from dev through qa to production, by every merge button.

A link is a commit with two parents, which the rebase button cannot carry; it is squashed then.
"""

import itertools

import pytest

from support.environments import BRANCHES, STEPS
from support.promotion.project import PromotedProject

#: Neighbouring lines change, a file comes and goes, a change is taken back.
ROUNDS: list[dict[str, str | None]] = [
    {"greeting.txt": "hello\nworld\n", "old.txt": "old\n"},
    {"greeting.txt": "hello\nthere\nworld\n", "old.txt": None},
    {"greeting.txt": "hello\nworld\n"},
    {"greeting.txt": "good morning\nworld\n", "new.txt": "new\n"},
]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_four_versions_reach_production(project: PromotedProject, method: str) -> None:
    plans = []
    for number, changes in enumerate(ROUNDS, start=1):
        version = f"0.{number}.0"
        project.develop(version, changes)
        for source, target in STEPS[: 1 if method == "rebase" else 2]:
            branch = BRANCHES[target]
            result = project.promote({"from": source, "version": version})
            assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
            plan, pull = result.outputs["plan"], result.outputs["pr-number"]
            button = "squash" if (plan, method) == ("link", "rebase") else method
            project.merge(pull, button)
            assert project.tree(branch) == result.outputs["expected-tree"] == project.tree("dev")
            project.tag(version, target)
            plans.append(plan)
    assert set(plans) == ({"direct"} if method == "merge" else {"direct", "link"})
    assert len(project.pulls()) == (4 if method == "rebase" else 8)
    assert not project.promote({"version": "0.4.0"}).changes


def test_the_buttons_can_be_mixed(project: PromotedProject) -> None:
    buttons = itertools.cycle(["squash", "merge", "squash", "squash", "merge"])
    for number, changes in enumerate(ROUNDS, start=1):
        project.develop(f"0.{number}.0", changes)
        result = project.promote({"version": f"0.{number}.0"})
        assert result.exit_status == 0, result.log
        project.merge(result.outputs["pr-number"], next(buttons))
        assert project.tree("qa") == project.tree("dev")


def test_versions_that_were_never_promoted_are_no_obstacle(project: PromotedProject) -> None:
    project.develop("0.1.0", ROUNDS[0])
    first = project.promote({"version": "0.1.0"})
    project.merge(first.outputs["pr-number"], "squash")
    for number in (1, 2, 3):
        project.develop(f"0.{number + 1}.0", ROUNDS[number])
    result = project.promote({"version": "0.4.0"})
    assert result.outputs["plan"] == "link"
    project.merge(result.outputs["pr-number"], "squash")
    assert project.tree("qa") == project.tree("dev")
