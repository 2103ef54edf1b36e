"""Describe the events that a run of a workflow causes: other workflows may wait for it; pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from dist_sandbox.rehearse.errors import RehearsalError
from dist_sandbox.rehearse.results.report import Note
from dist_sandbox.rehearse.runs.result import RunResult
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent

#: GitHub starts no longer chain by `workflow_run` after the first workflow.
LONGEST_CHAIN = 3
#: How often one workflow may run for the same kind of event and ref, each time by what the run
#: before did, and how often in all, before they are taken for endless.
MOST_ROUNDS, MOST_RUNS = 5, 50
_STATUSES = {"requested": "queued", "in_progress": "in_progress", "completed": "completed"}


class EndedRun(Protocol):
    """A run that has ended."""

    @property
    def run_id(self) -> int:
        """Return its number."""

    @property
    def workflow(self) -> Workflow:
        """Return the workflow that ran."""

    @property
    def event(self) -> TriggerEvent:
        """Return what it ran for."""

    @property
    def result(self) -> RunResult:
        """Return how it ended."""


def describe_followers(run: EndedRun, branch: str, sha: str) -> Iterator[TriggerEvent]:
    """Describe the events of a run, in the order in which GitHub has them.

    Args:
        branch: Name of the default branch, on which whoever waits runs.
        sha: Its commit.
    """
    workflow, event = run.workflow, run.event
    repository = event.payload.get("repository") or {}
    names = {"name": workflow.name, "path": workflow.path}
    for action, status in _STATUSES.items():
        conclusion = _conclusion(run.result) if action == "completed" else None
        payload: dict[str, Any] = {
            "action": action,
            "workflow": names,
            "workflow_run": {
                "id": run.run_id,
                **names,
                "event": event.name,
                "head_branch": event.ref.split("/", 2)[-1],
                "head_sha": event.sha,
                "head_repository": repository,
                "status": status,
                "conclusion": conclusion,
                "run_attempt": 1,
                "actor": {"login": event.actor},
                "pull_requests": [],
            },
            "repository": repository,
        }
        yield TriggerEvent(
            "workflow_run",
            f"refs/heads/{branch}",
            sha,
            event.actor,
            payload,
            chain=event.chain + 1,
        )


@dataclass
class Rounds:
    """Counts how often workflows start again by what earlier runs did.

    A round is what the events start that came while the round before ran. Whatever a person does
    begins a new count, except for the total.
    """

    _number: int = 0
    _rounds: dict[tuple[str, ...], set[int]] = field(default_factory=dict)
    _totals: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def begin(self) -> None:
        """Begin the next round."""
        self._number += 1

    def restart(self) -> None:
        """Count from the beginning: a person has done something."""
        self._rounds.clear()

    def count(self, workflow: Workflow, event: TriggerEvent) -> None:
        """Count a run that is to start.

        Raises:
            RehearsalError: Workflows start one another without an end.
        """
        # Each round may make another version, and with it another tag.
        kind = (workflow.path, event.name, event.action, re.sub(r"\d+", "0", event.ref))
        rounds = self._rounds.setdefault(kind, set())
        rounds.add(self._number)
        self._totals[kind] += 1
        if len(rounds) > MOST_ROUNDS or self._totals[kind] > MOST_RUNS:
            times = MOST_ROUNDS if len(rounds) > MOST_ROUNDS else MOST_RUNS
            raise _endless(workflow, event, times)


def refuse_long_chain(workflow: Workflow, event: TriggerEvent) -> Note | None:
    """Say why GitHub does not start a workflow, where too many runs led to the event."""
    if event.chain <= LONGEST_CHAIN:
        return None
    text = f"{workflow.file_name} is not started: GitHub chains no more than {LONGEST_CHAIN} "
    return Note("warning", "", text + "workflows by workflow_run.")


def _endless(workflow: Workflow, event: TriggerEvent, times: int) -> RehearsalError:
    name = event.ref.split("/", 2)[-1]
    return RehearsalError(
        f"{workflow.file_name} has run {times} times for {event.name} of {name} and the like, and "
        "would run again.",
        why="workflows start one another by what they push, release or dispatch, and GitHub would "
        "go on as well until a limit of its own stops them.",
        fix="let one of them end without a further event, for example by a condition in `if:`.",
    )


def _conclusion(result: RunResult) -> str:
    if result.jobs and all(job.status == "skipped" for job in result.jobs):
        return "skipped"
    return result.status
