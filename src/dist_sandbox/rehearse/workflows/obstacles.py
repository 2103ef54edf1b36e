"""Find the jobs that cannot run here though GitHub would run them; pure."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dist_sandbox.rehearse.actions.sources import ActionSources, join_errors
from dist_sandbox.rehearse.errors import RehearsalError, WorkflowFileError
from dist_sandbox.rehearse.workflows.files import Workflow

#: What a job that is left out keeps: its place among the others.
_KEPT = ("name", "needs")


def find_obstacles(workflow: Workflow, sources: ActionSources) -> dict[str, RehearsalError]:
    """Find what keeps jobs from running, by ID."""
    obstacles = {
        job_id: list(_list_obstacles(workflow.path, job_id, job, sources))
        for job_id, job in workflow.jobs.items()
    }
    return {job_id: join_errors(errors) for job_id, errors in obstacles.items() if errors}


def leave_out(workflow: Workflow, job_ids: Container[str]) -> Workflow:
    """Let some jobs of a workflow be skipped, and with them the jobs that need them."""
    jobs = {
        job_id: _skip(job) if job_id in job_ids else job for job_id, job in workflow.jobs.items()
    }
    return replace(workflow, document={**workflow.document, "jobs": jobs})


def _list_obstacles(
    path: str, job_id: str, job: Mapping[str, Any], sources: ActionSources
) -> Iterator[RehearsalError]:
    if not sources.docker:
        for key in ("container", "services"):
            if key in job:
                yield WorkflowFileError.needs_docker(path, f"`{key}` of job {job_id}")
    for step in job.get("steps") or []:
        uses = str(step.get("uses", "")) if isinstance(step, Mapping) else ""
        if uses in sources.obstacles:
            yield sources.obstacles[uses]
        elif uses and sources.needs_engine(path, uses):
            yield WorkflowFileError.needs_docker(path, f"the action {uses}")


def _skip(job: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: job[key] for key in _KEPT if key in job}
    return {
        **kept,
        "if": "${{ false }}",
        "runs-on": "ubuntu-latest",
        "permissions": {},
        "steps": [{"shell": "bash", "run": "exit 1"}],
    }
