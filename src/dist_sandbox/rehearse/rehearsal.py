"""Carry a project from its first environment to production, by the events of the sandbox's GitHub.

The project is pushed once. From then on everything that happens is caused by the project's own
workflows, but for what a person does on GitHub: merge a promotion pull request, and start a
promote workflow that only a person can start.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from dist_actions.environments import Environment, EnvironmentMap
from dist_sandbox.rehearse.act_output import Change
from dist_sandbox.rehearse.errors import RehearsalError, RunFailedError, SandboxError, UsageError
from dist_sandbox.rehearse.git_clone import GitClone
from dist_sandbox.rehearse.run_log import RunLog
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.stages import (
    environment_of,
    only_by_hand,
    promotes,
    promotion_inputs,
    stage_name,
)
from dist_sandbox.rehearse.triggers import (
    Event,
    describe_completed,
    dispatch_inputs,
    select_workflows,
)
from dist_sandbox.rehearse.workflow_run import FinishedRun, Runner
from dist_sandbox.rehearse.workflows import Workflow, read_workflows


class Audience(Protocol):
    """Whoever watches a rehearsal."""

    def stage_began(self, stage: str) -> None:
        """A workflow run begins, or a person acts."""

    def changed(self, stage: str, change: Change) -> None:
        """A step or job of the run began or ended."""

    def stage_ended(self, stage: str, *, succeeded: bool, seconds: float) -> None:
        """The run has ended."""


@dataclass(frozen=True)
class Stage:
    """One thing that happened in a rehearsal: a workflow run, or what a person did.

    Attributes:
        requests: How many requests reached the sandbox meanwhile.
    """

    name: str
    seconds: float
    requests: int


@dataclass(frozen=True)
class Plan:
    """How far a rehearsal goes and how.

    Attributes:
        environments: The project's environments in the order of promotion.
        until: The last one to be released.
        merge_method: `merge`, `squash` or `rebase`.
        rerun: Whether every event is delivered once more at the end.
    """

    environments: EnvironmentMap
    until: Environment
    merge_method: str = "merge"
    rerun: bool = False


@dataclass
class Rehearsal:
    """One rehearsal; `run` carries it out.

    Attributes:
        stages: What has happened so far, in order.
        changes_of_reruns: The requests that changed something when events came again.
    """

    sandbox: Sandbox
    clone: GitClone
    runner: Runner
    plan: Plan
    audience: Audience
    log: RunLog
    stages: list[Stage] = field(default_factory=list)
    changes_of_reruns: list[dict[str, Any]] = field(default_factory=list)
    _seen: int = 0
    _delivered: list[tuple[Workflow, Event]] = field(default_factory=list)
    _dispatched: set[str] = field(default_factory=set)

    def run(self, first_branch: str) -> None:
        """Push the project, and follow what happens until nothing does any more.

        Raises:
            RunFailedError: A workflow run ended red.
            RehearsalError: Nothing happens any more, and the last environment is not released.
        """
        self._act("push", lambda: self.clone.run("push", "--quiet", "origin", first_branch))
        while True:
            if self._deliver_events():
                continue
            if self._released(self.plan.until) or not self._promote():
                break
        if not self._released(self.plan.until):
            raise self._stuck()
        if self.plan.rerun:
            self._rerun()

    def _deliver_events(self) -> bool:
        """Run what the new events start; says whether there were any."""
        streamed = self.sandbox.events(self._seen)
        for item in streamed:
            self._seen = item.number
            if item.starts_workflows:
                self._deliver(item.event)
        return bool(streamed)

    def _deliver(self, event: Event) -> None:
        if not event.sha.strip("0"):
            return
        self.clone.fetch(event.sha)
        before = str(event.payload.get("before") or "")
        if event.name == "push":
            paths = self.clone.changed_paths(before, event.sha)
            event = Event(event.name, event.ref, event.sha, event.actor, event.payload, paths)
        workflows = read_workflows(self.clone.workflow_files(event.sha))
        for workflow in select_workflows(workflows, event):
            self._start(workflow, event)

    def _start(self, workflow: Workflow, event: Event) -> None:
        """Run one workflow; GitHub's concurrency groups hold, since runs follow one another."""
        stage = stage_name(workflow, event, self.plan.environments)
        finished = self._run(stage, workflow, event)
        self._delivered.append((workflow, event))
        self._count(stage, finished)
        self._refuse_failure(stage, finished)
        self._start_followers(workflow, event, finished)

    def _start_followers(self, workflow: Workflow, event: Event, finished: FinishedRun) -> None:
        """Start what waits for this run by `on: workflow_run`; it runs on the default branch."""
        if event.name == "workflow_run":
            return
        branch = str(self.sandbox.get("")["default_branch"])
        sha = str(self.sandbox.get(f"branches/{branch}")["commit"]["sha"])
        payload = describe_completed(workflow.name, workflow.path, event, finished.run_id)
        self._deliver(Event("workflow_run", f"refs/heads/{branch}", sha, event.actor, payload))

    def _run(self, stage: str, workflow: Workflow, event: Event) -> FinishedRun:
        self.audience.stage_began(stage)
        finished = self.runner.run(
            workflow,
            event,
            action_files=self.clone.action_files(event.sha),
            on_change=lambda change: self.audience.changed(stage, change),
        )
        self.log.write(stage, finished)
        result = finished.result
        succeeded = result.status == "success"
        self.audience.stage_ended(stage, succeeded=succeeded, seconds=result.seconds)
        return finished

    def _count(self, stage: str, finished: FinishedRun) -> None:
        """Keep how long a run took and what it asked of the services."""
        count = self.sandbox.count_requests(*finished.requests, own=False)
        self.stages.append(Stage(stage, finished.result.seconds, count))

    def _refuse_failure(self, stage: str, finished: FinishedRun) -> None:
        failure = finished.result.first_failure
        if finished.result.status == "success" or failure is None:
            return
        step, message = failure
        run = f"{stage} ({finished.event.ref})"
        log = str(self.log.folder_of(stage, finished))
        raise RunFailedError.from_annotation(run=run, step=step, message=message, log=log)

    def _promote(self) -> bool:
        """Do what a person does so that a version goes on; says whether there was anything."""
        for pull in self.sandbox.get("pulls?state=open&per_page=100"):
            base = str(pull["base"]["ref"])
            if self.plan.environments.of_branch(base) is not None:
                self._merge(pull, base)
                return True
        return self._dispatch_promotion()

    def _merge(self, pull: dict[str, Any], base: str) -> None:
        target = environment_of(f"refs/heads/{base}", self.plan.environments)
        body = {"merge_method": self.plan.merge_method, "sha": pull["head"]["sha"]}
        path = f"pulls/{pull['number']}/merge"
        name = f"merge {target.name if target else base}"
        try:
            self._act(name, lambda: self.sandbox.write("PUT", path, body))
        except SandboxError as error:
            raise RunFailedError.merge_refused(pull, self.plan.merge_method, error) from error

    def _dispatch_promotion(self) -> bool:
        """Start a promote workflow by hand, where it has no other trigger."""
        source = self._last_released()
        target = self.plan.environments.after(source) if source else None
        if source is None or target is None or source.name in self._dispatched:
            return False
        self._dispatched.add(source.name)
        ref = f"refs/heads/{source.branch}"
        sha = str(self.sandbox.get(f"branches/{source.branch}")["commit"]["sha"])
        self.clone.fetch(sha)
        workflows = read_workflows(self.clone.workflow_files(sha))
        chosen = [flow for flow in workflows if promotes(flow) and only_by_hand(flow)]
        for workflow in chosen:
            given = promotion_inputs(workflow, source=source, target=target, version="")
            payload = {"inputs": dispatch_inputs(workflow, given), "ref": ref}
            self._start(workflow, Event("workflow_dispatch", ref, sha, "developer", payload))
        return bool(chosen)

    def _last_released(self) -> Environment | None:
        released = [stage for stage in self.plan.environments.stages if self._released(stage)]
        return released[-1] if released else None

    def _released(self, environment: Environment) -> bool:
        """Whether a GitHub release stands for a tag of this environment."""
        return any(
            not release["draft"]
            and environment_of(f"refs/tags/{release['tag_name']}", self.plan.environments)
            == environment
            for release in self.sandbox.get("releases?per_page=100")
        )

    def _rerun(self) -> None:
        """Deliver every event again, and keep the requests that changed something."""
        for workflow, event in list(self._delivered):
            stage = f"{stage_name(workflow, event, self.plan.environments)} again"
            finished = self._run(stage, workflow, event)
            self._count(stage, finished)
            first, last = finished.requests
            self.changes_of_reruns += [
                {"stage": stage, **request}
                for request in self.sandbox.requests_since(first)
                if request["number"] <= last and request["changed"]
            ]
            self._refuse_failure(stage, finished)

    def _act(self, name: str, action: Callable[[], object]) -> None:
        """Do what a person does, and count it as a stage."""
        self.audience.stage_began(name)
        before, started = self.sandbox.last_request(), time.monotonic()
        action()
        seconds = time.monotonic() - started
        count = self.sandbox.count_requests(before, self.sandbox.last_request(), own=True)
        self.stages.append(Stage(name, seconds, count))
        self.audience.stage_ended(name, succeeded=True, seconds=seconds)

    def _stuck(self) -> RehearsalError:
        if not self._delivered:
            return UsageError(
                "No workflow started for the push.",
                why="none of the project's workflows selects it in its `on:`.",
                fix="use --init for a project without workflows, or mend `on:`.",
            )
        return RehearsalError(
            f"{self.plan.until.name} was not released, and nothing happens any more.",
            why="no workflow was started by the last event, and no promotion pull request is open.",
            fix="read the job summaries of the last stage; often a bot's token is missing, because "
            "what GITHUB_TOKEN does starts no workflow.",
        )
