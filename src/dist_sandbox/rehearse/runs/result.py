"""The result of a workflow run: its jobs, their steps and the output of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["success", "failure", "skipped", "cancelled"]
Level = Literal["error", "warning", "notice"]
#: Title of a stand-in's annotation that says what a rehearsal cannot play, or plays otherwise.
LIMIT_TITLE = "rehearsal"
#: How much of a log a message quotes.
_QUOTED_LINES, _QUOTED_CHARACTERS = 8, 800


@dataclass(frozen=True)
class Annotation:
    """A message beside the code or the run; `properties` are `title`, `file`, `line` and so on."""

    level: Level
    message: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Step:
    """One step of one job.

    Attributes:
        id: The step's `id`, or its position in the job from 0.
        name: Its name as GitHub shows it.
        status: How it ended; `cancelled` until it does.
        outputs: Its outputs, by name.
        summary: What it wrote to the job summary, in Markdown.
        annotations: Its annotations, in order.
        log: Its output, line by line, with every secret masked.
        seconds: How long it ran.
        began: When it began, in seconds since the epoch; 0 where nobody looked at a clock.
    """

    id: str
    name: str
    status: Status = "cancelled"
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    annotations: list[Annotation] = field(default_factory=list)
    log: list[str] = field(default_factory=list, repr=False)
    seconds: float = 0.0
    began: float = 0.0

    @property
    def failure_message(self) -> str:
        """Return the first error annotation, else the last lines of the log."""
        errors = (note.message for note in self.annotations if note.level == "error")
        return next(errors, "\n".join(_last_lines(self.log)) or "the step said nothing")


def _last_lines(log: Sequence[str]) -> list[str]:
    """Return the last lines that a message can quote: a few, and none before a long one."""
    lines: list[str] = []
    for line in reversed(log[-_QUOTED_LINES:]):
        if lines and sum(map(len, lines)) + len(line) > _QUOTED_CHARACTERS:
            break
        lines.insert(0, line)
    return lines


@dataclass(eq=False)
class JobRun:
    """One job, or one cell of a job's matrix.

    Attributes:
        id: The job's ID in the workflow.
        name: As GitHub shows it, `test (3.12)` for a cell of a matrix.
        status: How it ended: `skipped` for a job that never started, `cancelled` until it ends.
        steps: Its steps, in order.
        began: When it began, in seconds since the epoch; 0 where nobody looked at a clock.
        seconds: How long it ran.
    """

    id: str
    name: str
    status: Status = "cancelled"
    steps: list[Step] = field(default_factory=list)
    began: float = 0.0
    seconds: float = 0.0

    def step(self, id_or_name: str) -> Step:
        """Find the step with this `id` or this name.

        Raises:
            KeyError: The job has no such step, or it did not start.
        """
        for step in self.steps:
            if id_or_name in (step.id, step.name):
                return step
        raise KeyError(id_or_name)

    @property
    def differences(self) -> tuple[str, ...]:
        """List what the job's stand-ins did otherwise than the actions on GitHub."""
        return tuple(
            note.message
            for step in self.steps
            for note in step.annotations
            if note.level == "notice" and note.properties.get("title") == LIMIT_TITLE
        )

    @property
    def summary(self) -> str:
        """Join what the steps wrote to the job summary, in order."""
        return "\n".join(step.summary for step in self.steps if step.summary)


@dataclass(frozen=True)
class RunResult:
    """One run of one workflow.

    Attributes:
        status: `failure` as soon as one job failed.
        jobs: The jobs in the order in which they ended, then the skipped ones.
        error: What act printed where no job could start, empty otherwise.
        seconds: How long the run took.
        began: When it began, in seconds since the epoch.
    """

    status: Status
    jobs: tuple[JobRun, ...] = ()
    error: str = ""
    seconds: float = 0.0
    began: float = 0.0

    def job(self, job_id: str) -> JobRun:
        """Find the job with this ID or name; of a matrix the first cell.

        Raises:
            KeyError: The workflow has no such job.
        """
        for job in self.jobs:
            if job_id in (job.id, job.name):
                return job
        raise KeyError(job_id)

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Collect the annotations of all jobs."""
        return tuple(
            annotation for job in self.jobs for step in job.steps for annotation in step.annotations
        )

    @property
    def failed_step(self) -> tuple[JobRun, Step] | None:
        """Find the job and step that failed first; None where none did."""
        for job in (job for job in self.jobs if job.status != "success"):
            for step in job.steps:
                if step.status == "failure":
                    return job, step
        return None

    @property
    def first_failure(self) -> tuple[str, str] | None:
        """Name the job and step that failed first, with its message; None where nothing failed."""
        if self.error:
            return "start", self.error
        if self.failed_step:
            job, step = self.failed_step
            return f"{job.name} / {step.name}", step.failure_message
        failed = next((job for job in self.jobs if job.status == "failure"), None)
        return (failed.name, "the job failed before its first step") if failed else None
