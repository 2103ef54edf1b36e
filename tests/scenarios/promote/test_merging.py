"""Promotions that are merged without a person."""

import json

from support.promotion.project import PromotedProject
from support.sandbox.branch_protection import protect, protect_classically, requires, reviewed
from support.stages.running import StageResult

AUTO = {"mode": "auto-merge", "max-wait": "3s"}
QUEUE = {"type": "merge_queue", "parameters": {"merge_method": "SQUASH"}}


def settings(project: PromotedProject, **merging: bool) -> None:
    """Change the repository's merge buttons, and whether it allows auto-merge."""
    project.sandbox.control("POST", "repository", {"merging": merging})


def auto_merge(project: PromotedProject, version: str, **inputs: str) -> StageResult:
    result = project.promote({**AUTO, "version": version, **inputs})
    assert result.exit_status == 0, result.log
    return result


def ended(result: StageResult) -> tuple[str, str]:
    return result.outputs["result"], result.outputs["reason"]


def test_it_takes_the_best_button_that_is_allowed(project: PromotedProject) -> None:
    """A rule leaves the squash, and settings the rebase, of which only a graft can be the head."""
    buttons = {"merge": True, "squash": True, "rebase": True}
    for number, (method, plan) in enumerate(
        (("merge", "direct"), ("squash", "link"), ("rebase", "graft")), start=1
    ):
        version = f"0.{number}.0"
        project.develop(version, {"a.txt": version})
        settings(project, **{name: name == method or number == 1 for name in buttons})
        result = auto_merge(project, version)
        assert ended(result) == ("merged", ""), result.log
        assert result.outputs["plan"] == plan
        assert project.tree("qa") == project.tree("dev") == result.outputs["expected-tree"]
        title, _, text = project.on_github("log", "-1", "--format=%B", "qa").partition("\n")
        assert "chore: promote v" in title
        assert f"Promoted-From: {result.outputs['source-commit']}" in text
        assert auto_merge(project, version).changes == ()
    assert ended(auto_merge(project, "0.3.0"))[0] == "nothing"


def test_it_is_armed_until_nothing_is_missing(project: PromotedProject) -> None:
    commit = project.develop("0.1.0", {"a.txt": "a\n"})
    settings(project, auto_merge=True)
    protect(project.sandbox, requires("test"), reviewed(0, allowed_merge_methods=["squash"]))
    assert ended(auto_merge(project, "0.1.0")) == ("armed", "")
    again = auto_merge(project, "0.1.0")
    assert (ended(again), again.changes) == (("armed", "#1 is armed already"), ())
    head = again.outputs["head-sha"]
    assert head != commit, "a squash is not a merge commit, so the head joins both histories"
    project.sandbox.control("PUT", f"checks/{head}/test", {"conclusion": "success"})
    assert project.tree("qa") == project.tree("dev")
    assert f"Promoted-From: {commit}" in project.on_github("log", "-1", "--format=%B", "qa")
    assert ended(auto_merge(project, "0.1.0"))[0] == "nothing"
    assert "**Squash and merge**" in (project.pulls()[0].body or "")


def test_classic_branch_protection_is_read_too(project: PromotedProject) -> None:
    """A linear history leaves the squash, of a head that joins; a check that is due arms it."""
    project.develop("0.1.0", {"a.txt": "a\n"})
    protect_classically(project.sandbox, required_linear_history=True)
    linear = auto_merge(project, "0.1.0")
    assert (ended(linear), linear.outputs["plan"]) == (("merged", ""), "link"), linear.log
    assert project.tree("qa") == project.tree("dev")
    assert project.on_github("log", "-1", "--format=%P", "qa").count(" ") == 0
    checks = {"strict": False, "contexts": ["test"]}
    protect_classically(
        project.sandbox, required_status_checks=checks, required_pull_request_reviews={}
    )
    project.develop("0.2.0", {"a.txt": "aa\n"})
    assert ended(auto_merge(project, "0.2.0")) == (
        "blocked",
        "the target's branch requires 1 approving review(s) and the checks test",
    )
    settings(project, auto_merge=True)
    protect_classically(project.sandbox, required_status_checks=checks)
    armed = auto_merge(project, "0.2.0")
    assert ended(armed) == ("armed", "")
    project.sandbox.control(
        "PUT", f"checks/{armed.outputs['head-sha']}/test", {"conclusion": "success"}
    )
    assert project.tree("qa") == project.tree("dev")


