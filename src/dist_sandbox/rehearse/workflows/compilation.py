"""Turn a workflow into the one that act gets, with everything enforced that act ignores.

act has one token, one set of variables and one set of secrets for all jobs, and gives the identity
of a job to every job. On GitHub each of these depends on the job: on its `permissions:` and on its
`environment:`. The compiled workflow states each explicitly. It is pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/contexts#context-availability
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dist_actions.repository_settings.workflow_jobs import environment_name
from dist_sandbox.rehearse.actions.containers import ContainerAction
from dist_sandbox.rehearse.actions.replaced import (
    REPLACED_INPUTS,
    STAND_INS_AT_REF,
)
from dist_sandbox.rehearse.actions.sources import ActionSource, ActionSources
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.expressions import (
    Contexts,
    ForbiddenContextError,
    as_expression,
    map_expressions,
    rewrite,
    rewrite_values,
)
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.gate_steps import HOLDER, add_gate
from dist_sandbox.rehearse.workflows.input_names import UnknownInputs
from dist_sandbox.rehearse.workflows.runners import (
    RUNS_ON,
    describe_runners,
    find_played_label,
    write_notice_step,
)
from dist_sandbox.rehearse.workflows.scopes import ScopedValues, scoped_expression

#: The only runner label of a compiled workflow; act's arguments map it to an image or the host.
RUNNER_LABEL = "rehearsal"
#: Tells a stand-in which major version of the action it stands for, where that can be read.
MAJOR_VERSION = "DIST_SANDBOX_MAJOR_VERSION"
#: Keys of a job that GitHub evaluates before it knows the environment: repository values only,
#: and no secrets.
_BEFORE_ENVIRONMENT = frozenset({"if", "environment", "strategy", "concurrency", "runs-on", "name"})
#: A list of a matrix that is an output of another job.
_OUTPUT_LIST = re.compile(r"fromJSON\((needs\.[A-Za-z0-9_-]+\.outputs\.[A-Za-z0-9_-]+)\)")
#: Keys whose text is an expression also without braces.
_BARE = frozenset({"if"})


@dataclass(frozen=True)
class JobIdentity:
    """The credentials of one job, by act's names for them.

    Attributes:
        token_name: act's name of the secret that holds the job token.
        oidc_request_url: Address of the ID token endpoint; empty without `id-token: write`.
        oidc_request_token_name: act's name of the bearer for it.
        gated: Whether the job waits for its environment before it gets them.
    """

    token_name: str
    oidc_request_url: str = ""
    oidc_request_token_name: str = ""
    gated: bool = False

    @property
    def holder(self) -> str:
        """Return the expression of the object that holds the job's credentials and secrets."""
        return HOLDER if self.gated else "secrets"

    def secret(self, name: str) -> str:
        """Write the expression of one of them."""
        return f"{self.holder}['{name}']"


@dataclass(frozen=True)
class CompileContext:
    """What a workflow is compiled with.

    Attributes:
        variables: What is set in the repository and its environments.
        secret_names: The same for secrets, with act's names in place of the values.
        identities: Credentials by job ID.
        actions: Where actions come from.
        docker: Whether jobs run in containers.
        proxies: Variables by which a job's programs reach the services, by its ID; they name it.
    """

    variables: ScopedValues
    secret_names: ScopedValues
    identities: Mapping[str, JobIdentity]
    actions: ActionSources
    docker: bool = False
    proxies: Callable[[str], Mapping[str, str]] = lambda _job_id: {}


