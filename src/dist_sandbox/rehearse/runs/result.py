"""What one run of a workflow did: jobs, their steps, and what each said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["success", "failure", "skipped", "cancelled"]
Level = Literal["error", "warning", "notice"]


@dataclass(frozen=True)
class Annotation:
    """A message that GitHub shows beside the code or the run.

    Attributes:
        properties: `title`, `file`, `line` and so on, as the step wrote them.
    """

    level: Level
    message: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One step of one job.

    Attributes:
        id: The step's `id`, or its position in the job from 0.
        summary: What it wrote to the job summary, in Markdown.
        log: Its output, line by line, with every secret masked.
        seconds: How long it ran.
    """

    id: str
    name: str
    status: Status
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    log: tuple[str, ...] = field(default=(), repr=False)
    seconds: float = 0.0


@dataclass(frozen=True)
class JobRun:
    """One job, or one cell of a job's matrix.

    Attributes:
        id: The job's ID in the workflow.
        name: As GitHub shows it, `test (3.12)` for a cell of a matrix.
        status: `skipped` for a job that never started.
    """

    id: str
    name: str
    status: Status
    steps: tuple[Step, ...] = ()
    matrix: Mapping[str, object] = field(default_factory=dict)

    def step(self, id_or_name: str) -> Step:
        """The step with this `id`, or else with this name.

        Raises:
            KeyError: The job has no such step, or it did not start.
        """
        for step in self.steps:
            if id_or_name in (step.id, step.name):
                return step
        raise KeyError(id_or_name)

    @property
    def summary(self) -> str:
        """The job summary: what its steps wrote, in order."""
        return "\n".join(step.summary for step in self.steps if step.summary)


@dataclass(frozen=True)
class RunResult:
    """One run of one workflow.

    Attributes:
        status: `failure` as soon as one job failed.
        jobs: Every job of the workflow in the order in which they ended, then the skipped ones.
        error: What act said where no job could start, empty otherwise.
        seconds: How long the run took.
    """

    status: Status
    jobs: tuple[JobRun, ...] = ()
    error: str = ""
    seconds: float = 0.0

    def job(self, job_id: str) -> JobRun:
        """The job with this ID; of a matrix the first cell.

        Raises:
            KeyError: The workflow has no such job.
        """
        for job in self.jobs:
            if job_id in (job.id, job.name):
                return job
        raise KeyError(job_id)

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The annotations of all jobs."""
        return tuple(
            annotation for job in self.jobs for step in job.steps for annotation in step.annotations
        )

    @property
    def first_failure(self) -> tuple[str, str] | None:
        """Job and step that failed first, and what it said; None where nothing failed."""
        if self.error:
            return "start", self.error
        for job in (job for job in self.jobs if job.status != "success"):
            for step in job.steps:
                if step.status == "failure":
                    return f"{job.name} / {step.name}", _last_words(step)
            if job.status == "failure":
                return job.name, "the job failed before its first step"
        return None


def _last_words(step: Step) -> str:
    """The step's first error annotation, else the last lines of its log."""
    for annotation in step.annotations:
        if annotation.level == "error":
            return annotation.message
    return "\n".join(step.log[-8:]) or "the step said nothing"
