"""Points 61 to 65: promotions of nothing, of what is begun already, and against what people did."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.faults.flows import Flow
from support.faults.invariants import broken_in_run
from support.faults.modes import EVER
from support.faults.points import play, play_refusal
from support.faults.trial import observe
from support.promotion.project import PromotedProject
from support.sandbox.branch_protection import protect, requires

BRANCH = "promote/v0.1.0-to-qa"
MERGE = {"method": "PUT", "path": "/merge$"}
OPEN = {"method": "POST", "path": "/pulls$"}
SEARCH = {"method": "GET", "path": "/pulls$"}
LOST = [{"applied": True, "connection": "reset"}, {"applied": True, "status": 502}]


@pytest.fixture
def promote_flow(shared_flow: Callable[[str], Flow]) -> Flow:
    """A promotion by a pull request whose branch is the tagged commit."""
    return shared_flow("promote direct")


@pytest.fixture
def merge_flow(shared_flow: Callable[[str], Flow]) -> Flow:
    """The same, which merges its pull request."""
    return shared_flow("promote and merge")


def stays(flow: Flow, result: str, reason: str, **options: Any) -> list[str]:
    """Run twice in a world that a flow has to leave as it is, and name what is broken."""

    def broken() -> Iterator[str]:
        for _ in range(2):
            run = observe(flow, lambda: flow.run(**options))
            yield from broken_in_run(run, run.standing)
            outputs = run.result.outputs
            if run.result.exit_status != 0 or outputs["result"] != result:
                yield f"exit {run.result.exit_status}, {dict(outputs)}\n{run.result.log}"
            if reason not in outputs["reason"]:
                yield f"the reason is {outputs['reason']!r}"
            if run.result.changes or run.live_tokens:
                yield f"it changes {run.result.changes}; {run.live_tokens} tokens live"

    return list(broken())


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_point_61_nothing_to_promote(promote_flow: Flow, method: str) -> None:
    """It asks no gate then, not even a closed one."""
    promote_flow.before.restore()
    project: PromotedProject = promote_flow.project
    project.merge(promote_flow.run().outputs["pr-number"], method)
    frozen = {"freeze": "2000-01-01T00:00..2100-01-01T00:00 Europe/Berlin"}
    reason = {"merge": "this commit already", "squash": "same files already"}[method]
    assert stays(promote_flow, "nothing", reason, inputs=frozen) == []


@pytest.mark.parametrize("answer", LOST, ids=["reset", "502"])
def test_point_62_pull_request_is_made_and_its_answer_lost(
    promote_flow: Flow, answer: dict[str, Any]
) -> None:
    assert play(promote_flow, [{**OPEN, **answer}]) == []
    stale = {**SEARCH, "status": 200, "body": "[]", "times": 2}
    assert play(promote_flow, [{**OPEN, **answer}, stale]) == [], "the list is behind, too"


@pytest.mark.parametrize("times", [0, 1, 3])
def test_point_62_pull_request_exists(promote_flow: Flow, times: int) -> None:
    """Made by another run, and not in GitHub's list for so many reads."""

    def open_pull_request() -> None:
        assert promote_flow.run().outputs["result"] == "created"

    stale = [{**SEARCH, "status": 200, "body": "[]", "times": times}] if times else []
    assert play(promote_flow, stale, before=open_pull_request) == []
    assert len(promote_flow.project.pulls()) == 1


def test_point_63_closed_by_a_human(promote_flow: Flow) -> None:
    promote_flow.before.restore()
    number, sandbox = promote_flow.run().outputs["pr-number"], promote_flow.sandbox
    closing = {"token": sandbox.user_token, "json": {"state": "closed"}}
    sandbox.request("PATCH", f"pulls/{number}", **closing)
    assert stays(promote_flow, "blocked", f"#{number} was closed without merging") == []
    sandbox.request("PATCH", f"pulls/{number}", token=sandbox.user_token, json={"state": "open"})
    assert stays(promote_flow, "nothing", f"#{number} is up to date") == [], (
        "a human opens it again"
    )


@pytest.mark.parametrize(
    ("status", "message"),
    [(405, "Base branch was modified."), (409, "Head branch was modified."), (409, "")],
    ids=["405", "409", "no message"],
)
def test_point_64_merge_405_or_409(merge_flow: Flow, status: int, message: str) -> None:
    """The pull request stays open, and a rerun merges it."""
    fault = {**MERGE, "status": status, "body": json.dumps({"message": message})}
    merge_flow.before.restore()
    merge_flow.sandbox.control("POST", "faults", fault)
    run = observe(merge_flow, merge_flow.run)
    assert run.result.outputs["result"] == "blocked", run.result.log
    reason = f"GitHub does not merge it: {message or 'no message'}"
    assert run.result.outputs["reason"] == reason
    assert merge_flow.project.pulls()[0].open
    assert observe(merge_flow, merge_flow.run).standing == merge_flow.goal
    assert merge_flow.run().changes == ()


@pytest.mark.parametrize("answer", LOST, ids=["reset", "502"])
def test_point_64_merged_and_its_answer_lost(merge_flow: Flow, answer: dict[str, Any]) -> None:
    assert play(merge_flow, [{**MERGE, **answer}]) == []


def test_point_65_branch_missing(promote_flow: Flow) -> None:
    def delete() -> None:
        promote_flow.sandbox.repository.git.delete_ref("refs/heads/qa")

    says = ["There is no branch qa"]
    assert play_refusal(promote_flow, delete, says=says) == []
    restore = promote_flow.before.restore
    assert play(promote_flow, before=delete, after=restore, exit_status=1, says=says) == []


def test_point_65_branch_protected(promote_flow: Flow, merge_flow: Flow) -> None:
    """A pull request is opened all the same; it is not merged before the rules allow it."""
    assert play(promote_flow, before=lambda: protect(promote_flow.sandbox, requires("test"))) == []
    merge_flow.before.restore()
    protect(merge_flow.sandbox, requires("test"))
    first = observe(merge_flow, merge_flow.run)
    assert first.result.outputs["result"] == "blocked", first.result.log
    assert "requires" in first.result.outputs["reason"]
    assert merge_flow.project.pulls()[0].open
    assert stays(merge_flow, "blocked", "the checks test") == []
    merge_flow.sandbox.repository.rulesets.clear()
    assert observe(merge_flow, merge_flow.run).standing == merge_flow.goal


def test_point_65_push_forbidden(promote_flow: Flow) -> None:
    """It is asked for once; nothing of it is a failure that may be over soon."""
    fault = {"path": "git-receive-pack$", "status": 403, "times": EVER}
    says = ["HTTP 403", "let it bypass the rule"]
    assert play(promote_flow, [fault], exit_status=1, says=says) == []


def test_point_65_conflict(shared_flow: Callable[[str], Flow]) -> None:
    """A hotfix of the target changes what the version changes, too."""
    promote_flow = shared_flow("promote stitch")

    def change_target() -> None:
        promote_flow.project.commit("qa", "a.txt", "another\n", "Fix it otherwise")

    says = ["conflict in a.txt", "only a person knows what qa should hold"]
    assert play_refusal(promote_flow, change_target, says=says) == []
