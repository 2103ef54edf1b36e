"""The jobs that run against the sandbox: what each may do, and its credentials.

A job's token and ID token request are the two credentials that GitHub gives a job by itself. They
are made when the job is registered, and end with it.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Access = Literal["read", "write"]


@dataclass(frozen=True, kw_only=True)
class JobDescription:
    """What a job is registered with.

    Attributes:
        run_id: The workflow run.
        workflow: Path of the workflow file in the repository.
        name: The job's ID in the workflow.
        event_name: The event that the run is for.
        ref: Full name of the ref that the run is for, `refs/tags/v1.0.0`.
        sha: The commit that the run is for, 40 hex digits.
        actor: Login of whoever caused the event.
        permissions: What `permissions:` grants, by GitHub's names (`contents`, `id-token`).
        github_repository: Whose job it is, as `owner/name`; empty for the first repository's.
        job_workflow_ref: Reusable workflow that the job is written in, as `OWNER/NAME/PATH@REF`;
            empty where it is the run's own workflow.
        job_workflow_sha: Commit of that workflow; empty for the run's own.
    """

    run_id: int
    workflow: str
    name: str
    event_name: str
    ref: str
    sha: str
    actor: str
    permissions: Mapping[str, Access]
    github_repository: str = ""
    job_workflow_ref: str = ""
    job_workflow_sha: str = ""


@dataclass(frozen=True, kw_only=True)
class Job(JobDescription):
    """One job of one workflow run.

    Attributes:
        number: Its number in this sandbox.
        token: The job token (`GITHUB_TOKEN`).
        oidc_request_token: Bearer for the ID token endpoint; only with `id-token: write`.
    """

    number: int
    token: str = field(repr=False)
    oidc_request_token: str | None = field(repr=False)

    @property
    def principal(self) -> str:
        """Return the job's name in the request log."""
        return f"job:{self.workflow.rsplit('/', 1)[-1]}/{self.name}"


class Jobs:
    """All registered jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._next = 1

    def register(self, description: JobDescription) -> Job:
        """Add a job and make its credentials."""
        has_identity = description.permissions.get("id-token") == "write"
        with self._lock:
            job = Job(
                **vars(description),
                number=self._next,
                token=f"ghs_{secrets.token_hex(18)}",
                oidc_request_token=secrets.token_urlsafe(48) if has_identity else None,
            )
            self._jobs[job.number] = job
            self._next += 1
            return job

    def end(self, number: int) -> None:
        """Forget a job; its credentials are refused from now on."""
        with self._lock:
            self._jobs.pop(number, None)

    def with_token(self, token: str) -> Job | None:
        """Find the running job with this job token."""
        return next((job for job in self._running() if job.token == token), None)

    def with_oidc_request_token(self, token: str) -> Job | None:
        """Find the running job with this bearer for the ID token endpoint."""
        return next((job for job in self._running() if job.oidc_request_token == token), None)

    def _running(self) -> list[Job]:
        with self._lock:
            return list(self._jobs.values())
