"""Changes that only the target has: kept, and brought back."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Chain

BACK = "promote/back-merge-qa-into-dev"
SECOND = {"version": "0.2.0"}


def hotfixed(chain: "Chain", name: str = "hotfix.txt", text: str = "h\n") -> str:
    """A version was squashed into qa, which then got a hotfix; a newer version is out in dev."""
    chain.develop("0.1.0", {"a.txt": "a\n"})
    chain.merge(chain.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    hotfix = chain.commit("qa", name, text, "Fix <!-- /dist-actions: promotion --> @all")
    chain.develop("0.2.0", {"a.txt": "aa\n"})
    return hotfix


def test_they_stay_and_a_pull_request_brings_them_back(chain: "Chain") -> None:
    hotfix = hotfixed(chain)
    result = chain.promote(SECOND)
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert (result.outputs["plan"], result.outputs["same-bytes"]) == ("stitch", "false")
    assert json.loads(result.outputs["own-changes"]) == [hotfix]
    _, promotion, back = chain.pulls()
    assert (back.head, back.base, back.title) == (BACK, "dev", "chore: back-merge qa into dev")
    body = promotion.body or ""
    assert "### Own changes of qa\n\nThese were made in qa and stay; dev lacks" in body
    assert f"- `{hotfix[:7]}` Fix" in body
    assert "**Not the bytes of dev.**" in body
    assert body.count("<!-- /dist-actions: promotion -->") == 1
    assert f"`{hotfix[:7]}` Fix" in (back.body or "")
    assert f"| back-merge | [#{back.number}]" in result.summary
    assert chain.promote(SECOND).changes == ()
    chain.merge(promotion.number, "squash")
    assert chain.tree("qa") == result.outputs["expected-tree"]
    assert chain.on_github("show", "qa:hotfix.txt") == "h"
    chain.merge(back.number, "squash")
    assert chain.tree("dev") == chain.tree("qa")


def test_the_way_back_is_left_to_those_who_took_it(chain: "Chain") -> None:
    """Somebody solves a conflict on its branch; somebody closes it; it was merged."""
    hotfixed(chain)
    assert chain.promote(SECOND).outputs["result"] == "created"
    theirs = chain.commit(BACK, "solved.txt", "x\n")
    chain.commit("qa", "more.txt", "m\n", "Another")
    result = chain.promote(SECOND)
    assert result.exit_status == 0, result.log
    assert chain.sandbox.branch_sha(BACK) == theirs
    assert "somebody else works on \\#3" in result.summary
    token = chain.sandbox.user_token
    chain.sandbox.request("PATCH", "pulls/3", token=token, json={"state": "closed"})
    chain.sandbox.request("DELETE", f"git/refs/heads/{BACK}", token=token)
    chain.commit("qa", "third.txt", "m\n", "A third")
    assert chain.promote(SECOND).exit_status == 0
    *_, new = chain.pulls()
    assert (new.head, new.number) == (BACK, 4), "for a new change there is a new one"
    chain.sandbox.request("PATCH", "pulls/4", token=token, json={"state": "closed"})
    result = chain.promote(SECOND)
    assert (result.exit_status, result.changes) == (0, ())
    assert "\\#4 would bring them back, and was closed without merging" in result.summary


def test_a_squash_with_another_message_is_known_by_its_pull_request(chain: "Chain") -> None:
    """Its tree is none of the source's, because of the hotfix, and its trailers are gone."""
    hotfix = hotfixed(chain)
    number = chain.promote(SECOND).outputs["pr-number"]
    message = {"merge_method": "squash", "commit_title": "Ship it", "commit_message": "At last"}
    token = chain.sandbox.user_token
    merged = chain.sandbox.request("PUT", f"pulls/{number}/merge", token=token, json=message)
    assert merged.status_code == 200
    chain.develop("0.3.0", {"a.txt": "aaa\n"})
    result = chain.promote({"version": "0.3.0"})
    assert (result.exit_status, result.outputs["plan"]) == (0, "stitch"), result.log
    assert json.loads(result.outputs["own-changes"]) == [hotfix]
    assert [call for call in result.calls if "graphql" in call] == ["POST /api/graphql"] * 2
    chain.merge(result.outputs["pr-number"], "squash")
    assert chain.on_github("show", "qa:a.txt") == "aaa"
    assert chain.on_github("show", "qa:hotfix.txt") == "h"


@pytest.mark.parametrize("mode", ["pr", "auto-merge", "plan"])
def test_point_65_a_conflict_is_told_with_its_files(chain: "Chain", mode: str) -> None:
    hotfixed(chain, "a.txt", "h\n")
    result = chain.promote({**SECOND, "mode": mode})
    assert (result.exit_status, result.changes) == (1, ())
    assert result.outputs["result"] == "conflict"
    assert json.loads(result.outputs["conflict-files"]) == ["a.txt"]
    assert "conflict in a.txt" in result.outputs["reason"]
    assert result.annotation.level == "error"
    assert "git merge" in result.annotation.message
    assert len(chain.pulls()) == 1


def test_point_65_a_rule_that_protects_our_branch_is_named(chain: "Chain") -> None:
    chain.develop("0.1.0", {"a.txt": "a\n"})
    names = {"include": ["refs/heads/promote/**"], "exclude": []}
    rules = [{"type": "creation"}, {"type": "update"}]
    body = {"name": "x", "conditions": {"ref_name": names}, "rules": rules}
    chain.sandbox.control("POST", "rulesets", body)
    result = chain.promote({"version": "0.1.0"})
    assert result.exit_status == 1
    assert "promote/v0.1.0-to-qa could not be pushed" in result.annotation.message
    assert chain.pulls() == []
