"""The jobs that run against the sandbox: what each may do, and the credentials that it was given.

A job's token and ID token request are the two credentials that GitHub gives a job by itself. They
are made when the job is registered, and end with it.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Access = Literal["read", "write"]


@dataclass(frozen=True)
class Job:
    """One job of one workflow run.

    Attributes:
        workflow: Path of the workflow file in the repository.
        name: The job's ID in the workflow.
        ref: Full name of the ref that the run is for, `refs/tags/v1.0.0`.
        sha: The commit that the run is for, 40 hex digits.
        actor: Login of whoever caused the event.
        job_workflow_ref: Reusable workflow that the job is written in, as `OWNER/NAME/PATH@REF`;
            empty where it is the run's own workflow.
        job_workflow_sha: Commit of that workflow; empty for the run's own.
        permissions: What `permissions:` grants, by GitHub's names (`contents`, `id-token`).
        token: The job token (`GITHUB_TOKEN`).
        oidc_request_token: Bearer for the ID token endpoint; only with `id-token: write`.
    """

    number: int
    run_id: int
    workflow: str
    name: str
    event_name: str
    ref: str
    sha: str
    actor: str
    permissions: Mapping[str, Access]
    token: str = field(repr=False)
    oidc_request_token: str | None = field(repr=False)
    job_workflow_ref: str = ""
    job_workflow_sha: str = ""

    @property
    def principal(self) -> str:
        """The job as the request log names it."""
        return f"job:{self.workflow.rsplit('/', 1)[-1]}/{self.name}"


class Jobs:
    """All registered jobs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._next = 1

    def register(
        self,
        *,
        run_id: int,
        workflow: str,
        name: str,
        event_name: str,
        ref: str,
        sha: str,
        actor: str,
        permissions: Mapping[str, Access],
        job_workflow_ref: str = "",
        job_workflow_sha: str = "",
    ) -> Job:
        """Add a job and make its credentials."""
        with self._lock:
            wants_identity = permissions.get("id-token") == "write"
            job = Job(
                number=self._next,
                run_id=run_id,
                workflow=workflow,
                name=name,
                event_name=event_name,
                ref=ref,
                sha=sha,
                actor=actor,
                permissions=dict(permissions),
                token=f"ghs_{secrets.token_hex(18)}",
                oidc_request_token=secrets.token_urlsafe(48) if wants_identity else None,
                job_workflow_ref=job_workflow_ref,
                job_workflow_sha=job_workflow_sha,
            )
            self._jobs[job.number] = job
            self._next += 1
            return job

    def end(self, number: int) -> None:
        """Forget a job; its credentials are refused from now on."""
        with self._lock:
            self._jobs.pop(number, None)

    def with_token(self, token: str) -> Job | None:
        """The running job that was given this job token."""
        return next((job for job in self._running() if job.token == token), None)

    def with_oidc_request_token(self, token: str) -> Job | None:
        """The running job that was given this bearer for the ID token endpoint."""
        return next((job for job in self._running() if job.oidc_request_token == token), None)

    def _running(self) -> list[Job]:
        with self._lock:
            return list(self._jobs.values())
