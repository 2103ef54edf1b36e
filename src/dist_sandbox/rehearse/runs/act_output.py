"""Read what `act --json` prints, line by line, into a `RunResult`.

It is pure. A composite action reports each output and summary twice, for its inner step and for
itself; the inner report is dropped, its log lines and annotations are kept.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.result import Annotation, JobRun, Level, RunResult, Status, Step
from dist_sandbox.rehearse.workflows.gate_steps import GATE_ID

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LEVELS = frozenset({"error", "warning", "notice"})


@dataclass(frozen=True)
class Progress:
    """A step or a job began or ended; for whoever shows progress.

    Attributes:
        step: The step's name, empty where the job itself changed.
        status: None where it began.
    """

    job: str
    step: str
    status: Status | None
    seconds: float = 0.0


@dataclass
class _Step:
    id: str
    name: str
    status: Status | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    summary: list[str] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def freeze(self) -> Step:
        return Step(
            id=self.id,
            name=self.name,
            status=self.status or "cancelled",
            outputs=dict(self.outputs),
            summary="".join(self.summary),
            annotations=tuple(self.annotations),
            log=tuple(self.log),
            seconds=self.seconds,
        )


@dataclass
class _Job:
    id: str
    name: str
    matrix: dict[str, object] = field(default_factory=dict)
    status: Status | None = None
    broken: bool = False
    steps: dict[str, _Step] = field(default_factory=dict)

    def freeze(self) -> JobRun:
        return JobRun(
            id=self.id,
            name=self.name,
            status=self.status or "cancelled",
            steps=tuple(step.freeze() for step in self.steps.values()),
            matrix=dict(self.matrix),
        )


class ActOutput:
    """Collects the records of one run.

    Args:
        job_ids: The workflow's jobs; those that never appear were skipped.
        masks: What is hidden; grows with each `::add-mask::`.
    """

    def __init__(self, job_ids: Iterable[str], masks: Masks) -> None:
        self._job_ids = tuple(job_ids)
        self._masks = masks
        self._jobs: dict[str, _Job] = {}
        self._ended: list[_Job] = []

    def feed(self, line: str) -> list[Progress]:
        """Take one line of act's output; returns what changed by it."""
        try:
            record = json.loads(line)
        except ValueError:
            return []
        if not isinstance(record, dict) or "job" not in record:
            return []
        job = self._job(record)
        if "jobResult" in record:
            return [self._end_job(job, record)]
        ids = record.get("stepID")
        job.broken |= _breaks_job(record)
        if not ids or record.get("stage") != "Main":
            return []
        return self._feed_step(job, ids, record)

    def result(self, *, succeeded: bool, error: str, seconds: float) -> RunResult:
        """The whole run, after act has ended.

        Args:
            succeeded: Whether act's exit status was 0.
            error: What act printed beside the records.
            seconds: How long it ran.
        """
        ended = [*self._ended, *(job for job in self._jobs.values() if job.status is None)]
        seen = {job.id for job in ended}
        skipped = [JobRun(id=i, name=i, status="skipped") for i in self._job_ids if i not in seen]
        failed = not succeeded or any(job.status == "failure" for job in ended)
        started = any(job.steps for job in ended)
        return RunResult(
            status="failure" if failed else "success",
            jobs=(*(job.freeze() for job in ended), *skipped),
            error=self._clean(error).strip() if failed and not started else "",
            seconds=seconds,
        )

    def _job(self, record: dict[str, Any]) -> _Job:
        key = str(record["job"])
        if key not in self._jobs:
            job_id, matrix = str(record["jobID"]), record.get("matrix") or {}
            self._jobs[key] = _Job(id=job_id, name=_job_name(job_id, matrix), matrix=matrix)
        return self._jobs[key]

    def _end_job(self, job: _Job, record: dict[str, Any]) -> Progress:
        job.status = _status(record["jobResult"])
        if job.status == "failure" and job.steps and not job.broken:
            # act keeps one result for all cells of a matrix: another cell's failure stands here.
            job.status = "success"
        self._ended.append(job)
        return Progress(job.name, "", job.status)

    def _feed_step(self, job: _Job, ids: list[str], record: dict[str, Any]) -> list[Progress]:
        step = job.steps.get(ids[0])
        changes = []
        if step is None:
            step = _Step(id=ids[0], name=self._step_name(record))
            job.steps[ids[0]] = step
            changes.append(Progress(job.name, step.name, None))
        self._take_text(step, record)
        if len(ids) == 1:
            self._take_outer(step, record)
            if "stepResult" in record:
                changes.append(Progress(job.name, step.name, step.status, step.seconds))
        return changes

    def _take_text(self, step: _Step, record: dict[str, Any]) -> None:
        command = record.get("command")
        if command == "add-mask":
            self._masks.add(str(record.get("arg", "")))
        elif command in _LEVELS:
            text = self._clean(str(record.get("arg", "")))
            properties = {
                name: self._clean(str(value)) for name, value in record.get("kvPairs", {}).items()
            }
            step.annotations.append(Annotation(cast("Level", command), text, properties))
            step.log.append(f"{command}: {text}")
        elif record.get("raw_output"):
            step.log += self._clean(str(record["msg"])).rstrip("\n").split("\n")
        elif command is None and record.get("level") == "error":
            step.log.append(f"error: {self._clean(str(record['msg'])).strip()}")

    def _take_outer(self, step: _Step, record: dict[str, Any]) -> None:
        command = record.get("command")
        if command == "set-output":
            if step.id == GATE_ID:
                return  # the job's credentials
            step.outputs[str(record["name"])] = self._clean(str(record["arg"]))
        elif command == "summary":
            step.summary.append(self._clean(str(record["content"])))
        if "stepResult" in record:
            step.status = _status(record["stepResult"])
            step.seconds = float(record.get("executionTime", 0)) / 1e9

    def _step_name(self, record: dict[str, Any]) -> str:
        lines = self._clean(str(record.get("step", ""))).strip().splitlines()
        return lines[0][:100] if lines else "step"

    def _clean(self, text: str) -> str:
        return self._masks.hide(_ANSI.sub("", text))


def _breaks_job(record: Mapping[str, Any]) -> bool:
    """Whether act says here that a step failed and the job with it.

    A step with `continue-on-error` gets no such record; the steps within an action get their own.
    """
    own = len(record.get("stepID") or ()) <= 1
    return own and record.get("level") == "error" and "command" not in record


def _job_name(job_id: str, matrix: Mapping[str, object]) -> str:
    """What GitHub calls a cell of a matrix."""
    return f"{job_id} ({', '.join(map(str, matrix.values()))})" if matrix else job_id


def _status(value: object) -> Status:
    return value if value in ("success", "failure", "skipped") else "cancelled"
