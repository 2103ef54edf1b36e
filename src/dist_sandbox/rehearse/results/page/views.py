"""Prepare what the page shows of each run, job and host. It is pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from dist_sandbox.rehearse.results.page.attribution import group_by_job
from dist_sandbox.rehearse.results.records import Request, RunRecord
from dist_sandbox.rehearse.results.report import Report, Stage
from dist_sandbox.rehearse.runs.log import log_name
from dist_sandbox.rehearse.runs.result import LIMIT_TITLE, Annotation, JobRun, Step

#: How much of a step's log the page shows; its end tells most. The log file holds all.
_LOG_LINES = 120
_LOG_CHARACTERS = 16_000
_SHORTEST_LOG_CHARACTERS = 1_000
#: How much of all logs together, so that browsers stay quick.
_LOGS_CHARACTERS = 1_500_000
#: How many requests of a job, and steps of a job, the page lists.
_LISTED_REQUESTS = 250
_LISTED_STEPS = 300
#: How many hosts, each with a reason, the page lists.
_LISTED_HOSTS = 100
#: Outcomes of requests that got no answer of a service.
_UNREACHED = ("refused", "not simulated")


@dataclass(frozen=True)
class StepView:
    """A step with as much of its log as the page shows; `cut_lines` are those above it."""

    step: Step
    log: str
    cut_lines: int


@dataclass(frozen=True)
class Unreached:
    """A host that was wanted and did not answer.

    Attributes:
        host: Its name.
        outcome: `refused` or `not simulated`.
        reason: Why, with what a person can do about it.
        jobs: Who wanted it.
        count: How often.
    """

    host: str
    outcome: str
    reason: str
    jobs: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class HostRow:
    """The requests to one host that had one outcome."""

    host: str
    outcome: str
    count: int
    changed: int
    failed: int
    seconds: float


@dataclass(frozen=True)
class JobView:
    """A job with everything that the page shows of it.

    Attributes:
        job: The job.
        anchor: Its place in the page.
        steps: Its steps.
        cut_steps: How many more there are.
        annotations: What its steps noted.
        requests: What it asked.
        cut_requests: How many more there are.
        uploads: Name, sha256 and host of each file that it left somewhere.
        unreached: What it wanted and could not reach.
        differences: What is unlike GitHub.
        log_file: Its log, as the page links to it; empty where there is none.
    """

    job: JobRun
    anchor: str
    steps: tuple[StepView, ...] = ()
    cut_steps: int = 0
    annotations: tuple[Annotation, ...] = ()
    requests: tuple[Request, ...] = ()
    cut_requests: int = 0
    uploads: tuple[tuple[str, str, str], ...] = ()
    unreached: tuple[Unreached, ...] = ()
    differences: tuple[str, ...] = ()
    log_file: str = ""


@dataclass(frozen=True)
class StageView:
    """A stage with its number and jobs; `requests` are those of a run that no job is known for."""

    stage: Stage
    number: int
    status: str
    jobs: tuple[JobView, ...] = ()
    requests: tuple[Request, ...] = ()
    cut_requests: int = 0

    @property
    def anchor(self) -> str:
        """Return its place in the page."""
        return f"stage-{self.number}"


def view_stages(report: Report, hide: Callable[[str], str]) -> tuple[StageView, ...]:
    """Prepare all stages, in order; `hide` replaces every credential in a text."""
    runs = [stage.run for stage in report.stages if stage.run]
    steps = sum(len(job.steps) for run in runs for job in run.jobs)
    share = _LOGS_CHARACTERS // max(steps, 1)
    limit = min(max(share, _SHORTEST_LOG_CHARACTERS), _LOG_CHARACTERS)
    viewer = _JobViewer(hide, limit)
    return tuple(
        _view_stage(number, stage, viewer) for number, stage in enumerate(report.stages, 1)
    )


def group_by_cause(stages: Sequence[StageView]) -> tuple[tuple[StageView, ...], ...]:
    """Group the runs that the same event started, which stand side by side in the picture."""

    def cause(view: StageView) -> tuple[object, ...]:
        run = view.stage.run
        return (view.number,) if run is None else (view.stage.project, run.cause)

    return tuple(tuple(group) for _, group in groupby(stages, cause))


def list_hosts(report: Report) -> tuple[HostRow, ...]:
    """Count the requests by host and outcome, the most asked first."""
    groups: dict[tuple[str, str], list[Request]] = {}
    for request in _all_requests(report):
        groups.setdefault((request.host, request.outcome), []).append(request)
    rows = (
        HostRow(
            host=host,
            outcome=outcome,
            count=len(requests),
            changed=sum(request.changed for request in requests),
            failed=sum(request.status >= 400 for request in requests),
            seconds=sum(request.seconds for request in requests),
        )
        for (host, outcome), requests in groups.items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.count, row.host)))


def list_unreached(requests: Iterable[Request]) -> tuple[Unreached, ...]:
    """List the hosts that were wanted and did not answer, the most wanted first."""
    jobs: dict[tuple[str, str, str], list[str]] = {}
    for request in requests:
        if request.outcome in _UNREACHED:
            key = (request.host, request.outcome, request.reason)
            jobs.setdefault(key, []).append(request.job)
    rows = (
        Unreached(*key, jobs=tuple(dict.fromkeys(filter(None, names))), count=len(names))
        for key, names in jobs.items()
    )
    return tuple(sorted(rows, key=lambda row: -row.count)[:_LISTED_HOSTS])


def list_all_unreached(report: Report) -> tuple[Unreached, ...]:
    """List the hosts that any job wanted and that did not answer, with the runs of these jobs."""
    return list_unreached(
        replace(request, job=f"{stage.title} / {job}" if job else stage.title)
        for stage in report.stages
        if stage.run
        for job, requests in group_by_job(stage.run).items()
        for request in requests
    )


def list_differences(report: Report) -> tuple[str, ...]:
    """List what is unlike GitHub in any run, each once."""
    differences = [
        text
        for stage in report.stages
        if stage.run
        for text in (
            *stage.run.differences.values(),
            *(text for job in stage.run.jobs for text in job.differences),
        )
    ]
    return tuple(dict.fromkeys(differences))


def list_commits(report: Report) -> tuple[tuple[str, str], ...]:
    """List the repositories of actions that were fetched, each with its commit."""
    runs = (stage.run for stage in report.stages)
    return tuple(sorted({row for run in runs if run for row in run.commits.items()}))


def list_uploads(report: Report) -> tuple[tuple[str, str, str], ...]:
    """List name, sha256 and host of every file that was left somewhere, each once."""
    return _uploads(_all_requests(report))


def _all_requests(report: Report) -> tuple[Request, ...]:
    runs = (stage.run for stage in report.stages)
    return tuple(request for run in runs if run for request in run.requests)


def _view_stage(number: int, stage: Stage, viewer: "_JobViewer") -> StageView:
    run = stage.run
    if run is None:
        return StageView(stage, number, "person")
    status = "nothing" if stage.nothing_to_do else run.status
    requests = group_by_job(run)
    unknown = requests.get("", ())
    return StageView(
        stage,
        number,
        status,
        tuple(
            viewer.view(run, job, f"stage-{number}-job-{position}", requests.get(job.name, ()))
            for position, job in enumerate(run.jobs, 1)
        ),
        unknown[:_LISTED_REQUESTS],
        max(len(unknown) - _LISTED_REQUESTS, 0),
    )


@dataclass(frozen=True)
class _JobViewer:
    """Prepares jobs.

    Attributes:
        hide: Replaces every credential in a text.
        log_limit: How many characters of a step's log are shown.
    """

    hide: Callable[[str], str]
    log_limit: int

    def view(
        self, run: RunRecord, job: JobRun, anchor: str, requests: tuple[Request, ...]
    ) -> JobView:
        difference = run.differences.get(job.id)
        return JobView(
            job=job,
            anchor=anchor,
            steps=tuple(map(self._view_step, job.steps[:_LISTED_STEPS])),
            cut_steps=max(len(job.steps) - _LISTED_STEPS, 0),
            annotations=tuple(
                annotation
                for step in job.steps
                for annotation in step.annotations
                if annotation.properties.get("title") != LIMIT_TITLE
            ),
            requests=requests[:_LISTED_REQUESTS],
            cut_requests=max(len(requests) - _LISTED_REQUESTS, 0),
            uploads=_uploads(requests),
            unreached=list_unreached(requests),
            differences=tuple(filter(None, [difference, *dict.fromkeys(job.differences)])),
            log_file=f"{run.logs}/{log_name(self.hide(job.name))}.log" if run.logs else "",
        )

    def _view_step(self, step: Step) -> StepView:
        """Cut the log after hiding: half a credential would not be recognised."""
        log = self.hide("\n".join(step.log[-_LOG_LINES:]))[-self.log_limit :]
        line_count = log.count("\n") + 1 if log else 0
        return StepView(step, log, max(len(step.log) - line_count, 0))


def _uploads(requests: Iterable[Request]) -> tuple[tuple[str, str, str], ...]:
    rows = ((name, sha256, request.host) for request in requests for name, sha256 in request.files)
    return tuple(dict.fromkeys(rows))
