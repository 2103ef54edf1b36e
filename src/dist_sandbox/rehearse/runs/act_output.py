"""Read what `act --json` prints, line by line, into a `RunResult`.

It is pure. A composite action reports each output and summary twice, for its inner step and for
itself; the inner report is dropped, its log lines and annotations are kept.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.result import Annotation, JobRun, Level, RunResult, Status, Step
from dist_sandbox.rehearse.workflows.gate_steps import GATE_ID

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LEVELS = frozenset({"error", "warning", "notice"})


@dataclass(frozen=True)
class Progress:
    """A step or a job began or ended.

    Attributes:
        job: The job's name.
        step: The step's name, empty where the job itself began or ended.
        status: None where it began.
        seconds: How long the step ran.
        annotations: What the step noted, where it ended.
    """

    job: str
    step: str
    status: Status | None
    seconds: float = 0.0
    annotations: tuple[Annotation, ...] = ()


class ActOutput:
    """Collects the records of one run.

    Args:
        job_ids: The workflow's jobs; those that never appear were skipped.
        masks: What is hidden; grows with each `::add-mask::`.
        names: What jobs are called, where that is not their ID; one with an empty name is shown
            only if nothing else explains a failure.
    """

    def __init__(
        self, job_ids: Iterable[str], masks: Masks, names: Mapping[str, str] | None = None
    ) -> None:
        self._job_ids = tuple(job_ids)
        self._masks = masks
        self._names = names or {}
        self._jobs: dict[str, JobRun] = {}
        self._ended: list[JobRun] = []
        self._failed: set[str] = set()

    def feed(self, line: str, now: float = 0.0) -> list[Progress]:
        """Read one line of act's output, and return what began or ended by it.

        `now` is the time in seconds since the epoch: act's own records tell whole seconds.
        """
        try:
            record = json.loads(line)
        except ValueError:
            return []
        if not isinstance(record, dict) or "job" not in record:
            return []
        job = self._job(record, now)
        progress = self._feed_job(job, record, now)
        return progress if self._is_shown(job.id) else []

    def _is_shown(self, job_id: str) -> bool:
        return self._names.get(job_id, job_id) != ""

    def _feed_job(self, job: JobRun, record: dict[str, Any], now: float) -> list[Progress]:
        if "jobResult" in record:
            job.seconds = now - job.began
            return [self._end_job(job, record)]
        ids = record.get("stepID")
        if _fails_job(record):
            self._failed.add(job.name)
        if not ids or record.get("stage") != "Main":
            return []
        return self._feed_step(job, ids, record, now)

    def result(
        self, *, succeeded: bool, error: str, seconds: float, began: float = 0.0
    ) -> RunResult:
        """Summarise the run, after act has ended; `error` is what it printed beside the records."""
        jobs = [*self._ended, *(job for job in self._jobs.values() if job not in self._ended)]
        started = {job.id for job in jobs}
        ids = [i for i in self._job_ids if i not in started and self._is_shown(i)]
        skipped = [JobRun(i, self._names.get(i, i), "skipped") for i in ids]
        shown = [job for job in jobs if self._is_shown(job.id)]
        if any(job.status == "failure" for job in shown) or succeeded:
            jobs = shown
        failed = not succeeded or any(job.status == "failure" for job in jobs)
        no_step = not any(job.steps for job in jobs)
        return RunResult(
            status="failure" if failed else "success",
            jobs=(*jobs, *skipped),
            error=self._clean(error).strip() if failed and no_step else "",
            seconds=seconds,
            began=began,
        )

    def _job(self, record: dict[str, Any], now: float) -> JobRun:
        key = str(record["job"])
        if key not in self._jobs:
            job_id = str(record["jobID"])
            name = _job_name(self._names.get(job_id) or job_id, record.get("matrix") or {})
            self._jobs[key] = JobRun(job_id, name, began=now)
        return self._jobs[key]

    def _end_job(self, job: JobRun, record: dict[str, Any]) -> Progress:
        job.status = _status(record["jobResult"])
        if job.status == "failure" and job.steps and job.name not in self._failed:
            # act keeps one result for all cells of a matrix: another cell's failure stands here.
            job.status = "success"
        self._ended.append(job)
        return Progress(job.name, "", job.status)

    def _feed_step(
        self, job: JobRun, ids: list[str], record: dict[str, Any], now: float
    ) -> list[Progress]:
        step = next((step for step in job.steps if step.id == ids[0]), None)
        progress = []
        if step is None:
            step = Step(ids[0], self._step_name(record), began=now)
            job.steps.append(step)
            progress.append(Progress(job.name, step.name, None))
        self._read_text(step, record)
        if len(ids) == 1:
            self._read_outer(step, record)
            if "stepResult" in record:
                ended = Progress(
                    job.name, step.name, step.status, step.seconds, tuple(step.annotations)
                )
                progress.append(ended)
        return progress

    def _read_text(self, step: Step, record: dict[str, Any]) -> None:
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

    def _read_outer(self, step: Step, record: dict[str, Any]) -> None:
        command = record.get("command")
        if command == "set-output":
            if step.id == GATE_ID:
                return  # the job's credentials
            step.outputs[str(record["name"])] = self._clean(str(record["arg"]))
        elif command == "summary":
            step.summary += self._clean(str(record["content"]))
        if "stepResult" in record:
            step.status = _status(record["stepResult"])
            step.seconds = float(record.get("executionTime", 0)) / 1e9

    def _step_name(self, record: dict[str, Any]) -> str:
        lines = self._clean(str(record.get("step", ""))).strip().splitlines()
        return lines[0][:100] if lines else "step"

    def _clean(self, text: str) -> str:
        return self._masks.hide(_ANSI.sub("", text))


def _fails_job(record: Mapping[str, Any]) -> bool:
    """Tell whether a record reports that a step failed and the job with it.

    A step with `continue-on-error` gets no such record; the steps within an action get their own.
    """
    is_outer = len(record.get("stepID") or ()) <= 1
    return is_outer and record.get("level") == "error" and "command" not in record


def _job_name(job_id: str, matrix: Mapping[str, object]) -> str:
    """Name a job, or a cell of its matrix, as GitHub does; what has a name is called by that."""
    values = (v.get("name", v) if isinstance(v, Mapping) else v for v in matrix.values())
    return f"{job_id} ({', '.join(map(str, values))})" if matrix else job_id


def _status(value: object) -> Status:
    return value if value in ("success", "failure", "skipped") else "cancelled"
