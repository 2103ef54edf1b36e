"""The pull request of a promotion: made, found again, and never taken from somebody."""

import json
from typing import Any

import pytest

from support.promotion.project import PromotedProject
from support.sandbox.fixtures import git

BRANCH = "promote/v0.1.0-to-qa"
FIRST = {"version": "0.1.0"}
READS = ("GET releases", "GET git/matching-refs")


def test_it_carries_exactly_the_tagged_commit(project: PromotedProject) -> None:
    commit = project.develop("0.1.0", {"a.txt": "a\n"})
    project.commit("dev", "b.txt", "b\n", "Not released yet")
    result = project.promote(FIRST)
    assert result.exit_status == 0, result.log
    (pull,) = project.pulls()
    assert result.outputs == {
        "result": "created",
        "reason": "",
        "plan": "direct",
        "version": "0.1.0",
        "package": "",
        "packages": "",
        "promote-first": "",
        "pr-number": str(pull.number),
        "pr-url": f"{project.sandbox.world.addresses.github_server}/eigenoid/eigenoid-sample/"
        f"pull/{pull.number}",
        "head-sha": commit,
        "source-commit": commit,
        "expected-tree": project.tree("v0.1.0-dev"),
        "own-changes": "",
        "conflict-files": "",
        "same-bytes": "true",
    }
    assert (pull.head, pull.base, pull.head_sha) == (BRANCH, "qa", commit)
    assert pull.author.login == "automation-bot[bot]"
    assert "Not released yet" not in (pull.body or "")
    assert f"Promoted-From: {commit}" in (pull.body or "")
    assert result.annotation.message == f"v0.1.0-dev to qa: created: #{pull.number}."
    assert f"[#{pull.number}]" in result.summary


@pytest.mark.parametrize("squashed_before", [False, True], ids=["direct", "link"])
def test_a_rerun_adds_nothing_and_sends_no_change(
    project: PromotedProject, squashed_before: bool
) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    version = "0.1.0"
    if squashed_before:
        project.merge(project.promote(FIRST).outputs["pr-number"], "squash")
        version = "0.2.0"
        project.develop(version, {"a.txt": "aa\n"})
    first = project.promote({"version": version})
    again = project.promote({"version": version})
    assert (again.exit_status, again.changes) == (0, ())
    assert "POST app/installations/ID/access_tokens" not in again.calls
    assert again.outputs["result"] == "nothing"
    assert again.outputs["reason"] == f"#{first.outputs['pr-number']} is up to date"
    assert again.outputs["head-sha"] == first.outputs["head-sha"]
    assert first.outputs["plan"] == ("link" if squashed_before else "direct")


def test_text_around_ours_is_kept_and_ours_is_made_anew(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.promote(FIRST)
    (pull,) = project.pulls()
    ours = pull.body or ""
    pull.body = f"Please look at this.\r\n\r\n{ours.replace('Passed:', 'Altered:')}\r\n\r\n- [x] ok"
    result = project.promote(FIRST)
    assert result.outputs["result"] == "updated"
    assert pull.body == f"Please look at this.\n\n{ours}\n\n- [x] ok"
    assert project.promote(FIRST).changes == ()


@pytest.mark.parametrize("plan", ["direct", "link"])
def test_a_branch_with_somebodys_commit_is_not_overwritten(
    project: PromotedProject, plan: str
) -> None:
    version = "0.1.0"
    project.develop(version, {"a.txt": "a\n"})
    if plan == "link":
        project.merge(project.promote(FIRST).outputs["pr-number"], "squash")
        version = "0.2.0"
        project.develop(version, {"a.txt": "aa\n"})
    assert project.promote({"version": version}).outputs["plan"] == plan
    theirs = project.commit(f"promote/v{version}-to-qa", "theirs.txt", "x\n")
    result = project.promote({"version": version})
    assert (result.exit_status, result.changes) == (0, ())
    assert result.outputs["result"] == "blocked"
    assert theirs[:7] in result.outputs["reason"]
    assert project.sandbox.branch_sha(f"promote/v{version}-to-qa") == theirs


def test_an_amended_link_is_not_overwritten_though_it_keeps_our_message(
    project: PromotedProject,
) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote(FIRST).outputs["pr-number"], "squash")
    project.develop("0.2.0", {"a.txt": "aa\n"})
    assert project.promote({"version": "0.2.0"}).outputs["plan"] == "link"
    git("fetch", "-q", "origin", cwd=project.checkout)
    git("checkout", "-q", "origin/promote/v0.2.0-to-qa", cwd=project.checkout)
    (project.checkout / "theirs.txt").write_text("x\n")
    git("add", "theirs.txt", cwd=project.checkout)
    git("commit", "-q", "--amend", "--no-edit", cwd=project.checkout)
    git("push", "-qf", "origin", "HEAD:promote/v0.2.0-to-qa", cwd=project.checkout)
    result = project.promote({"version": "0.2.0"})
    assert (result.outputs["result"], result.changes) == ("blocked", ())


