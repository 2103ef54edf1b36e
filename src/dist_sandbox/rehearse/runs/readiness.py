"""Find out which jobs of a workflow can run here, before any of them starts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dist_sandbox.rehearse.actions.called_workflows import WorkflowFinder, read_from
from dist_sandbox.rehearse.actions.library import ActionLibrary
from dist_sandbox.rehearse.actions.references import list_uses
from dist_sandbox.rehearse.actions.sources import ActionSources, join_errors
from dist_sandbox.rehearse.errors import (
    NotHereError,
    RehearsalError,
    ToolError,
    WorkflowFileError,
    as_sentence,
)
from dist_sandbox.rehearse.runs.act import validate
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.workflows.calls import inline_calls
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.obstacles import find_obstacles, leave_out
from dist_sandbox.rehearse.workflows.permissions import let_write
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent


@dataclass(frozen=True)
class ReadyWorkflow:
    """A workflow that can run.

    Attributes:
        workflow: With the jobs of those that it calls; jobs that cannot run here are skipped.
        sources: The actions that it uses.
        obstacles: Why jobs are skipped, by ID.
    """

    workflow: Workflow
    sources: ActionSources
    obstacles: Mapping[str, RehearsalError] = field(default_factory=dict)

    @property
    def differences(self) -> dict[str, str]:
        """Say of each job that is skipped what keeps it from running, by ID."""
        return {
            job_id: f"job {job_id} is left out, and with it what needs it. {error.what} "
            f"{as_sentence(error.fix)}"
            for job_id, error in self.obstacles.items()
        }


@dataclass
class WorkflowPreparation:
    """Brings what workflows use, and checks them.

    Attributes:
        actions: The actions of the rehearsal.
        toolchain: What act runs with.
        folder: Where act works.
        repository: `OWNER/NAME` of the workflows.
        may_write: Whether jobs may write where no `permissions:` says what they may.
        dispensable: Jobs that no publication waits for, by path and ID.
        valid: Texts of workflows that were checked before.
    """

    actions: ActionLibrary
    toolchain: Toolchain
    folder: Path
    repository: str
    may_write: bool = False
    dispensable: frozenset[tuple[str, str]] = frozenset()
    valid: set[str] = field(default_factory=set, repr=False)

    def prepare(
        self, workflow: Workflow, event: TriggerEvent, files: Mapping[str, str]
    ) -> ReadyWorkflow:
        """Prepare a workflow; a job that is dispensable is left out where it cannot run here.

        Args:
            files: Metadata of the project's own actions by folder, and its workflow files.

        Raises:
            WorkflowFileError: GitHub would not start it, or another job cannot run here.
            ToolError: What it uses could not be fetched.
        """
        self._check_schema(workflow)
        finder = WorkflowFinder(
            self.actions,
            read_from(files),
            self.repository,
            event.ref,
            event.sha,
            self._check_schema,
        )
        allowed = let_write(workflow) if self.may_write else workflow
        obstacles = _find_missing_calls(allowed, finder)
        complete = inline_calls(leave_out(allowed, obstacles), finder.find)
        docker = bool(self.toolchain.image)
        sources = self.actions.gather(list_uses(complete), files, docker=docker)
        obstacles |= find_obstacles(complete, sources)
        essential = [
            error
            for job_id, error in obstacles.items()
            if not self._is_dispensable(workflow.path, job_id)
        ]
        if essential:
            raise join_errors(essential)
        return ReadyWorkflow(leave_out(complete, obstacles), sources, obstacles)

    def require_ready(
        self, workflows: Iterable[Workflow], event: TriggerEvent, files: Mapping[str, str]
    ) -> None:
        """Refuse to start where a job on the way to a publication cannot run.

        Raises:
            WorkflowFileError: One cannot; all that is missing is named at once.
            ToolError: What one uses could not be fetched.
        """
        errors: list[RehearsalError] = []
        for workflow in workflows:
            try:
                self.prepare(workflow, event, files)
            except (WorkflowFileError, ToolError) as error:
                if self.is_essential(workflow):
                    errors.append(error)
        if errors:
            raise join_errors(errors)

    def is_essential(self, workflow: Workflow) -> bool:
        """Tell whether a publication waits for a job of a workflow."""
        return any((workflow.path, job_id) not in self.dispensable for job_id in workflow.jobs)

    def _is_dispensable(self, path: str, job_id: str) -> bool:
        # The jobs of a call `x` are `x__…`.
        return any(
            path == of_path and (job_id == name or job_id.startswith(f"{name}__"))
            for of_path, name in self.dispensable
        )

    def _check_schema(self, workflow: Workflow) -> None:
        if workflow.text in self.valid:
            return
        problem = validate(workflow.text, self.toolchain, folder=self.folder)
        if problem:
            raise WorkflowFileError.invalid(workflow.path, problem)
        self.valid.add(workflow.text)


def _find_missing_calls(workflow: Workflow, finder: WorkflowFinder) -> dict[str, RehearsalError]:
    """Find the jobs whose reusable workflows cannot be brought, by ID.

    Raises:
        WorkflowFileError: GitHub would refuse a call, and with it the file.
    """
    obstacles: dict[str, RehearsalError] = {}
    for job_id, job in workflow.jobs.items():
        if "uses" not in job:
            continue
        call = replace(workflow, document={**workflow.document, "jobs": {job_id: job}})
        try:
            inline_calls(call, finder.find)
        except (NotHereError, ToolError) as error:
            obstacles[job_id] = error
    return obstacles
