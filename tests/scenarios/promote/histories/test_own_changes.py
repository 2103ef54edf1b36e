"""Changes that only the target has: kept, and brought back."""

import json

import pytest

from support.promotion.project import PromotedProject

BACK = "promote/back-merge-qa-into-dev"
SECOND = {"version": "0.2.0"}


def hotfixed(project: PromotedProject, name: str = "hotfix.txt", text: str = "h\n") -> str:
    """A version was squashed into qa, which then got a hotfix; a newer version is out in dev."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    hotfix = project.commit("qa", name, text, "Fix <!-- /dist-actions: promotion --> @all")
    project.develop("0.2.0", {"a.txt": "aa\n"})
    return hotfix


def test_they_stay_and_a_pull_request_brings_them_back(project: PromotedProject) -> None:
    hotfix = hotfixed(project)
    result = project.promote(SECOND)
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert (result.outputs["plan"], result.outputs["same-bytes"]) == ("stitch", "false")
    assert json.loads(result.outputs["own-changes"]) == [hotfix]
    _, promotion, back = project.pulls()
    assert (back.head, back.base, back.title) == (BACK, "dev", "chore: back-merge qa into dev")
    body = promotion.body or ""
    assert "### Own changes of qa\n\nThese were made in qa and stay; dev lacks" in body
    assert f"- `{hotfix[:7]}` Fix" in body
    assert "**Not the bytes of dev.**" in body
    assert body.count("<!-- /dist-actions: promotion -->") == 1
    assert f"`{hotfix[:7]}` Fix" in (back.body or "")
    assert f"| back-merge | [#{back.number}]" in result.summary
    assert project.promote(SECOND).changes == ()
    project.merge(promotion.number, "squash")
    assert project.tree("qa") == result.outputs["expected-tree"]
    assert project.on_github("show", "qa:hotfix.txt") == "h"
    project.merge(back.number, "squash")
    assert project.tree("dev") == project.tree("qa")


def test_the_way_back_is_left_to_those_who_took_it(project: PromotedProject) -> None:
    """Somebody solves a conflict on its branch; somebody closes it; it was merged."""
    hotfixed(project)
    assert project.promote(SECOND).outputs["result"] == "created"
    theirs = project.commit(BACK, "solved.txt", "x\n")
    project.commit("qa", "more.txt", "m\n", "Another")
    result = project.promote(SECOND)
    assert result.exit_status == 0, result.log
    assert project.sandbox.branch_sha(BACK) == theirs
    assert "somebody else works on \\#3" in result.summary
    token = project.sandbox.user_token
    project.sandbox.request("PATCH", "pulls/3", token=token, json={"state": "closed"})
    project.sandbox.request("DELETE", f"git/refs/heads/{BACK}", token=token)
    project.commit("qa", "third.txt", "m\n", "A third")
    assert project.promote(SECOND).exit_status == 0
    *_, new = project.pulls()
    assert (new.head, new.number) == (BACK, 4), "for a new change there is a new one"
    project.sandbox.request("PATCH", "pulls/4", token=token, json={"state": "closed"})
    result = project.promote(SECOND)
    assert (result.exit_status, result.changes) == (0, ())
    assert "\\#4 would bring them back, and was closed without merging" in result.summary


def test_a_squash_with_another_message_is_known_by_its_pull_request(
    project: PromotedProject,
) -> None:
    """Its tree is none of the source's, because of the hotfix, and its trailers are gone."""
    hotfix = hotfixed(project)
    number = project.promote(SECOND).outputs["pr-number"]
    message = {"merge_method": "squash", "commit_title": "Ship it", "commit_message": "At last"}
    token = project.sandbox.user_token
    merged = project.sandbox.request("PUT", f"pulls/{number}/merge", token=token, json=message)
    assert merged.status_code == 200
    project.develop("0.3.0", {"a.txt": "aaa\n"})
    result = project.promote({"version": "0.3.0"})
    assert (result.exit_status, result.outputs["plan"]) == (0, "stitch"), result.log
    assert json.loads(result.outputs["own-changes"]) == [hotfix]
    assert [call for call in result.calls if "graphql" in call] == ["POST /api/graphql"] * 2
    project.merge(result.outputs["pr-number"], "squash")
    assert project.on_github("show", "qa:a.txt") == "aaa"
    assert project.on_github("show", "qa:hotfix.txt") == "h"


@pytest.mark.parametrize("mode", ["pr", "auto-merge", "plan"])
def test_point_65_a_conflict_is_told_with_its_files(project: PromotedProject, mode: str) -> None:
    hotfixed(project, "a.txt", "h\n")
    result = project.promote({**SECOND, "mode": mode})
    assert (result.exit_status, result.changes) == (1, ())
    assert result.outputs["result"] == "conflict"
    assert json.loads(result.outputs["conflict-files"]) == ["a.txt"]
    assert "conflict in a.txt" in result.outputs["reason"]
    assert result.annotation.level == "error"
    assert "git merge" in result.annotation.message
    assert len(project.pulls()) == 1


@pytest.mark.parametrize(
    ("ours", "theirs"), [("d", "d/x.txt"), ("d/x.txt", "d"), ("d", "d/e/f.txt")]
)
def test_a_file_against_a_folder_is_told_by_its_real_path(
    project: PromotedProject, ours: str, theirs: str
) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
    project.commit("qa", ours, "h\n")
    project.develop("0.2.0", {theirs: "x\n"})
    result = project.promote(SECOND)
    assert (result.exit_status, result.outputs["result"]) == (1, "conflict"), result.log
    assert json.loads(result.outputs["conflict-files"]) == ["d"]
    assert "d~" not in result.log


def test_point_65_a_rule_that_protects_our_branch_is_named(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    names = {"include": ["refs/heads/promote/**"], "exclude": []}
    rules = [{"type": "creation"}, {"type": "update"}]
    body = {"name": "x", "conditions": {"ref_name": names}, "rules": rules}
    project.sandbox.control("POST", "rulesets", body)
    result = project.promote({"version": "0.1.0"})
    assert result.exit_status == 1
    assert "promote/v0.1.0-to-qa could not be pushed" in result.annotation.message
    assert project.pulls() == []
