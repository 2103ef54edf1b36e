"""Carry a project from its first environment to production, by the events of its repository.

The project is pushed once. From then on everything that happens is caused by the project's own
workflows, except for what a person does on GitHub.
"""

import shlex
import time
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import (
    RehearsalError,
    RunFailedError,
    UsageError,
    WorkflowFileError,
)
from dist_sandbox.rehearse.manual_steps.developer import (
    Developer,
    RepositoryState,
    read_repository_state,
)
from dist_sandbox.rehearse.manual_steps.steps import DEVELOPER, ManualStep
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.publishing.publications import Publication
from dist_sandbox.rehearse.publishing.verdict import Run, explain_nothing_published
from dist_sandbox.rehearse.recording import StageRecorder
from dist_sandbox.rehearse.results.report import Note, Stage, stage_title
from dist_sandbox.rehearse.results.terminal import Terminal
from dist_sandbox.rehearse.runs.failures import Surroundings, explain_failure
from dist_sandbox.rehearse.runs.followers import Rounds, describe_followers, refuse_long_chain
from dist_sandbox.rehearse.runs.log import RunLog
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun, WorkflowRunner
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.stages import (
    did_nothing,
    distinct_name,
    find_closed_gate,
    promotes,
    stage_name,
)
from dist_sandbox.rehearse.standstill import (
    explain_closed_gate,
    explain_missing_promotion,
    explain_standstill,
)
from dist_sandbox.rehearse.workflows.files import Workflow, find_unreadable, read_workflows
from dist_sandbox.rehearse.workflows.triggers import (
    TriggerEvent,
    complete_dispatch,
    select_workflows,
)


