"""Start one workflow run as GitHub does: jobs, permissions, credentials, then act."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.rehearse.act import ActRun, run_act, validate
from dist_sandbox.rehearse.act_output import Change
from dist_sandbox.rehearse.action_sources import ActionSources
from dist_sandbox.rehearse.compile import (
    CompileContext,
    CompiledWorkflow,
    JobIdentity,
    compile_workflow,
)
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.masks import Masks
from dist_sandbox.rehearse.permissions import job_permissions
from dist_sandbox.rehearse.run_result import RunResult
from dist_sandbox.rehearse.sandbox_client import RegisteredJob, Sandbox
from dist_sandbox.rehearse.scopes import Settings, name_secrets
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.triggers import Event
from dist_sandbox.rehearse.workflows import Workflow


@dataclass(frozen=True)
class FinishedRun:
    """One workflow run, and when its requests arrived.

    Attributes:
        run_id: Number of the run, unique in the rehearsal.
        requests: Number of the last logged request before it, and of its own last one.
        warnings: What GitHub would note beside it.
    """

    run_id: int
    workflow: Workflow
    event: Event
    result: RunResult
    requests: tuple[int, int]
    warnings: tuple[str, ...] = ()


@dataclass
class Runner:
    """What every run of a rehearsal shares.

    Attributes:
        secrets: The secrets that are set in the repository and its environments.
        folder: Where act works; emptied after each run.
        masks: Everything to hide; grows with each run.
    """

    sandbox: Sandbox
    toolchain: Toolchain
    secrets: Settings = field(repr=False)
    folder: Path
    dist_actions: Path
    masks: Masks
    given_actions: Mapping[str, Path] = field(default_factory=dict)
    _run_ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(_first_run()))
    _run_numbers: dict[str, int] = field(default_factory=dict)
    _valid: set[str] = field(default_factory=set, repr=False)

    def run(
        self,
        workflow: Workflow,
        event: Event,
        *,
        action_files: Mapping[str, str],
        on_change: Callable[[Change], None] = lambda _: None,
    ) -> FinishedRun:
        """Run a workflow for an event, to its end.

        Args:
            workflow: The workflow file of the event's commit.
            event: What happened.
            action_files: Metadata of actions inside the repository, by folder.
            on_change: Told of each step and job that begins or ends.

        Raises:
            WorkflowFileError: GitHub would not start it, or the rehearsal cannot play it.
        """
        self._check_schema(workflow)
        run_id = next(self._run_ids)
        before = self.sandbox.last_request()
        with self._jobs(workflow, event, run_id) as jobs:
            sources = ActionSources(self.dist_actions, self.given_actions, action_files)
            compiled, secrets = self._compile(workflow, jobs, sources)
            run = self._prepare(workflow, event, run_id, compiled, secrets)
            result = run_act(
                run, self.toolchain, folder=self.folder, masks=self.masks, on_change=on_change
            )
        after = self.sandbox.last_request()
        return FinishedRun(run_id, workflow, event, result, (before, after), compiled.warnings)

    @contextlib.contextmanager
    def _jobs(
        self, workflow: Workflow, event: Event, run_id: int
    ) -> Iterator[Mapping[str, RegisteredJob]]:
        """The jobs with their credentials, which end with the block."""
        granted = {job_id: job_permissions(workflow, job_id) for job_id in workflow.jobs}
        common = {
            "workflow": workflow.path,
            "run_id": run_id,
            "event_name": event.name,
            "ref": event.ref,
            "sha": event.sha,
            "actor": event.actor,
        }
        with contextlib.ExitStack() as ending:
            jobs = {}
            for job_id, permissions in granted.items():
                described = {**common, "name": job_id, "permissions": permissions}
                jobs[job_id] = self.sandbox.register_job(described)
                ending.callback(self.sandbox.end_job, jobs[job_id].number)
            yield jobs

    def _compile(
        self, workflow: Workflow, jobs: Mapping[str, RegisteredJob], sources: ActionSources
    ) -> tuple[CompiledWorkflow, dict[str, str]]:
        """The workflow for act, and every secret by act's own name for it."""
        names, secrets = name_secrets(self.secrets)
        identities = {}
        for job_id, job in jobs.items():
            identities[job_id] = _identity(job)
            secrets |= _credentials(job)
        context = CompileContext(
            variables=self.sandbox.variables(),
            secret_names=names,
            identities=identities,
            actions=sources,
            docker=bool(self.toolchain.image),
        )
        return compile_workflow(workflow, context), secrets

    def _prepare(
        self,
        workflow: Workflow,
        event: Event,
        run_id: int,
        compiled: CompiledWorkflow,
        secrets: Mapping[str, str],
    ) -> ActRun:
        return ActRun(
            workflow=compiled.text,
            job_ids=tuple(workflow.jobs),
            event_name=event.name,
            event=event.payload,
            ref=event.ref,
            sha=event.sha,
            actor=event.actor,
            env=self._env(run_id, self._count_run(workflow.path)),
            secrets=secrets,
            local_repositories=compiled.local_repositories,
        )

    def _count_run(self, path: str) -> int:
        """How many runs this workflow has had, the one that begins included."""
        self._run_numbers[path] = self._run_numbers.get(path, 0) + 1
        return self._run_numbers[path]

    def _check_schema(self, workflow: Workflow) -> None:
        if workflow.text in self._valid:
            return
        problem = validate(workflow.text, self.toolchain, folder=self.folder)
        if problem:
            raise WorkflowFileError.invalid(workflow.path, problem)
        self._valid.add(workflow.text)

    def _env(self, run_id: int, number: int) -> dict[str, str]:
        sandbox, ready = self.sandbox, self.sandbox.ready
        owner = sandbox.github_repository.partition("/")[0]
        return {
            "GITHUB_API_URL": sandbox.api_url,
            "GITHUB_SERVER_URL": sandbox.server_url,
            "GITHUB_GRAPHQL_URL": f"{sandbox.server_url}/api/graphql",
            "GITHUB_REPOSITORY": sandbox.github_repository,
            "GITHUB_REPOSITORY_OWNER": owner,
            "GITHUB_RUN_ID": str(run_id),
            "GITHUB_RUN_NUMBER": str(number),
            "GITHUB_RUN_ATTEMPT": "1",
            "ACTIONS_RESULTS_URL": f"{sandbox.server_url}/_sandbox/artifacts",
            **ready["service_variables"],
        }


def _first_run() -> int:
    """Run numbers of two rehearsals against one sandbox must differ; a second is enough."""
    return int(time.time()) * 1000 + 1


def _identity(job: RegisteredJob) -> JobIdentity:
    oidc = bool(job.oidc_request_token)
    return JobIdentity(
        token_name=f"JOB_{job.number}_TOKEN",
        oidc_request_url=job.oidc_request_url if oidc else "",
        oidc_request_token_name=f"JOB_{job.number}_ID" if oidc else "",
    )


def _credentials(job: RegisteredJob) -> dict[str, str]:
    """Act's secrets of one job, by the names that `_identity` gave them."""
    held = {f"JOB_{job.number}_TOKEN": job.token}
    if job.oidc_request_token:
        held[f"JOB_{job.number}_ID"] = job.oidc_request_token
    return held
