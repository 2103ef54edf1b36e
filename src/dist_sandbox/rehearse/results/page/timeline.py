"""Lay out a rehearsal along its time, in percent of its length. It is pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dist_sandbox.rehearse.results.page.attribution import group_by_job
from dist_sandbox.rehearse.results.records import Request, RunRecord
from dist_sandbox.rehearse.results.report import Report, Stage

#: Requests that are nearer to each other are drawn as one mark.
_RESOLUTION_PERCENT = 0.25
#: Bars are at least as wide as this, so that they can be seen.
_NARROWEST_PERCENT = 0.3
#: Round distances between the marks of the axis, in seconds.
_DISTANCES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_MARKS = 8


@dataclass(frozen=True)
class Bar:
    """Something that lasted, or that happened at a moment.

    Attributes:
        x: Where it begins, in percent.
        width: How long it is, in percent.
        kind: Its status, or the outcome of a request.
        text: What it is.
        part: `span` of a run around its jobs, `whole` of a job or what a person did, or `step`.
    """

    x: float
    width: float
    kind: str
    text: str
    part: str = "whole"


@dataclass(frozen=True)
class Row:
    """A line of the timeline.

    Attributes:
        label: What it is about.
        anchor: The part of the page that tells more.
        is_job: Whether it is a job of the run above it.
        bars: The job's steps, or the run as a whole.
        requests: What was requested meanwhile.
        text: The same in words.
    """

    label: str
    anchor: str
    is_job: bool
    bars: tuple[Bar, ...]
    requests: tuple[Bar, ...]
    text: str


@dataclass(frozen=True)
class Timeline:
    """The lines, and the axis: places in percent, each with its seconds."""

    rows: tuple[Row, ...]
    axis: tuple[tuple[float, int], ...]


def lay_out(report: Report) -> Timeline:
    """Lay out the stages that have a time."""
    stages = [(number, stage) for number, stage in enumerate(report.stages, 1) if stage.began]
    if not stages:
        return Timeline((), ())
    start = min(stage.began for _, stage in stages)
    end = max(stage.began + stage.seconds for _, stage in stages)
    scale = _Scale(start, max(end - start, 0.001))
    rows = tuple(row for number, stage in stages for row in _rows(number, stage, scale))
    return Timeline(rows, scale.axis())


@dataclass(frozen=True)
class _Scale:
    start: float
    length: float

    def bar(self, began: float, seconds: float, kind: str, text: str, part: str = "whole") -> Bar:
        x = min(max(100 * (began - self.start) / self.length, 0), 100 - _NARROWEST_PERCENT)
        width = min(max(100 * seconds / self.length, _NARROWEST_PERCENT), 100 - x)
        return Bar(round(x, 2), round(width, 2), kind, text, part)

    def axis(self) -> tuple[tuple[float, int], ...]:
        fitting = (distance for distance in _DISTANCES if self.length / distance <= _MOST_MARKS)
        distance = next(fitting, int(self.length / _MOST_MARKS) or 1)
        marks = range(0, int(self.length) + 1, distance)
        return tuple((round(100 * mark / self.length, 2), mark) for mark in marks)

    def words(self, began: float, seconds: float, requests: int) -> str:
        """Tell in words what a row shows."""
        since = began - self.start
        suffix = f", {requests} {'request' if requests == 1 else 'requests'}" if requests else ""
        return f"from {since:.1f} s to {since + seconds:.1f} s{suffix}"


def _rows(number: int, stage: Stage, scale: _Scale) -> Iterator[Row]:
    """Lay out a stage; a run with one job needs only the line of that job."""
    anchor, run = f"stage-{number}", stage.run
    kind = "person" if run is None else run.status
    requests = group_by_job(run) if run else {}
    jobs = [job for job in run.jobs if job.began] if run else []
    if run is None or len(jobs) != 1:
        part = "span" if jobs else "whole"
        unknown = requests.get("", ())
        yield Row(
            label=stage.title,
            anchor=anchor,
            is_job=False,
            bars=(scale.bar(stage.began, stage.seconds, kind, stage.title, part),),
            requests=_draw_requests(unknown, scale),
            text=scale.words(stage.began, stage.seconds, len(unknown)),
        )
    for job in jobs:
        job_requests = requests.get(job.name, ()) if len(jobs) > 1 else _all_requests(run)
        job_bar = scale.bar(job.began, job.seconds, job.status, job.name)
        steps = tuple(
            scale.bar(
                step.began,
                step.seconds,
                step.status,
                f"{step.name}: {step.seconds:.1f} s",
                part="step",
            )
            for step in job.steps
            if step.began
        )
        yield Row(
            label=job.name if len(jobs) > 1 else stage.title,
            anchor=anchor,
            is_job=len(jobs) > 1,
            bars=(job_bar, *steps),
            requests=_draw_requests(job_requests, scale),
            text=scale.words(job.began, job.seconds, len(job_requests)),
        )


def _all_requests(run: RunRecord | None) -> tuple[Request, ...]:
    return run.requests if run else ()


def _draw_requests(requests: Sequence[Request], scale: _Scale) -> tuple[Bar, ...]:
    """Draw each request, and those at the same place as one mark."""
    places: dict[tuple[int, str], list[Request]] = {}
    for request in requests:
        x = scale.bar(request.began, 0, "", "").x
        places.setdefault((int(x / _RESOLUTION_PERCENT), request.outcome), []).append(request)
    bars = []
    for (_, outcome), group in places.items():
        first = group[0]
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        text = f"{first.method} {first.host}{first.path[:80]}: {first.status}{more}"
        bars.append(scale.bar(first.began, 0, outcome.replace(" ", "-"), text))
    return tuple(bars)
