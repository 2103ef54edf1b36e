"""What becomes of the rulesets of a repository beside one that is needed."""

from dataclasses import replace
from typing import Any

import pytest

from dist_actions.repository_settings.tag_rules import describe_ruleset, judge_rulesets
from dist_actions.repository_settings.values import BypassActor, Ruleset

BOT = BypassActor("Integration", 7)
ADMINISTRATORS = BypassActor("RepositoryRole", 5)
NEEDED = Ruleset("by bot", "tag", ("refs/tags/v*",), {"creation": {}}, frozenset({BOT}))
OWN = replace(NEEDED, ruleset_id=1)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "there"),
        ({"name": "other"}, "there"),
        ({"inherited": True}, "there"),
        ({"include": ("~ALL",)}, "there"),
        ({"include": ("refs/tags/*",)}, "there"),
        ({"rules": {"creation": {}, "deletion": {}}}, "there"),
        ({"bypass_actors": None}, "unknown"),
        ({"enforcement": "evaluate"}, "narrowed"),
        ({"rules": {"deletion": {}}}, "narrowed"),
        ({"include": ("refs/tags/v1*",)}, "narrowed"),
        ({"include": ("refs/tags/v[0-9]*",)}, "narrowed"),
        ({"exclude": ("refs/tags/v0*",)}, "narrowed"),
        ({"bypass_actors": frozenset({BOT, ADMINISTRATORS})}, "narrowed"),
        ({"bypass_actors": frozenset({BypassActor("Integration", 7, "pull_request")})}, "closed"),
        ({"bypass_actors": frozenset({ADMINISTRATORS})}, "closed"),
        ({"bypass_actors": frozenset()}, "closed"),
        ({"target": "branch"}, "missing"),
        ({"name": "other", "enforcement": "disabled"}, "missing"),
        ({"inherited": True, "enforcement": "disabled"}, "missing"),
    ],
)
def test_a_ruleset_is_enough_or_becomes_stricter(changes: dict[str, Any], verdict: str) -> None:
    judged, ruleset = judge_rulesets([replace(OWN, **changes)], NEEDED)

    assert judged == verdict
    if verdict == "narrowed":
        assert judge_rulesets([ruleset], NEEDED)[0] == "there"
        assert ruleset.rules.keys() >= {*changes.get("rules", {}), "creation"}


def test_nobody_may_pass_a_rule_for_everybody() -> None:
    needed = replace(NEEDED, rules={"update": {}}, bypass_actors=frozenset())
    loose = replace(needed, ruleset_id=1, bypass_actors=frozenset({BOT}))

    judged, ruleset = judge_rulesets([loose], needed)

    assert (judged, ruleset.bypass_actors) == ("narrowed", frozenset())


def test_where_the_bot_is_unknown_some_bot_will_do() -> None:
    needed = replace(NEEDED, bypass_actors=None)

    assert judge_rulesets([OWN], needed)[0] == "there"
    assert judge_rulesets([replace(OWN, bypass_actors=frozenset())], needed)[0] == "closed"
    assert judge_rulesets([], needed)[0] == "missing"


def test_a_ruleset_is_described_on_one_line() -> None:
    assert describe_ruleset(OWN) == "no creation of refs/tags/v*, but for App 7"
    off = replace(
        OWN, enforcement="disabled", exclude=("refs/tags/vx*",), bypass_actors=frozenset()
    )
    assert describe_ruleset(off) == "disabled: no creation of refs/tags/v* without refs/tags/vx*"