def test_a_merge_queue_merges_it(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    protect(project.sandbox, requires("test"), QUEUE)
    assert ended(auto_merge(project, "0.1.0")) == ("armed", "the merge queue merges it")
    again = auto_merge(project, "0.1.0")
    assert (ended(again), again.changes) == (("armed", "#1 is armed already"), ())
    assert "The merge queue of this branch merges it." in (project.pulls()[0].body or "")


def test_fast_forward_moves_the_branch_or_says_why_not(project: PromotedProject) -> None:
    settings(project, merge=False)
    commit = project.develop("0.1.0", {"a.txt": "a\n"})
    assert ended(auto_merge(project, "0.1.0", strategy="fast-forward")) == ("merged", "")
    assert project.sandbox.branch_sha("qa") == commit
    assert project.pulls()[0].merged
    project.commit("qa", "hotfix.txt", "h\n")
    project.develop("0.2.0", {"a.txt": "aa\n"})
    result, reason = ended(auto_merge(project, "0.2.0", strategy="fast-forward"))
    assert (result, "qa holds commits that v0.2.0-dev lacks" in reason) == ("blocked", True)
    assert project.pulls()[1].open


def test_what_is_missing_is_told(project: PromotedProject) -> None:
    commit = project.develop("0.1.0", {"a.txt": "a\n"})
    settings(project, rebase=False, squash=False)
    refused = auto_merge(project, "0.1.0", strategy="squash")
    assert ended(refused) == (
        "blocked",
        "settings and rules of qa allow merge, and the strategy is squash",
    )
    assert refused.outputs["pr-number"] == "1"
    rules = protect(project.sandbox, requires("test", "lint"), reviewed(2))
    assert ended(auto_merge(project, "0.1.0")) == (
        "blocked",
        "the target's branch requires 2 approving review(s) and the checks test, lint",
    )
    project.sandbox.control("DELETE", f"rulesets/{rules}")
    project.sandbox.control("PUT", f"checks/{commit}/scan", {"conclusion": "failure"})
    assert ended(auto_merge(project, "0.1.0")) == (
        "blocked",
        "checks of its head are not good: scan (failure)",
    )
    project.sandbox.control("PUT", f"checks/{commit}/scan", {"conclusion": "success"})
    project.begin_run(71, commit, "promote")
    own = {"GITHUB_RUN_ID": "71"}
    merged = project.promote({**AUTO, "version": "0.1.0"}, environ=own)
    assert ended(merged) == ("merged", ""), "its own check is under way, and does not count"


def test_another_tree_than_expected_fails_loudly(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    other = {"tree": {"sha": "1" * 40}, "message": "x", "committer": {}, "parents": []}
    fault = {"method": "GET", "path": "/git/commits/", "status": 200, "body": json.dumps(other)}
    project.sandbox.control("POST", "faults", fault)
    result = project.promote({**AUTO, "version": "0.1.0"})
    assert result.exit_status == 1
    assert "qa holds the tree 1111111 after the merge" in result.annotation.message
    assert "somebody changed the target" in result.annotation.message


def test_the_jobs_own_token_merges_and_says_what_will_not_happen(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.sandbox.control("POST", "repository", {"actions_may_open_pulls": True})
    writing = {"contents": "write", "pull-requests": "write", "checks": "read", "statuses": "read"}
    token = project.sandbox.job(writing, event_name="workflow_dispatch")["token"]
    given = {"client-id": "", "private-key": "", "token": token, "github-token": token}
    result = auto_merge(project, "0.1.0", **given)
    assert ended(result) == ("merged", "")
    said = "nothing is tagged or released in qa by itself"
    assert said in result.annotations[0].message
