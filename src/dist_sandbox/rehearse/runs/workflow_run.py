"""Start one workflow run as GitHub does: jobs, permissions, credentials, then act."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dist_sandbox.gateway.log import GatewayLog
from dist_sandbox.rehearse.actions.library import ActionLibrary
from dist_sandbox.rehearse.actions.references import jobs_with_own_actions
from dist_sandbox.rehearse.manual_steps.reviews import ReviewDecision, Reviewer, watch_deployments
from dist_sandbox.rehearse.runs.act import ActRun, run_act
from dist_sandbox.rehearse.runs.act_output import Progress
from dist_sandbox.rehearse.runs.jobs import RunJobs
from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.readiness import WorkflowPreparation
from dist_sandbox.rehearse.runs.result import RunResult
from dist_sandbox.rehearse.sandbox_client import RegisteredJob, Sandbox
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.workflows.compilation import (
    CompileContext,
    CompiledWorkflow,
    compile_workflow,
)
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.gate_steps import is_gated
from dist_sandbox.rehearse.workflows.permissions import job_permissions
from dist_sandbox.rehearse.workflows.scopes import ScopedValues, name_secrets
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent


@dataclass(frozen=True)
class FinishedRun:
    """One workflow run.

    `requests` are the numbers of the last logged request before it, and of its own last one;
    `compiled` holds what GitHub would note beside it, and what is unlike GitHub; `values` is what
    was set, by context.
    """

    run_id: int
    workflow: Workflow
    event: TriggerEvent
    result: RunResult
    requests: tuple[int, int]
    compiled: CompiledWorkflow
    reviews: tuple[ReviewDecision, ...] = ()
    values: Mapping[str, ScopedValues] = field(default_factory=dict, repr=False)

    @property
    def actions(self) -> Mapping[str, str]:
        """Return the commit of each action that was fetched, by `OWNER/NAME@REF`."""
        return self.compiled.commits

    @property
    def warnings(self) -> tuple[str, ...]:
        """List what is to be noted beside the run without failing it."""
        return (*self.compiled.warnings, *self.compiled.differences.values())


def count_runs() -> "itertools.count[int]":
    """Number runs unlike another rehearsal; a second between them is enough."""
    return itertools.count(int(time.time()) * 1000 + 1)


@dataclass
class WorkflowRunner:
    """What every run of a rehearsal shares.

    Attributes:
        sandbox: The sandbox, which answers the jobs.
        toolchain: What act runs with.
        secrets: The secrets that are set in the repository and its environments.
        folder: Where act works; emptied after each run.
        actions: The actions that workflows use.
        masks: Everything to hide; grows with each run.
        reviewer: Who approves what waits; without one the developer does.
        run_ids: The numbers of the runs to come; the repositories of one sandbox share them.
        may_write: Whether jobs may write where no `permissions:` says what they may.
        gateway_log: What passed through the gateway, by which the jobs reach everything.
        dispensable: Jobs that no publication waits for, by path and ID.
    """

    sandbox: Sandbox
    toolchain: Toolchain
    secrets: ScopedValues = field(repr=False)
    folder: Path
    actions: ActionLibrary
    masks: Masks
    reviewer: Reviewer | None = None
    run_ids: "itertools.count[int]" = field(default_factory=count_runs)
    may_write: bool = False
    gateway_log: GatewayLog = field(default_factory=GatewayLog)
    dispensable: frozenset[tuple[str, str]] = frozenset()
    _run_numbers: dict[str, int] = field(default_factory=dict)
    _valid: set[str] = field(default_factory=set, repr=False)

    def run(
        self,
        workflow: Workflow,
        event: TriggerEvent,
        *,
        action_files: Mapping[str, str],
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_review: Callable[[ReviewDecision], None] = lambda _: None,
        on_interrupted: Callable[[RunResult], None] = lambda _: None,
    ) -> FinishedRun:
        """Run a workflow for an event, to its end.

        `action_files` are the metadata of actions inside the repository by folder, and its
        workflow files.

        Raises:
            WorkflowFileError: GitHub would not start it, or the rehearsal cannot run it.
        """
        ready = self._preparation.prepare(workflow, event, action_files)
        workflow = ready.workflow
        run_id, number = next(self.run_ids), self._count_run(workflow.path)
        before = self.sandbox.last_request()
        variables = {**self._env(run_id, number), **self._begin(workflow, event, run_id, number)}
        variables |= _workflow_env(workflow, event, self.sandbox.github_repository)
        with self._jobs(workflow, event, run_id) as jobs:
            context = CompileContext(
                self.sandbox.variables(),
                jobs.secret_names,
                jobs.identities,
                ready.sources,
                bool(self.toolchain.image),
                self.sandbox.proxy_variables,
            )
            compiled = compile_workflow(workflow, context)
            differences = {**compiled.differences, **ready.differences}
            compiled = replace(compiled, differences=differences)
            own = jobs.token_of_own_actions(jobs_with_own_actions(workflow))
            job_ids, secrets = tuple(workflow.jobs), {**jobs.act_secrets, **own}
            run = ActRun(compiled, job_ids, event, variables, secrets, workflow.job_names)
            with self._watch_deployments(jobs, run_id, on_review) as reviews:
                result = run_act(
                    run,
                    self.toolchain,
                    folder=self.folder,
                    masks=self.masks,
                    on_progress=on_progress,
                    on_interrupted=on_interrupted,
                )
                self._end(workflow, run_id, result)
        requests = (before, self.sandbox.last_request())
        values = {"vars": context.variables, "secrets": self.secrets}
        return FinishedRun(
            run_id, workflow, event, result, requests, compiled, tuple(reviews), values
        )

    def _begin(
        self, workflow: Workflow, event: TriggerEvent, run_id: int, number: int
    ) -> dict[str, str]:
        """Begin a run on GitHub, and return the variables by which its jobs speak for it."""
        jobs = check_names(workflow)
        description = {**_describe(workflow, event), "number": number, "jobs": jobs}
        begun = self.sandbox.control("PUT", f"runs/{run_id}", description)
        runtime_token = str(begun["runtime_token"])
        self.masks.add(runtime_token)
        return {"ACTIONS_RUNTIME_TOKEN": runtime_token}

    def _end(self, workflow: Workflow, run_id: int, result: RunResult) -> None:
        """End a run on GitHub, with what became of its jobs."""
        jobs = {check_name(workflow, job.id, job.name): job.status for job in result.jobs}
        conclusion = {"conclusion": result.status, "jobs": jobs}
        self.sandbox.control("PATCH", f"runs/{run_id}", conclusion)

    def require_ready(
        self, workflows: Iterable[Workflow], event: TriggerEvent, action_files: Mapping[str, str]
    ) -> None:
        """Refuse to start where a job on the way to a publication cannot run.

        Raises:
            WorkflowFileError: One cannot; all that is missing is named at once.
            ToolError: What one uses could not be fetched.
        """
        self._preparation.require_ready(workflows, event, action_files)

    def is_essential(self, workflow: Workflow) -> bool:
        """Tell whether a publication waits for a job of a workflow."""
        return self._preparation.is_essential(workflow)

    @property
    def _preparation(self) -> WorkflowPreparation:
        return WorkflowPreparation(
            self.actions,
            self.toolchain,
            self.folder,
            self.sandbox.github_repository,
            self.may_write,
            self.dispensable,
            self._valid,
        )

    @contextlib.contextmanager
    def _jobs(self, workflow: Workflow, event: TriggerEvent, run_id: int) -> Iterator[RunJobs]:
        """Start the jobs with their credentials, which end with the block."""
        protected = self.sandbox.protected_environments()
        common = {**_describe(workflow, event), "workflow": workflow.path, "run_id": run_id}
        common["event_name"] = event.name
        with contextlib.ExitStack() as ending:

            def register(job_id: str) -> RegisteredJob:
                permissions = job_permissions(workflow, job_id)
                description = {**common, "name": job_id, "permissions": permissions}
                called = workflow.called_jobs.get(job_id)
                if called and called.is_shown:
                    description["job_workflow_ref"] = called.workflow_ref
                    description["job_workflow_sha"] = called.workflow_sha
                job = self.sandbox.register_job(description)
                ending.callback(self.sandbox.control, "DELETE", f"jobs/{job.number}")
                return job

            jobs = RunJobs(*name_secrets(self.secrets), protected, register)
            for job_id, job in workflow.jobs.items():
                if is_gated(job, protected):
                    granted = job_permissions(workflow, job_id)
                    jobs.start_waiting(job_id, self._oidc_url(granted))
                else:
                    jobs.start(job_id)
            yield jobs

    def _oidc_url(self, granted: Mapping[str, str]) -> str:
        """Return where a job with these permissions asks for its ID token; empty without it."""
        allowed = granted.get("id-token") == "write"
        return str(self.sandbox.ready["oidc_request_url"]) if allowed else ""

    @contextlib.contextmanager
    def _watch_deployments(
        self, jobs: RunJobs, run_id: int, on_review: Callable[[ReviewDecision], None]
    ) -> Iterator[Sequence[ReviewDecision]]:
        """Serve the jobs that wait; yield the decisions, which grow meanwhile."""
        if not jobs.any_waiting:
            yield ()
            return
        reviewer = self.reviewer or Reviewer(self.sandbox)

        def make_credentials(job_id: str, environment: str) -> Mapping[str, str]:
            credentials = jobs.make_credentials(job_id, environment)
            for value in credentials.values():
                self.masks.add(value)
            return credentials

        with watch_deployments(reviewer, run_id, make_credentials, on_review) as reviews:
            yield reviews

    def _count_run(self, path: str) -> int:
        """Count the runs of this workflow, the one that begins included."""
        self._run_numbers[path] = self._run_numbers.get(path, 0) + 1
        return self._run_numbers[path]

    def _env(self, run_id: int, number: int) -> dict[str, str]:
        sandbox, ready = self.sandbox, self.sandbox.ready
        owner = sandbox.github_repository.partition("/")[0]
        return {
            "GITHUB_API_URL": sandbox.api_url,
            "GITHUB_SERVER_URL": sandbox.server_url,
            "GITHUB_GRAPHQL_URL": str(ready["github_graphql_url"]),
            "GITHUB_REPOSITORY": sandbox.github_repository,
            "GITHUB_REPOSITORY_OWNER": owner,
            "GITHUB_RUN_ID": str(run_id),
            "GITHUB_RUN_NUMBER": str(number),
            "GITHUB_RUN_ATTEMPT": "1",
            "ACTIONS_RESULTS_URL": str(ready["artifacts_url"]),
            "ACTIONS_RUNTIME_URL": str(ready["runner_url"]),
            **ready["service_variables"],
            **sandbox.gateway_variables(),
        }


def check_names(workflow: Workflow) -> list[str]:
    """List the checks that GitHub shows from the start of a run; a matrix is not expanded yet."""
    left_out = {job_id for job_id, name in workflow.job_names.items() if not name}
    left_out |= {job_id for job_id, job in workflow.jobs.items() if "strategy" in job}
    return [check_name(workflow, job_id) for job_id in workflow.jobs if job_id not in left_out]


def check_name(workflow: Workflow, job_id: str, job_name: str = "") -> str:
    """Name a job's check: the job's `name`, else its ID, each with the cell of a matrix.

    `job_name` is the ID with that cell; empty for a job without one.
    """
    if job_id in workflow.called_jobs:
        return job_name or workflow.called_jobs[job_id].name
    name = workflow.jobs[job_id].get("name")
    if not isinstance(name, str) or "${{" in name:
        return job_name or job_id
    return name + job_name[len(job_id) :]


def _describe(workflow: Workflow, event: TriggerEvent) -> dict[str, object]:
    """Describe a run to the sandbox."""
    return {
        "path": workflow.path,
        "event": event.name,
        "ref": event.ref,
        "sha": event.sha,
        "actor": event.actor,
    }


def _workflow_env(workflow: Workflow, event: TriggerEvent, repository: str) -> dict[str, str]:
    """Set the variables of a run that act does not know."""
    return {
        "GITHUB_WORKFLOW_REF": f"{repository}/{workflow.path}@{event.ref}",
        "GITHUB_WORKFLOW_SHA": event.sha,
        "GITHUB_TRIGGERING_ACTOR": event.actor,
    }