@dataclass(frozen=True)
class CompiledWorkflow:
    """What act gets.

    Attributes:
        text: The workflow; JSON, which is YAML.
        local_repositories: Folder of each `owner/name@ref` that it uses.
        warnings: What GitHub would note beside the run without failing it.
        unknown_inputs: Inputs that actions do not have; GitHub warns of them.
        differences: What is unlike GitHub, by job ID.
        programs: Folders of programs that its steps need, besides those on PATH.
        commits: The commit of each repository of actions that was fetched.
    """

    text: str = field(repr=False)
    local_repositories: Mapping[str, Path]
    warnings: tuple[str, ...] = ()
    unknown_inputs: tuple[UnknownInputs, ...] = ()
    differences: Mapping[str, str] = field(default_factory=dict)
    programs: tuple[Path, ...] = ()
    commits: Mapping[str, str] = field(default_factory=dict)


def compile_workflow(workflow: Workflow, context: CompileContext) -> CompiledWorkflow:
    """Compile one workflow.

    Raises:
        WorkflowFileError: GitHub would refuse the file, or the rehearsal cannot run it.
    """
    compiler = _Compiler(workflow, context)
    document = dict(workflow.document)
    document["jobs"] = {job_id: compiler.job(job_id) for job_id in workflow.jobs}
    for key in ("env", "permissions"):
        # Each job has its own; act's schema does not know every permission of GitHub.
        document.pop(key, None)
    return CompiledWorkflow(
        text=json.dumps(document, indent=1, default=str, ensure_ascii=False),
        local_repositories=compiler.local_repositories,
        warnings=(
            *compiler.warnings,
            *(row.warning for row in compiler.unknown_inputs),
            *context.actions.notices,
        ),
        unknown_inputs=tuple(compiler.unknown_inputs),
        differences=describe_runners(workflow) | _describe_tolerance(workflow),
        programs=context.actions.programs,
        commits=context.actions.commits,
    )


def _describe_tolerance(workflow: Workflow) -> dict[str, str]:
    """Say of each job whose failure GitHub tolerates that act does not, by job ID."""
    return {
        job_id: f"job {job_id} has continue-on-error; where it fails, the rehearsal ends red, and "
        "on GitHub the run goes on."
        for job_id, job in workflow.jobs.items()
        if job.get("continue-on-error") not in (None, False)
    }


def _major_version(uses: str, text: str) -> str:
    """Read the major version of an action: in its ref, or in the comment beside a commit."""
    ref = uses.rpartition("@")[2]
    beside = re.search(rf"{re.escape(uses)}['\"]?[ \t]+#([^\n]*)", text)
    for words in (ref, beside[1] if beside else ""):
        if match := re.search(r"\bv(\d+)", words):
            return match[1]
    return ""


