"""What a run causes: `workflow_run` events, whose chains and loops have an end."""

from typing import NamedTuple

import pytest

from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.runs.followers import describe_followers, refuse_endless
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
    while not refuse_endless(BUILD, event, []):
        event = follow(event)[-1]
        started += 1
    assert started - 1 == 3


def test_workflows_that_start_one_another_are_stopped() -> None:
    past = [(BUILD, make_push())] * 50
    refuse_endless(BUILD, make_push("refs/heads/other"), past)
    refuse_endless(BUILD, make_push(), past[1:])
    with pytest.raises(RehearsalError, match=r"build.yml has run 50 times"):
        refuse_endless(BUILD, make_push(), past)
