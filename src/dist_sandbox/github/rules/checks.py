"""What was found out about commits: check runs of Apps and jobs, and commit statuses.

Spec: https://docs.github.com/rest/checks/runs and https://docs.github.com/rest/commits/statuses
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.apps import App

CheckState = Literal["success", "failure", "pending"]

#: ID of the App behind the jobs of workflows; the real one.
ACTIONS_APP_ID = 15_368
#: Conclusions that a required check may have. Source: "Troubleshooting required status checks".
_GOOD = ("success", "neutral", "skipped")
_STATUS_STATES: dict[str, CheckState] = {"success": "success", "pending": "pending"}


@dataclass
class CheckRun:
    """A check of one commit.

    `app` is None for a job of a workflow, which is GitHub Actions', and `suite_id` then the
    workflow run. `conclusion` is None while `status` is not `completed`.
    """

    check_id: int
    name: str
    sha: str
    app: App | None
    suite_id: int
    started_at: datetime
    status: str = "in_progress"
    conclusion: str | None = None
    completed_at: datetime | None = None
    details_url: str | None = None
    external_id: str = ""
    output: dict[str, Any] = field(default_factory=dict)

    @property
    def app_id(self) -> int:
        """Return the ID of the App, as rules name it."""
        return ACTIONS_APP_ID if self.app is None else self.app.app_id

    @property
    def state(self) -> CheckState:
        """Return what it says to whoever waits for it."""
        if self.conclusion is None:
            return "pending"
        return "success" if self.conclusion in _GOOD else "failure"

    def complete(self, conclusion: str, now: datetime) -> None:
        """End it; `conclusion` is GitHub's word."""
        self.status, self.conclusion, self.completed_at = "completed", conclusion, now


@dataclass(frozen=True)
class CommitStatus:
    """A status of one commit; a later one of the same context takes its place."""

    status_id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: Account
    created_at: datetime


@dataclass(frozen=True)
class Verdict:
    """What one check or status says now; `app_id` is None for a status."""

    context: str
    state: CheckState
    app_id: int | None = None


@dataclass
class RepositoryChecks:
    """All checks and statuses of a repository, oldest first."""

    runs: list[CheckRun] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)

    def latest_runs(self, sha: str) -> list[CheckRun]:
        """List the check runs of a commit; of those with one name and App the newest."""
        runs = {(run.name, run.app_id): run for run in self.runs if run.sha == sha}
        return list(runs.values())

    def latest_statuses(self, sha: str) -> list[CommitStatus]:
        """List the statuses of a commit; of those with one context the newest."""
        statuses = {status.context: status for status in self.statuses if status.sha == sha}
        return list(statuses.values())

    def verdicts(self, sha: str, *, after: int = 0) -> list[Verdict]:
        """List what checks and statuses of a commit say now.

        Args:
            sha: The commit.
            after: An ID; what has a lower one is too old to count.
        """
        runs = [
            Verdict(run.name, run.state, run.app_id)
            for run in self.latest_runs(sha)
            if run.check_id > after
        ]
        statuses = [
            Verdict(status.context, _STATUS_STATES.get(status.state, "failure"))
            for status in self.latest_statuses(sha)
            if status.status_id > after
        ]
        return runs + statuses

    def find(self, check_id: int) -> CheckRun | None:
        """Find the check run of this ID."""
        return next((run for run in self.runs if run.check_id == check_id), None)


def combine(verdicts: Iterable[Verdict]) -> CheckState | None:
    """Combine what several say; None where nobody says anything."""
    states = {verdict.state for verdict in verdicts}
    for state in ("failure", "pending", "success"):
        if state in states:
            return state
    return None
