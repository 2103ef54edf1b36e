"""Tell which job a request of a run belongs to. It is pure."""

from collections.abc import Sequence

from dist_sandbox.rehearse.results.records import Request, RunRecord
from dist_sandbox.rehearse.runs.result import JobRun


def group_by_job(run: RunRecord) -> dict[str, tuple[Request, ...]]:
    """Group the requests of a run by the name of the job that made them.

    The group of no name holds those of which nobody knows: the caller was an app or an account, and
    several jobs ran.
    """
    groups: dict[str, list[Request]] = {}
    for request in run.requests:
        groups.setdefault(_find_job(request, run.jobs), []).append(request)
    return {name: tuple(requests) for name, requests in groups.items()}


def _find_job(request: Request, jobs: Sequence[JobRun]) -> str:
    candidates = [job for job in jobs if request.job and request.job in (job.name, job.id)]
    running = [job for job in candidates or jobs if _was_running(job, request.began)]
    if len(running) == 1:
        return running[0].name
    return candidates[0].name if candidates else ""


def _was_running(job: JobRun, moment: float) -> bool:
    return bool(job.began) and job.began <= moment <= job.began + job.seconds