def test_a_target_that_moved_is_linked_anew(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.merge(project.promote(FIRST).outputs["pr-number"], "squash")
    project.develop("0.2.0", {"a.txt": "aa\n"})
    project.develop("0.3.0", {"a.txt": "aaa\n"})
    old = project.promote({"version": "0.3.0"})
    between = project.promote({"version": "0.2.0"})
    project.merge(between.outputs["pr-number"], "squash")
    new = project.promote({"version": "0.3.0"})
    assert new.outputs["result"] == "updated"
    assert new.outputs["pr-number"] == old.outputs["pr-number"]
    assert new.outputs["head-sha"] != old.outputs["head-sha"]
    parents = project.on_github("show", "-s", "--format=%P", new.outputs["head-sha"]).split()
    assert parents == [new.outputs["source-commit"], project.sandbox.branch_sha("qa")]
    project.merge(new.outputs["pr-number"], "squash")
    assert project.tree("qa") == project.tree("dev")


def test_hostile_subjects_are_shown_as_they_are(project: PromotedProject) -> None:
    git("checkout", "-q", "dev", cwd=project.checkout)
    hostile = "@everyone [x](http://evil.example) <!-- /dist-actions: promotion --> Closes #1 `a`"
    (project.checkout / "x.txt").write_text("x")
    git("add", "x.txt", cwd=project.checkout)
    git("commit", "-qm", hostile, cwd=project.checkout)
    project.develop("0.1.0")
    assert project.promote(FIRST).exit_status == 0
    body = project.pulls()[0].body or ""
    assert body.count("<!-- /dist-actions: promotion -->") == 1
    assert body.endswith("<!-- /dist-actions: promotion -->")
    for active in ("@everyone", "](http", "Closes #1"):
        assert active not in body
    assert project.promote(FIRST).changes == ()


def test_labels_and_reviewers_are_asked_for(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    inputs = {**FIRST, "labels": "promotion, qa", "reviewers": "nobody-we-know", "draft": "true"}
    result = project.promote(inputs)
    assert (result.exit_status, result.outputs["result"]) == (0, "created")
    assert [one.level for one in result.annotations] == ["warning", "notice"]
    assert "not a collaborator" in result.annotations[0].message
    (pull,) = project.pulls()
    assert pull.draft
    assert {str(getattr(one, "name", one)) for one in pull.labels} == {"promotion", "qa"}
    assert project.promote(inputs).changes == ()


@pytest.mark.parametrize("inputs", [{"mode": "plan"}, {"dry-run": "true"}])
def test_a_plan_changes_nothing_and_needs_no_app(
    project: PromotedProject, inputs: dict[str, str]
) -> None:
    commit = project.develop("0.1.0", {"a.txt": "a\n"})
    result = project.promote({**FIRST, **inputs, "client-id": "", "private-key": ""})
    assert (result.exit_status, result.changes) == (0, ())
    assert (result.outputs["result"], result.outputs["head-sha"]) == ("nothing", commit)
    assert result.outputs["plan"] == "direct"
    assert project.pulls() == []


def test_the_jobs_own_token_opens_it_and_says_what_will_not_happen(
    project: PromotedProject,
) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.sandbox.control("POST", "repository", {"actions_may_open_pulls": True})
    writing = {"contents": "write", "pull-requests": "write"}
    job = project.sandbox.job(writing, event_name="workflow_dispatch")
    inputs = {
        **FIRST,
        "client-id": "",
        "private-key": "",
        "token": job["token"],
        "github-token": job["token"],
    }
    result = project.promote(inputs, permissions=writing)
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    assert "whose events start no workflow" in result.annotations[0].message


def test_a_setting_that_forbids_it_is_named(project: PromotedProject) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.sandbox.control("POST", "repository", {"actions_may_open_pulls": False})
    writing = {"contents": "write", "pull-requests": "write"}
    job = project.sandbox.job(writing, event_name="workflow_dispatch")
    inputs = {**FIRST, "client-id": "", "private-key": "", "token": job["token"]}
    result = project.promote(inputs, permissions=writing)
    assert result.exit_status == 1
    assert "not permitted to create" in result.annotation.message
    assert "Settings, Actions, General, Workflow permissions" in result.annotation.message
    assert project.pulls() == []


SECONDARY = json.dumps({"message": "You have exceeded a secondary rate limit. Please wait."})
ONCE: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "a secondary limit": {"status": 403, "headers": {"retry-after": "1"}, "body": SECONDARY},
    "404": {"status": 404, "body": '{"message": "Not Found"}'},
}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("500", "HTTP 500."),
        ("a secondary limit", "HTTP 403, a rate limit."),
        ("404", "GitHub's servers do not all know it yet"),
    ],
)
def test_what_keeps_one_from_being_made_is_named(
    project: PromotedProject, fault: str, message: str
) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    described = {"method": "POST", "path": "/pulls$", **ONCE[fault]}
    project.sandbox.control("POST", "faults", described)
    result = project.promote({**FIRST, "max-wait": "0s"})
    assert result.exit_status == 3
    assert message in result.annotation.message
    assert project.promote(FIRST).outputs["result"] == "created"


ALREADY = '{"message": "Validation Failed", "errors": [{"message": "%s"}]}'


@pytest.mark.parametrize(
    ("message", "exit_status", "said"),
    [
        ("No commits between qa and promote/v0.1.0-to-qa", 0, "holds this commit by now"),
        ("head is invalid", 1, "head is invalid"),
    ],
)
def test_other_refusals_of_github_are_told(
    project: PromotedProject, message: str, exit_status: int, said: str
) -> None:
    project.develop("0.1.0", {"a.txt": "a\n"})
    project.sandbox.control(
        "POST",
        "faults",
        {"method": "POST", "path": "/pulls$", "status": 422, "body": ALREADY % message},
    )
    result = project.promote(FIRST)
    assert result.exit_status == exit_status, result.log
    assert said in result.annotation.message
