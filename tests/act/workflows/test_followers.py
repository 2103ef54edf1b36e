"""What a run causes: `workflow_run` events, whose chains and loops have an end."""

from collections.abc import Iterable
from typing import NamedTuple

import pytest

from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.runs.followers import (
    Rounds,
    describe_followers,
    refuse_long_chain,
)
from dist_sandbox.rehearse.runs.result import JobRun, RunResult, Status
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, starts
from support.act.builders import make_push, make_workflow, with_trigger

JOBS = "jobs: {a: {runs-on: x, steps: [{run: 'true'}]}}"
BUILD = make_workflow(f"on: push\nname: build\n{JOBS}", ".github/workflows/build.yml")


class Run(NamedTuple):
    """What the tests know of a run."""

    run_id: int
    workflow: Workflow
    event: TriggerEvent
    result: RunResult


def follow(event: TriggerEvent, status: Status = "success") -> list[TriggerEvent]:
    result = RunResult("failure" if status == "failure" else "success", (JobRun("a", "a", status),))
    return list(describe_followers(Run(7, BUILD, event, result), "main", "0" * 40))


@pytest.mark.parametrize(
    ("filters", "actions"),
    [
        ("{workflows: [build]}", ["requested", "in_progress", "completed"]),
        ("{workflows: [build], types: [completed]}", ["completed"]),
        ("{workflows: [other], types: [completed]}", []),
        ("{workflows: [build], types: [requested], branches: [dev]}", ["requested"]),
        ("{workflows: [build], types: [completed], branches-ignore: [dev]}", []),
    ],
)
def test_the_activities_of_a_run(filters: str, actions: list[str]) -> None:
    waiting = with_trigger(f"{{workflow_run: {filters}}}")
    events = follow(make_push())
    assert [event.action for event in events if starts(waiting, event)] == actions
    assert {event.ref for event in events} == {"refs/heads/main"}


@pytest.mark.parametrize("status", ["success", "failure", "skipped"])
def test_how_it_ended(status: Status) -> None:
    runs = [event.payload["workflow_run"] for event in follow(make_push(), status)]
    assert [run["conclusion"] for run in runs] == [None, None, status]
    assert [run["status"] for run in runs] == ["queued", "in_progress", "completed"]


def test_a_chain_has_three_links() -> None:
    event, started = make_push(), 0
    while not refuse_long_chain(BUILD, event):
        event = follow(event)[-1]
        started += 1
    assert started - 1 == 3


def run_rounds(rounds: Rounds, refs: Iterable[str]) -> None:
    for ref in refs:
        rounds.begin()
        rounds.count(BUILD, make_push(ref))


@pytest.mark.parametrize(
    ("refs", "ends"),
    [
        (["refs/heads/dev"] * 5, True),
        (["refs/heads/dev"] * 6, False),
        ([f"refs/tags/v1.{number}.0" for number in range(6)], False),  # a bump that never ends
        (["refs/heads/dev", "refs/heads/qa"] * 5, True),
        ([f"refs/tags/{name}-v1" for name in "abcdefgh"], True),
    ],
)
def test_workflows_that_start_one_another_are_stopped(refs: list[str], *, ends: bool) -> None:
    if ends:
        run_rounds(Rounds(), refs)
        return
    with pytest.raises(RehearsalError, match=r"build.yml has run 5 times for push of"):
        run_rounds(Rounds(), refs)


def test_what_one_run_or_a_person_starts_is_no_round() -> None:
    rounds = Rounds()
    rounds.begin()
    for _ in range(10):
        rounds.count(BUILD, make_push())  # ten events of one run
    for _ in range(8):
        rounds.restart()
        run_rounds(rounds, ["refs/heads/dev"] * 5)
    rounds.restart()
    with pytest.raises(RehearsalError, match=r"build.yml has run 50 times"):
        rounds.count(BUILD, make_push())