class _Compiler:
    """Compiles the jobs of one workflow and gathers what they need."""

    def __init__(self, workflow: Workflow, context: CompileContext) -> None:
        self._workflow = workflow
        self._context = context
        self.local_repositories = {
            STAND_INS_AT_REF: context.actions.stand_ins,
            **context.actions.nested,
        }
        self.warnings: list[str] = []
        self.unknown_inputs: list[UnknownInputs] = []

    def job(self, job_id: str) -> dict[str, Any]:
        """Compile one job with its own variables, secrets, token and identity."""
        job = self._workflow.jobs[job_id]
        self._refuse_unsupported(job_id, job)
        identity = self._context.identities[job_id]
        early = self.contexts(identity, None, secrets=False)
        environment = self._environment(job, early)
        late = self.contexts(identity, environment)
        compiled: dict[str, Any] = {}
        for key, value in job.items():
            if key == "permissions":
                continue
            contexts = early if key in _BEFORE_ENVIRONMENT else late
            if key == "steps":
                compiled[key] = [self._step(job_id, step, late) for step in value]
            elif key in _BARE:
                compiled[key] = self._bare(value, contexts)
            else:
                compiled[key] = self.rewrite(value, contexts)
            matrix = (value or {}).get("matrix") if key == "strategy" else None
            if isinstance(matrix, dict):
                compiled[key] = rewrite_values(compiled[key], _without_skipped_outputs)
        compiled["runs-on"] = RUNNER_LABEL
        label = find_played_label(job)
        runner = str(self.rewrite(label, late)) if label else ""
        if runner:
            compiled["steps"] = [write_notice_step(runner), *compiled["steps"]]
        compiled["env"] = {
            **self._context.proxies(job_id),
            # GitHub evaluates the workflow's own `env` in each job, with that job's contexts.
            **self.rewrite(self._workflow.document.get("env") or {}, late),
            **(compiled.get("env") or {}),
            **_identity_env(identity, environment),
            **({RUNS_ON: runner} if runner else {}),
        }
        if identity.gated and environment is not None:
            return self._gated(job_id, compiled, environment)
        return compiled

    def _gated(self, job_id: str, job: dict[str, Any], environment: str) -> dict[str, Any]:
        gate = self._context.actions.stand_in("rehearsal/gate")
        self._add_repository(gate)
        path = self._workflow.path
        return add_gate(job, path=path, job_id=job_id, environment=environment, uses=gate.uses)

    def _add_repository(self, source: ActionSource) -> None:
        if source.repository is not None:
            self.local_repositories[source.repository[0]] = source.repository[1]

    def contexts(
        self, identity: JobIdentity, environment: str | None, *, secrets: bool = True
    ) -> Contexts:
        """Replace the contexts of a job; `environment` is an expression."""
        names = scoped_expression(self._context.secret_names, environment) if secrets else None
        return Contexts(
            variables=scoped_expression(self._context.variables, environment),
            secret_names=names,
            job_token=identity.secret(identity.token_name),
            secrets=identity.holder,
        )

    def rewrite(self, value: Any, contexts: Contexts) -> Any:
        """Rewrite every expression inside a value."""
        return rewrite_values(
            value,
            lambda text: self._checked(
                lambda: map_expressions(text, lambda inner: rewrite(inner, contexts))
            ),
        )

    def _bare(self, value: Any, contexts: Contexts) -> Any:
        if not isinstance(value, str) or "${{" in value:
            return self.rewrite(value, contexts)
        return self._checked(lambda: rewrite(value, contexts))

    def _checked(self, change: Any) -> str:
        try:
            return str(change())
        except (ForbiddenContextError, ValueError) as error:
            raise WorkflowFileError.invalid(self._workflow.path, str(error)) from error

    def _environment(self, job: Mapping[str, Any], early: Contexts) -> str | None:
        """Write the job's environment as an expression; None where it declares none."""
        name = environment_name(job)
        if name is None:
            return None
        return self._checked(lambda: rewrite(as_expression(name), early))

    def _step(self, job_id: str, step: Mapping[str, Any], late: Contexts) -> dict[str, Any]:
        compiled: dict[str, Any] = {}
        without_secrets = replace(late, secret_names=None)
        for key, value in step.items():
            bare = key in _BARE
            compiled[key] = (
                self._bare(value, without_secrets) if bare else self.rewrite(value, late)
            )
        if "uses" not in step:
            return compiled
        uses = str(step["uses"])
        source = self._context.actions.find(self._workflow.path, uses)
        compiled.setdefault("name", f"Run {uses}{source.note}")
        compiled["uses"] = source.uses
        inputs = dict(compiled.get("with") or {})
        if source.is_elsewhere:
            self.warnings.append(
                f"{job_id}: {uses} is not in the repository; it runs as the job finds it, and the "
                "actions that it uses in turn are not there."
            )
        self._note_inputs(job_id, uses, source, inputs)
        inputs.update(self._replace_inputs(job_id, uses, source))
        self._add_repository(source)
        major = _major_version(uses, self._workflow.text)
        if source.repository and source.repository[0] == STAND_INS_AT_REF and major:
            compiled["env"] = {**(compiled.get("env") or {}), MAJOR_VERSION: major}
        if source.container is not None and not self._context.docker:
            values = self.rewrite(source.defaults, late) | inputs
            return self._played(compiled, uses, source.container, values)
        inputs.update(_token_inputs(source, inputs, late))
        if inputs:
            compiled["with"] = inputs
        return compiled

    def _played(
        self,
        step: Mapping[str, Any],
        uses: str,
        container: ContainerAction,
        inputs: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Play a Docker action without an engine.

        Raises:
            WorkflowFileError: It is an image, or there is nothing that could play it.
        """
        path, player = self._workflow.path, self._context.actions.player
        if player is None or self._context.actions.needs_engine(path, uses):
            raise WorkflowFileError.needs_docker(path, f"the action {uses}")
        return player(step, container, inputs)

    def _note_inputs(
        self, job_id: str, uses: str, source: ActionSource, inputs: Mapping[str, Any]
    ) -> None:
        """Warn of wrong inputs and go on, as GitHub does; the action alone can refuse them."""
        for name, details in source.inputs.items():
            required = details.get("required") is True and "default" not in details
            if required and name not in inputs:
                self.warnings.append(f"{job_id}: {uses}: input {name} is required and not given")
        declared = {name.lower() for name in source.inputs}
        unknown = tuple(sorted(name for name in inputs if name.lower() not in declared))
        if unknown and source.inputs:
            row = UnknownInputs(job_id, uses, unknown, frozenset(inputs), tuple(source.inputs))
            self.unknown_inputs.append(row)

    def _replace_inputs(self, job_id: str, uses: str, source: ActionSource) -> dict[str, str]:
        """Choose the inputs that cannot have their own value here, and say so."""
        replaced = REPLACED_INPUTS.get(uses.partition("@")[0].lower(), {})
        declared = {name: row for name, row in replaced.items() if name in source.inputs}
        self.warnings += [f"{job_id}: {uses}: {reason}" for _, reason in declared.values()]
        return {name: value for name, (value, _) in declared.items()}

    def _refuse_unsupported(self, job_id: str, job: Mapping[str, Any]) -> None:
        path = self._workflow.path
        if "uses" in job:
            raise WorkflowFileError.unsupported(path, f"a reusable workflow in job {job_id}")
        needs = job.get("needs") or []
        for needed in [needs] if isinstance(needs, str) else needs:
            if needed not in self._workflow.jobs:
                problem = f"Job '{job_id}' depends on unknown job '{needed}'."
                raise WorkflowFileError.invalid(path, problem)
        if "runs-on" not in job:
            raise WorkflowFileError.invalid(
                path, f"job {job_id}: required property runs-on is missing"
            )
        if not isinstance(job.get("steps"), list) or not job["steps"]:
            raise WorkflowFileError.invalid(path, f"job {job_id}: no steps are defined in `steps`")


def _without_skipped_outputs(text: str) -> str:
    """Let a job be skipped with the one whose output its matrix is read from.

    act reads the matrix all the same, where GitHub does not, and finds an expression in the output.
    """
    return _OUTPUT_LIST.sub(r"fromJSON(startsWith(\1, '$') && '[0]' || \1)", text)


def _identity_env(identity: JobIdentity, environment: str | None) -> dict[str, str]:
    """Set the variables of the ID token endpoint, which need `id-token: write`."""
    if not identity.oidc_request_url:
        return {}
    url = identity.oidc_request_url
    if environment is not None:
        url += f"{'&' if '?' in url else '?'}environment=${{{{ {environment} }}}}"
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": url,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": (
            f"${{{{ {identity.secret(identity.oidc_request_token_name)} }}}}"
        ),
    }


def _token_inputs(
    source: ActionSource, inputs: Mapping[str, Any], contexts: Contexts
) -> dict[str, str]:
    """Fill the inputs whose default is `github.token`; act has one token for all jobs."""
    return {
        name: map_expressions(str(details["default"]), lambda inner: rewrite(inner, contexts))
        for name, details in source.inputs.items()
        if "github.token" in str(details.get("default", "")) and name not in inputs
    }
