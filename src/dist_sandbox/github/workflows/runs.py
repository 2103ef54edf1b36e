"""Workflow runs as GitHub knows them, their deployments, and jobs that wait for an environment.

A job that names an environment with protection rules starts, and gets its credentials, only when
the rules let it. Nothing is run here: whoever runs the workflows says what begins and ends.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/deployments-and-environments
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from dist_actions.pipeline.ref_patterns import matches
from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.workflows.settings import DeploymentEnvironment

DeploymentDecision = Literal["approved", "rejected"]
JobState = Literal["waiting", "approved", "rejected"]
#: What GitHub notes beside a job that an environment did not let start.
REJECTED = "The deployment was rejected or didn't satisfy other protection rules."


@dataclass
class WaitingJob:
    """A job that has arrived at its environment.

    `number` is its ID in the control interface, `name` that in the workflow. It is `approved` at
    once where the environment asks for nobody's approval; `reason` is why it was not let in.
    `credentials` are handed out to the job, once, after it was let in.
    """

    number: int
    name: str
    environment: DeploymentEnvironment
    since: datetime
    state: JobState
    reason: str = ""
    credentials: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class DeploymentReview:
    """What a reviewer decided."""

    environments: tuple[DeploymentEnvironment, ...]
    decision: DeploymentDecision
    reviewer: Account
    comment: str


@dataclass
class Deployment:
    """A ref that was to be deployed to an environment.

    `payload` is what its maker wants to remember with it. `states` holds the states it went
    through, oldest first; `run_id` is None for a deployment that was made by hand.
    """

    deployment_id: int
    sha: str
    ref: str
    task: str
    environment: str
    description: str | None
    payload: Any
    creator: Account
    created_at: datetime
    states: list[str] = field(default_factory=list)
    run_id: int | None = None


@dataclass
class WorkflowRun:
    """One run of one workflow.

    `path` is the workflow's file, `ref` the full name of the ref that it runs for, `actor` the
    login of whoever caused it; `conclusion` is None until the run has ended. With the
    `runtime_token` its jobs ask their runner. `revision` counts its changes.
    """

    run_id: int
    number: int
    path: str
    event: str
    ref: str
    sha: str
    actor: str
    created_at: datetime
    updated_at: datetime
    conclusion: str | None = None
    jobs: list[WaitingJob] = field(default_factory=list)
    reviews: list[DeploymentReview] = field(default_factory=list)
    runtime_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    revision: int = 0
    _changes: threading.Condition = field(default_factory=threading.Condition, repr=False)

    @property
    def status(self) -> str:
        """Return GitHub's word for how far it is."""
        if self.conclusion is not None:
            return "completed"
        return "waiting" if self.pending else "in_progress"

    @property
    def pending(self) -> list[DeploymentEnvironment]:
        """List the environments that jobs wait for, in the order in which they arrived."""
        waiting = (job.environment for job in self.jobs if job.state == "waiting")
        return list({environment.environment_id: environment for environment in waiting}.values())

    @property
    def short_ref(self) -> str:
        """Name the branch or tag without its kind."""
        return self.ref.split("/", 2)[-1]

    def arrive(
        self, number: int, name: str, environment: DeploymentEnvironment, now: datetime
    ) -> WaitingJob:
        """Let a job come to its environment, which lets it in, lets it wait or turns it away."""
        state: JobState = "waiting" if environment.reviewers else "approved"
        reason = ""
        if not _admits(environment, self.ref):
            kind = "Tag" if self.ref.startswith("refs/tags/") else "Branch"
            state = "rejected"
            reason = (
                f'{kind} "{self.short_ref}" is not allowed to deploy to {environment.name} due to '
                "environment protection rules."
            )
        job = WaitingJob(number, name, environment, now, state, reason)
        self.jobs.append(job)
        self.note_change()
        return job

    def note_change(self) -> None:
        """Wake whoever waits for a change."""
        with self._changes:
            self.revision += 1
            self._changes.notify_all()

    def await_change(self, revision: int, seconds: float) -> None:
        """Wait until there is a change after a revision, at most so many seconds."""
        with self._changes:
            self._changes.wait_for(lambda: self.revision > revision, seconds)

    def may_review(self, environment: DeploymentEnvironment, account: Account) -> bool:
        """Tell whether this account is one of those whose approval counts."""
        self_review = environment.prevent_self_review and account.login == self.actor
        reviewer_ids = {reviewer.account_id for reviewer in environment.reviewers}
        return account.account_id in reviewer_ids and not self_review

    def review(self, review: DeploymentReview, now: datetime) -> None:
        """Carry out a decision: the jobs that wait for these environments go on or end."""
        reviewed = {environment.environment_id for environment in review.environments}
        for job in self.jobs:
            if job.state == "waiting" and job.environment.environment_id in reviewed:
                job.state = review.decision
                job.reason = REJECTED if review.decision == "rejected" else ""
        self.reviews.append(review)
        self.updated_at = now
        self.note_change()


def _admits(environment: DeploymentEnvironment, ref: str) -> bool:
    """Tell whether the environment's policies let this ref in; protected branches are unknown."""
    if not environment.custom_branch_policies:
        return True
    kind = "tag" if ref.startswith("refs/tags/") else "branch"
    name = ref.split("/", 2)[-1]
    return any(
        policy.kind == kind and matches(policy.name, name) for policy in environment.policies
    )
