"""What must hold before a version is promoted, and what opens by itself."""

from typing import Any

from support.promotion.project import PERMISSIONS, PromotedProject
from support.sandbox.fixtures import git

FIRST = {"version": "0.1.0"}
#: All gates; checks that still run are not waited for.
ALL = {**FIRST, "require": "", "max-wait": "0s"}
FROZEN = "2000-01-01T00:00..2100-01-01T00:00 Europe/Berlin"
PAST = "2000-01-01T00:00..2001-01-01T00:00 UTC"


def released(project: PromotedProject) -> str:
    """A released version, and its commit."""
    commit = project.develop("0.1.0", {"a.txt": "a\n"})
    project.release("0.1.0", "dev")
    return commit


def blocked(project: PromotedProject, inputs: dict[str, str], **options: Any) -> str:
    """Why it waits: nothing was changed, and the run is green with a warning."""
    result = project.promote({**ALL, **inputs}, **options)
    assert (result.exit_status, result.changes) == (0, ()), result.log
    assert (result.outputs["result"], result.annotation.level) == ("blocked", "warning")
    assert result.outputs["reason"] in result.annotation.message
    assert result.outputs["pr-number"] == ""
    return result.outputs["reason"]


def test_freezes_and_ages_open_by_themselves(project: PromotedProject) -> None:
    commit = released(project)
    assert blocked(project, {"freeze": f"{PAST}\n{FROZEN}"}) == (
        f"frozen until 2099-12-31 23:00 UTC by {FROZEN}"
    )
    assert "released less than 2:00:00 ago; open from 20" in blocked(project, {"min-age": "2h"})
    hostile = "outage, says @boss <!-- /dist-actions: promotion --> Closes #1"
    inputs = {**ALL, "freeze": FROZEN, "override-reason": hostile, "min-age": "0s"}
    result = project.promote(inputs)
    assert (result.exit_status, result.outputs["result"]) == (0, "created"), result.log
    (pull,) = project.pulls()
    body = pull.body or ""
    assert pull.head_sha == commit
    assert "Passed: freeze, release, published, checks." in body
    assert "| freeze | set aside: outage, says @\u200bboss" in body
    assert "**Freezes are set aside:** outage" in body
    assert "**Freezes are set aside:** outage" in result.summary
    assert body.count("<!-- /dist-actions: promotion -->") == 1
    assert project.promote(inputs).changes == ()


def test_checks_of_the_released_commit_must_be_good(project: PromotedProject) -> None:
    commit = released(project)
    project.sandbox.control("PUT", f"checks/{commit}/unit", {})
    assert blocked(project, {}) == f"checks of {commit[:7]} are not done yet: unit"
    project.sandbox.control("PUT", f"checks/{commit}/unit", {"conclusion": "success"})
    project.sandbox.control("PUT", f"checks/{commit}/lint", {"conclusion": "cancelled"})
    said = {"state": "failure", "context": "scan"}
    token = project.sandbox.user_token
    project.sandbox.request("POST", f"statuses/{commit}", token=token, json=said)
    assert blocked(project, {}) == f"checks of {commit[:7]} failed: lint, scan"
    only_release = project.promote({**ALL, "require": "release", "mode": "plan"})
    assert only_release.outputs["reason"] == "this run only plans"
    project.sandbox.control("PUT", f"checks/{commit}/lint", {"conclusion": "skipped"})
    good = {"state": "success", "context": "scan"}
    project.sandbox.request("POST", f"statuses/{commit}", token=token, json=good)
    assert project.promote(ALL).outputs["result"] == "created"


def test_the_runs_own_checks_do_not_count(project: PromotedProject) -> None:
    """Neither those of this run, nor, where it may know them, those of the same workflow."""
    commit = released(project)
    for number, job in ((71, "call / promote"), (72, "promote")):
        project.begin_run(number, commit, job)
    assert (
        blocked(project, {}) == f"checks of {commit[:7]} are not done yet: call / promote, promote"
    )
    project.sandbox.control("PATCH", "runs/71", {"conclusion": "failure"})
    workflow = "eigenoid/eigenoid-sample/.github/workflows/promote.yml@refs/heads/main"
    own = {"environ": {"GITHUB_RUN_ID": "72", "GITHUB_WORKFLOW_REF": workflow}}
    assert blocked(project, {}, **own) == f"checks of {commit[:7]} failed: call / promote"
    result = project.promote(ALL, **own, permissions={**PERMISSIONS, "actions": "read"})
    assert result.outputs["result"] == "created", result.log
    assert "| checks | none has failed or is under way |" in (project.pulls()[0].body or "")
    project.sandbox.control("PATCH", "runs/72", {"conclusion": "success"})
    again = project.promote(ALL, **own, permissions={**PERMISSIONS, "actions": "read"})
    assert again.changes == ()


def test_the_permission_to_read_checks_is_named(project: PromotedProject) -> None:
    released(project)
    result = project.promote(ALL, permissions={"contents": "read", "pull-requests": "read"})
    assert (result.exit_status, result.changes) == (1, ())
    assert "checks=read" in result.annotation.message


def test_a_tag_that_was_moved_after_its_release_is_not_promoted(project: PromotedProject) -> None:
    commit = released(project)
    moved = project.commit("dev", "b.txt", "b\n", "Never released")
    git("tag", "-f", "-a", "-m", "x", "v0.1.0-dev", moved, cwd=project.checkout)
    git("push", "-qf", "origin", "v0.1.0-dev", cwd=project.checkout)
    result = project.promote(ALL)
    assert (result.exit_status, result.changes) == (1, ())
    said = f"v0.1.0-dev points to {moved[:7]}, but was released from {commit[:7]}"
    assert said in result.annotation.message