@dataclass
class Rehearsal:
    """The rehearsal of one project; `advance` carries it as far as it goes, `finish` ends it.

    The `label` names it among several, which share the list of `stages`: what has happened so far,
    in order. `publications` are what the project's workflows publish, `runs` all that ended, and
    `changes_of_reruns` the requests that changed something when events came again.
    """

    sandbox: Sandbox
    clone: GitClone
    runner: WorkflowRunner
    plan: RehearsalPlan
    terminal: Terminal
    log: RunLog
    label: str = ""
    publications: tuple[Publication, ...] = ()
    stages: list[Stage] = field(default_factory=list)
    changes_of_reruns: list[dict[str, Any]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    _last_event: int = 0
    _delivered: list[tuple[Workflow, TriggerEvent]] = field(default_factory=list)
    _rounds: Rounds = field(default_factory=Rounds)
    _blocked: dict[tuple[str, str], FinishedRun] = field(default_factory=dict)
    _workflows_by_commit: dict[str, tuple[Workflow, ...]] = field(default_factory=dict)

    def advance(self, until: Environment | None = None) -> None:
        """Follow the events until there are no more; push the project first, if it is not yet.

        Promotions that a gate stopped before are started again.

        Args:
            until: The last environment that is to be released for now; that of the plan where it
                is left out.

        Raises:
            RunFailedError: A workflow run ended red.
        """
        self._developer.plan = replace(self.plan, until=until) if until else self.plan
        if not self._delivered:
            if set_up := self._developer.set_up():
                self._perform(set_up)
            self._require_ready()
            self._perform(self._developer.push_project())
        for finished in [*self._blocked.values()]:
            self._perform(self._start_again(finished))
        while self._deliver_events() or self._act_by_hand():
            pass

    @property
    def is_blocked(self) -> bool:
        """Tell whether a gate stopped a promotion that the plan needs."""
        sources = {stage.name for stage in self.plan.stages[:-1]}
        return any(name in sources for name, _ in self._blocked)

    def count_releases(self) -> int:
        """Count the tags that are released by now."""
        state = read_repository_state(self.sandbox, self.clone, self.plan.kept_tags)
        return len(state.released)

    def explain_nothing_published(self) -> RehearsalError:
        """Make the error where nothing was published though nothing is left to start."""
        unreadable = find_unreadable(self.clone.workflow_files("HEAD"))
        workflows = read_workflows(self.clone.workflow_files("HEAD"), unreadable)
        return explain_nothing_published(self.publications, self.runs, workflows)

    def finish(self) -> None:
        """Check that the project is where it should be, and deliver its events again if asked for.

        Raises:
            RunFailedError: A workflow run ended red.
            RehearsalError: A tag or the last environment is not released.
        """
        self._require_released()
        self._require_all_started(self._developer)
        if self.plan.options.rerun:
            self._rerun()

    @cached_property
    def _developer(self) -> Developer:
        return Developer(self.sandbox, self.clone, self.plan)

    @cached_property
    def _recorder(self) -> StageRecorder:
        return StageRecorder(self.sandbox, self.runner, self.log, self.label, self.stages)

    @property
    def _own_stages(self) -> list[Stage]:
        return [stage for stage in self.stages if stage.project == self.label]

    def _title(self, stage: str) -> str:
        return stage_title(self.label, stage)

    def _require_ready(self) -> None:
        """Refuse to push a project whose publishing jobs cannot run here."""
        sha = self.clone.run("rev-parse", "HEAD").strip()
        event = TriggerEvent("push", f"refs/heads/{self.plan.first_branch}", sha, DEVELOPER)
        files = self.clone.action_files(sha)
        taking_part = read_workflows(self.clone.workflow_files(sha), self.plan.set_aside)
        self.runner.require_ready(taking_part, event, files)

    def _start_again(self, finished: FinishedRun) -> ManualStep:
        """Let a person start a promotion again."""
        stage = stage_name(finished.workflow, finished.event, self.plan.tags)
        command = shlex.join(["gh", "run", "rerun", str(finished.run_id)])
        return ManualStep(
            f"start {stage} again", command, lambda: None, (finished.workflow, finished.event)
        )

    def _act_by_hand(self) -> bool:
        """Let the developer do one step; tell whether there was any."""
        step = self._developer.next_step()
        if step is None:
            return False
        self._perform(step)
        return True

    def _deliver_events(self) -> bool:
        """Run what the new events start; tell whether there were any."""
        new_events = self.sandbox.events(self._last_event)
        self._rounds.begin()
        for streamed in new_events:
            self._last_event = streamed.number
            if streamed.starts_workflows:
                self._deliver(streamed.event)
        return bool(new_events)

    def _deliver(self, event: TriggerEvent) -> None:
        if not event.sha.strip("0"):
            return
        workflows = self._workflows(event.sha)
        if event.name == "push":
            before = str(event.payload.get("before") or "")
            event = replace(event, changed_paths=self.clone.changed_paths(before, event.sha))
        for workflow in select_workflows(workflows, event):
            self._start(workflow, complete_dispatch(workflow, event))

    def _start(self, workflow: Workflow, event: TriggerEvent) -> None:
        """Run one workflow; GitHub's concurrency groups hold, since runs follow one another."""
        if note := refuse_long_chain(workflow, event):
            self.terminal.noted(note)
            return
        self._rounds.count(workflow, event)
        stage = stage_name(workflow, event, self.plan.tags)
        if not self.plan.tags.staged:
            stage = distinct_name(stage, event, {row.name for row in self._own_stages})
        try:
            finished = self._run(stage, workflow, event)
        except WorkflowFileError as error:
            if self.runner.is_essential(workflow):
                raise
            self.terminal.noted(Note("warning", "", f"{stage} did not start. {error.what}"))
            return
        self._delivered.append((workflow, event))
        self.runs.append(Run(workflow, event, finished.result))
        self._recorder.record(stage, finished)
        self._note_block(workflow, event, finished)
        self._start_followers(finished)
        self._refuse_failure(stage, finished)

    def _note_block(self, workflow: Workflow, event: TriggerEvent, finished: FinishedRun) -> None:
        """Remember a promotion that a gate stopped, by its source, until it is started again."""
        if not promotes(workflow):
            return
        named = str((event.payload.get("inputs") or {}).get("from") or "")
        environment = self.plan.tags.environment_of(event.ref)
        key = (named or (environment.name if environment else ""), workflow.path)
        self._blocked.pop(key, None)
        if find_closed_gate(finished.result):
            self._blocked[key] = finished

    def _start_followers(self, finished: FinishedRun) -> None:
        """Start what waits for this run by `on: workflow_run`; it runs on the default branch."""
        branch = str(self.sandbox.get("")["default_branch"])
        sha = str(self.sandbox.get(f"branches/{branch}")["commit"]["sha"])
        for following in describe_followers(finished, branch, sha):
            self._deliver(following)

    def _run(self, stage: str, workflow: Workflow, event: TriggerEvent) -> FinishedRun:
        self.terminal.stage_began(self._title(stage))
        finished = self.runner.run(
            workflow,
            event,
            action_files=self.clone.action_files(event.sha),
            on_progress=self.terminal.progressed,
            on_review=self.terminal.reviewed,
            on_interrupted=partial(self._recorder.record_interrupted, stage, workflow, event),
        )
        self.log.write(self._title(stage), finished)
        result = finished.result
        for note in self._recorder.read_notes(finished):
            self.terminal.noted(note)
        self.terminal.stage_ended(
            self._title(stage),
            succeeded=result.status == "success",
            seconds=result.seconds,
            nothing_to_do=did_nothing(result),
        )
        return finished

    def _refuse_failure(self, stage: str, finished: FinishedRun) -> None:
        environment = self.plan.tags.environment_of(finished.event.ref)
        surroundings = Surroundings(
            finished.values,
            environment.github_environment if environment else "",
            finished.compiled.unknown_inputs,
            finished.compiled.differences,
            [
                row
                for row in self.runner.gateway_log.list()
                if row.began_at.timestamp() >= finished.result.began
            ],
            self.plan.empty_secrets,
        )
        explanation = explain_failure(finished.workflow, finished.result, surroundings)
        if explanation:
            raise RunFailedError(
                f"{self._title(stage)} ({finished.event.ref}) failed at {explanation.what}",
                why=explanation.why,
                fix=explanation.fix,
                log=self.log.folder_of(self._title(stage), finished),
            )

    def _rerun(self) -> None:
        """Deliver every event again, and record the requests that changed something."""
        for workflow, event in list(self._delivered):
            stage = f"{stage_name(workflow, event, self.plan.tags)} again"
            finished = self._run(stage, workflow, event)
            self._recorder.record(stage, finished)
            self.changes_of_reruns += [
                {"stage": self._title(stage), **request}
                for request in self.sandbox.requests_of_run(*finished.requests)
                if request["changed"]
            ]
            self._refuse_failure(stage, finished)

    def _perform(self, step: ManualStep) -> None:
        """Perform what a person does, and count it as a stage."""
        title = self._title(step.name)
        self._rounds.restart()
        self.terminal.stage_began(title, step.command)
        before, began, started = self.sandbox.last_request(), time.time(), time.monotonic()
        step.perform()
        seconds = time.monotonic() - started
        count = len(self.sandbox.requests_since(before))
        notes = (Note("notice", "", step.note),) if step.note else ()
        stage = Stage(
            step.name, seconds, count, step.command, notes, project=self.label, began=began
        )
        self.stages.append(stage)
        for note in notes:
            self.terminal.noted(note)
        self.terminal.stage_ended(title, succeeded=True, seconds=seconds)
        if step.starts:
            self._start(*step.starts)

    def _require_released(self) -> None:
        """Refuse an end at which a tag or the last environment is not released."""
        state = read_repository_state(self.sandbox, self.clone, self.plan.kept_tags)
        tags, stages = self.plan.tags, self.plan.stages
        if not tags.staged:
            return
        if not self._delivered:
            raise self._not_started(state)
        for tag in state.tags:
            environment = tags.environment_of(f"refs/tags/{tag}")
            if environment in stages and tag not in state.released:
                raise self._standstill(f"The tag {tag}", f"refs/tags/{tag}", state)
        missing = [stage for stage in stages if not tags.versions(state.released, stage)]
        if not missing:
            return
        stage, position = missing[0], stages.index(missing[0])
        source = stages[position - 1]
        if position and not any(row.name == f"merge {stage.name}" for row in self._own_stages):
            subject = self._title(stage.name)
            for (name, _), blocked in self._blocked.items():
                if name == source.name:
                    raise explain_closed_gate(subject, source, find_closed_gate(blocked.result))
            files = self._workflows(state.refs[f"refs/heads/{source.branch}"])
            raise explain_missing_promotion(subject, source, files, self._notes_of("promote"))
        raise self._standstill(stage.name, f"refs/heads/{stage.branch}", state)

    def _standstill(self, subject: str, ref: str, state: RepositoryState) -> RehearsalError:
        """Explain why a push of this ref did not lead to a release."""
        sha, environment = state.refs[ref], self.plan.tags.environment_of(ref)
        event = TriggerEvent("push", ref, sha, DEVELOPER)
        ending = f" {environment.name}" if environment else ""
        notes = self._notes_of(ending, at_end=True)
        return explain_standstill(
            self._title(subject), event, environment, self._workflows(sha), notes
        )

    def _not_started(self, state: RepositoryState) -> RehearsalError:
        first = self.plan.environments.stages[0]
        error = self._standstill(self.plan.until.name, f"refs/heads/{first.branch}", state)
        return UsageError(
            f"No workflow started: {error.what}",
            why=error.why,
            fix=error.fix,
        )

    def _notes_of(self, part: str, *, at_end: bool = False) -> tuple[Note, ...]:
        """List the notes of the stages whose name begins or ends with this."""
        stages = (
            stage
            for stage in self._own_stages
            if (stage.name.endswith(part) if at_end else stage.name.startswith(part))
        )
        return tuple(note for stage in stages for note in stage.notes)

    def _workflows(self, sha: str) -> tuple[Workflow, ...]:
        if sha not in self._workflows_by_commit:
            self.clone.fetch(sha)
            files = self.clone.workflow_files(sha)
            self._workflows_by_commit[sha] = read_workflows(files, self.plan.set_aside)
        return self._workflows_by_commit[sha]

    def _require_all_started(self, developer: Developer) -> None:
        """Refuse an end at which the ref of a --dispatch does not exist."""
        for dispatch in developer.waiting_dispatches:
            raise UsageError(
                f"`{dispatch.command}` was never run.",
                why="there is no such branch or tag.",
                fix="correct --ref in this --dispatch.",
            )
