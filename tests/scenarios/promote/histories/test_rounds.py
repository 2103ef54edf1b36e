"""Version after version goes from dev through qa to production, by every merge button.

A link is a commit with two parents, which the rebase button cannot carry; it is squashed then.
"""

import itertools
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Chain

#: Neighbouring lines change, a file comes and goes, a change is taken back.
ROUNDS: list[dict[str, str | None]] = [
    {"greeting.txt": "hello\nworld\n", "old.txt": "old\n"},
    {"greeting.txt": "hello\nthere\nworld\n", "old.txt": None},
    {"greeting.txt": "hello\nworld\n"},
    {"greeting.txt": "good morning\nworld\n", "new.txt": "new\n"},
]
STEPS = (("dev", "qa", "qa"), ("qa", "prd", "main"))


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_four_versions_reach_production(chain: "Chain", method: str) -> None:
    plans = []
    for number, changes in enumerate(ROUNDS, start=1):
        version = f"0.{number}.0"
        chain.develop(version, changes)
        for source, target, branch in STEPS[: 1 if method == "rebase" else 2]:
            result = chain.promote({"from": source, "version": version})
            assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
            plan, pull = result.outputs["plan"], result.outputs["pr-number"]
            button = "squash" if (plan, method) == ("link", "rebase") else method
            chain.merge(pull, button)
            assert chain.tree(branch) == result.outputs["expected-tree"] == chain.tree("dev")
            chain.tag(version, target)
            plans.append(plan)
    assert set(plans) == ({"direct"} if method == "merge" else {"direct", "link"})
    assert len(chain.pulls()) == (4 if method == "rebase" else 8)
    assert not chain.promote({"version": "0.4.0"}).changes


def test_the_buttons_can_be_mixed(chain: "Chain") -> None:
    buttons = itertools.cycle(["squash", "merge", "squash", "squash", "merge"])
    for number, changes in enumerate(ROUNDS, start=1):
        chain.develop(f"0.{number}.0", changes)
        result = chain.promote({"version": f"0.{number}.0"})
        assert result.exit_status == 0, result.log
        chain.merge(result.outputs["pr-number"], next(buttons))
        assert chain.tree("qa") == chain.tree("dev")


def test_versions_that_were_never_promoted_are_no_obstacle(chain: "Chain") -> None:
    chain.develop("0.1.0", ROUNDS[0])
    first = chain.promote({"version": "0.1.0"})
    chain.merge(first.outputs["pr-number"], "squash")
    for number in (1, 2, 3):
        chain.develop(f"0.{number + 1}.0", ROUNDS[number])
    result = chain.promote({"version": "0.4.0"})
    assert result.outputs["plan"] == "link"
    chain.merge(result.outputs["pr-number"], "squash")
    assert chain.tree("qa") == chain.tree("dev")
