"""Approve the deployments that wait, and hand out the credentials of the approved jobs."""

import contextlib
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from dist_sandbox.rehearse.sandbox_client import Sandbox

#: The account that reviews; whoever pushes is another one.
REVIEWER = "reviewer"


@dataclass(frozen=True)
class ReviewDecision:
    """A decision about one environment of one run.

    Attributes:
        environment: The environment's name.
        decision: `approved` or `rejected`.
        reviewer: Who decided.
        command: What the reviewer could type for it.
        seconds: How long the decision took.
    """

    environment: str
    decision: str
    reviewer: str
    command: str
    seconds: float


@dataclass(frozen=True)
class Reviewer:
    """The reviewer of a rehearsal.

    Attributes:
        sandbox: The sandbox as the reviewer speaks to it.
        rejects: Environments, in lower case, that get no approval.
    """

    sandbox: Sandbox
    rejects: frozenset[str] = frozenset()

    def review(self, run_id: int, pending: Mapping[str, Any]) -> ReviewDecision:
        """Decide about one environment that a run waits for."""
        started = time.monotonic()
        name, number = str(pending["environment"]["name"]), int(pending["environment"]["id"])
        decision = "rejected" if name.lower() in self.rejects else "approved"
        comment = f"{decision} in a rehearsal"
        body = {"environment_ids": [number], "state": decision, "comment": comment}
        self.sandbox.write("POST", f"actions/runs/{run_id}/pending_deployments", body)
        command = review_command(self.sandbox.github_repository, run_id, number, decision)
        return ReviewDecision(name, decision, REVIEWER, command, time.monotonic() - started)


def review_command(github_repository: str, run_id: int, environment_id: int, decision: str) -> str:
    """Write the command that reviews; `-F` sends a number as a number.

    Spec: https://cli.github.com/manual/gh_api
    """
    path = f"repos/{github_repository}/actions/runs/{run_id}/pending_deployments"
    fields = ["-F", f"environment_ids[]={environment_id}", "-f", f"state={decision}"]
    return shlex.join(["gh", "api", "--method", "POST", path, *fields, "-f", f"comment={decision}"])


@contextlib.contextmanager
def watch_deployments(
    reviewer: Reviewer,
    run_id: int,
    make_credentials: Callable[[str, str], Mapping[str, str]],
    on_review: Callable[[ReviewDecision], None],
) -> Iterator[Sequence[ReviewDecision]]:
    """Review the deployments of a run until it ends; yields the decisions, which grow.

    `make_credentials` makes the credentials of a job, by its ID and its environment.
    """
    deployments = _Deployments(reviewer, run_id, make_credentials, on_review)
    ended = threading.Event()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="deployments") as threads:
        watching = threads.submit(deployments.watch, ended)
        try:
            yield deployments.reviews
        finally:
            ended.set()
        watching.result()


@dataclass
class _Deployments:
    """The deployments of one run, with the decisions so far."""

    reviewer: Reviewer
    run_id: int
    make_credentials: Callable[[str, str], Mapping[str, str]]
    on_review: Callable[[ReviewDecision], None]
    reviews: list[ReviewDecision] = field(default_factory=list)
    _served: set[int] = field(default_factory=set)

    def watch(self, ended: threading.Event) -> None:
        """Review what waits, at each change of the run, until it has ended."""
        revision = -1
        while not ended.is_set():
            run = self.reviewer.sandbox.read_run(self.run_id, revision)
            revision = int(run["revision"])
            if run["conclusion"] is not None:
                return
            self._review_and_serve(run["jobs"])

    def _review_and_serve(self, jobs: Sequence[Mapping[str, Any]]) -> None:
        """Decide about the deployments that wait, and serve the jobs that were approved.

        A decision is a change of the run, at which the jobs that it lets in are served.
        """
        sandbox = self.reviewer.sandbox
        if any(job["state"] == "waiting" for job in jobs):
            for pending in sandbox.get(f"actions/runs/{self.run_id}/pending_deployments"):
                decision = self.reviewer.review(self.run_id, pending)
                self.reviews.append(decision)
                self.on_review(decision)
        for job in jobs:
            if job["state"] == "approved" and job["number"] not in self._served:
                self._served.add(job["number"])
                credentials = self.make_credentials(str(job["name"]), str(job["environment"]))
                path = f"runs/{self.run_id}/jobs/{job['number']}/credentials"
                sandbox.control("PUT", path, credentials)
