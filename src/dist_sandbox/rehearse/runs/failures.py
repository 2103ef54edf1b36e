"""Explain why a workflow run failed: one cause and one fix, from all that the rehearsal knows.

The message of the step is one source. The workflow file, and what is set in which environment,
often show a cause that the step itself cannot see.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dist_actions.repository_settings.workflow_jobs import environment_name
from dist_sandbox.gateway.log import Exchange
from dist_sandbox.github.workflows.runs import REJECTED
from dist_sandbox.rehearse.errors import split_message
from dist_sandbox.rehearse.runs.exit_statuses import FailedCommand, explain_exit_status
from dist_sandbox.rehearse.runs.limits import describe_unanswered, explain_limit
from dist_sandbox.rehearse.runs.local_actions import describe_missing, explain_unfetched
from dist_sandbox.rehearse.runs.result import LIMIT_TITLE, JobRun, RunResult, Step
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.gate_steps import count_added_steps
from dist_sandbox.rehearse.workflows.input_names import UnknownInputs, nearest_name
from dist_sandbox.rehearse.workflows.scopes import ScopedValues

_REFERENCE = re.compile(r"\b(vars|secrets)(?:\.|\[')([A-Za-z_][A-Za-z0-9_]*)")
_NEED = re.compile(r"\bneeds\.([A-Za-z_][A-Za-z0-9_-]*)")
_KINDS = {"vars": "variable", "secrets": "secret"}
#: What a step says that has no credential, or a wrong one.
_CREDENTIALS = re.compile(
    r"token|password|credential|secret|\bkey\b|auth|denied|forbidden|\b40[13]\b", re.IGNORECASE
)
#: What git and GitHub's API say to a job's token that may only read.
_MAY_NOT_WRITE = re.compile(
    r"Permission to \S+ denied to github-actions|Resource not accessible by integration"
    r"|GitHub Actions is not permitted to create or approve pull requests"
)


@dataclass(frozen=True)
class Setting:
    """A variable or secret that an input takes its value from.

    Attributes:
        context: `vars` or `secrets`.
    """

    input: str
    context: str
    name: str


@dataclass(frozen=True)
class Explanation:
    """An error's three parts."""

    what: str
    why: str
    fix: str


@dataclass(frozen=True)
class Surroundings:
    """What the rehearsal knows about a run beside its output.

    Attributes:
        values: What is set, by context (`vars`, `secrets`).
        environment: GitHub Environment of the tag or branch that the run is for; empty if none.
        unknown_inputs: Inputs that actions do not have.
        differences: What is unlike GitHub, by job ID.
        exchanges: What passed the gateway while the run lasted.
        empty_secrets: Secrets that nobody explains.
    """

    values: Mapping[str, ScopedValues] = field(repr=False)
    environment: str = ""
    unknown_inputs: tuple[UnknownInputs, ...] = ()
    differences: Mapping[str, str] = field(default_factory=dict)
    exchanges: Sequence[Exchange] = ()
    empty_secrets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Failure:
    """The step that failed, as it is written and as it ran."""

    workflow: Workflow
    job: JobRun
    step: Step
    message: str

    @property
    def file(self) -> str:
        return self.workflow.file_name

    @property
    def environment(self) -> str:
        """Return what the job's `environment:` says."""
        return environment_name(self.workflow.jobs[self.job.id]) or ""

    @property
    def written(self) -> Mapping[str, Any]:
        """Find the step in the workflow file; empty where it cannot be told."""
        steps = self.workflow.jobs[self.job.id].get("steps") or []
        for step in steps:
            if self.step.id in (step.get("id"), step.get("name")):
                return dict(step)
        added = count_added_steps(self.job.steps)
        number = int(self.step.id) - added if self.step.id.isdigit() else -1
        return dict(steps[number]) if 0 <= number < len(steps) else {}

    @property
    def command(self) -> FailedCommand:
        """Return what the step ran, with its place."""
        log = "\n".join(self.step.log)
        return FailedCommand(self.step.name, self.written, log, self._place)

    @property
    def _place(self) -> str:
        """Name the step's file, and its line where that can be told."""
        text = str(self.written.get("run") or self.written.get("uses") or "")
        first = next(iter(text.strip().splitlines()), "").strip()
        lines = enumerate(self.workflow.text.splitlines(), 1)
        numbers = [number for number, line in lines if first and first in line]
        return f"{self.file} line {numbers[0]}" if len(numbers) == 1 else self.file

    @property
    def inputs(self) -> Mapping[str, str]:
        """Return the step's inputs, as they are written."""
        return {str(name): str(value) for name, value in (self.written.get("with") or {}).items()}

    @property
    def settings(self) -> Iterator[Setting]:
        """List the settings behind the inputs that the message names."""
        for name, text in self.inputs.items():
            if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.message):
                for context, setting in _REFERENCE.findall(text):
                    yield Setting(name, context, setting.upper())


def explain_failure(
    workflow: Workflow, result: RunResult, surroundings: Surroundings
) -> Explanation | None:
    """Explain the first failure of a run; None where nothing failed."""
    failed = result.failed_step
    if failed is None:
        return _explain_start(workflow, result)
    job, step = failed
    log = "\n".join(step.log)
    failure = _Failure(workflow, job, step, step.failure_message)
    if missing := describe_missing(str(failure.written.get("uses") or ""), log):
        failure = replace(failure, message=missing)
    what, why, fix = split_message(failure.message)
    place = f"{job.name} / {step.name}: {what}"
    pair = (
        _limit(step, why, fix)
        or _rejection(failure)
        or _empty_secret(failure, surroundings)
        or (None if fix else explain_unfetched(log) or explain_limit(log, surroundings.exchanges))
        or _restricted_token(failure)
        or _absent_need(failure)
        or _wrong_setting(failure, surroundings)
        or _wrong_input(failure, surroundings)
        or ((why, fix) if fix else None)
        or _suspect_secret(failure, surroundings, explain_exit_status(failure.command))
    )
    differences = [
        *filter(None, [surroundings.differences.get(job.id, ""), *job.differences]),
        *filter(None, [describe_unanswered(surroundings.exchanges, but=pair[0])]),
    ]
    if not fix and differences:
        pair = (f"{pair[0]} The rehearsal is unlike GitHub here: {' '.join(differences)}", pair[1])
    return Explanation(place, *pair)


def _explain_start(workflow: Workflow, result: RunResult) -> Explanation | None:
    failure = result.first_failure
    if result.status == "success" or failure is None:
        return None
    name, message = failure
    place = f"the job {name} in {workflow.path}" if name in workflow.jobs else workflow.path
    return Explanation(
        f"{name}: {message}", "no step of the job ran.", f"correct {place}, and push again."
    )


def _limit(step: Step, why: str, fix: str) -> tuple[str, str] | None:
    """Take the words of a stand-in that cannot do what the action would do."""
    titles = {note.properties.get("title") for note in step.annotations if note.level == "error"}
    return (why, fix) if fix and LIMIT_TITLE in titles else None


def _rejection(failure: _Failure) -> tuple[str, str] | None:
    """Find a job whose environment's reviewer said no."""
    if failure.message != REJECTED:
        return None
    return (
        f"the reviewer of {failure.environment or 'its environment'} said no, as --reject asks, "
        f"and no step of the job {failure.job.id} ran.",
        "nothing, if that is what you wanted to see; without --reject the reviewer approves.",
    )


def _empty_secret(failure: _Failure, surroundings: Surroundings) -> tuple[str, str] | None:
    """Find a secret of the step that nobody explains, where the step says that it lacks one."""
    name = _find_empty_secret(failure, surroundings)
    if not name or not _CREDENTIALS.search(failure.message):
        return None
    why = f"the secret {name} is empty: nobody explains to the rehearsal what it is."
    return why, f"say what it is: --secret {name.upper()}=WHAT, or in rehearsal.toml."


def _suspect_secret(
    failure: _Failure, surroundings: Surroundings, pair: tuple[str, str]
) -> tuple[str, str]:
    """Add to what little is known of a failure that a secret of the step is empty."""
    name = _find_empty_secret(failure, surroundings)
    if not name:
        return pair
    why, fix = pair
    why += f" Perhaps because the secret {name} is empty: nobody explains to the rehearsal what it "
    return why + "is.", f"{fix} For the secret: --secret {name.upper()}=WHAT, or rehearsal.toml."


def _find_empty_secret(failure: _Failure, surroundings: Surroundings) -> str:
    written = json.dumps([failure.written, failure.workflow.jobs[failure.job.id].get("env")])
    for context, name in _REFERENCE.findall(written):
        if context == "secrets" and name.upper() in surroundings.empty_secrets:
            return str(name)
    return ""


def _restricted_token(failure: _Failure) -> tuple[str, str] | None:
    """Find a job that may not write because nothing says what it may."""
    job, workflow = failure.workflow.jobs[failure.job.id], failure.workflow.document
    if not _MAY_NOT_WRITE.search("\n".join(failure.step.log)):
        return None
    if "permissions" in job or "permissions" in workflow:
        return None
    why = f"{failure.file} has no `permissions:`, and by the default of new repositories its jobs "
    why += "may only read, and open no pull requests."
    return why, (
        f"write the `permissions:` that the job {failure.job.id} needs; or, if the settings of the "
        "repository let workflows write, rehearse it with --workflow-permissions write."
    )


def _absent_need(failure: _Failure) -> tuple[str, str] | None:
    """Find an output of a job that the failed job does not need, so that it is empty."""
    job = failure.workflow.jobs[failure.job.id]
    needs = job.get("needs") or []
    listed = {needs} if isinstance(needs, str) else set(needs)
    for name in _NEED.findall(f"{job.get('environment', '')} {failure.written}"):
        if name not in listed and name in failure.workflow.jobs:
            why = f"the job {failure.job.id} of {failure.file} reads needs.{name}, which is empty: "
            why += f"its `needs:` does not list {name}."
            return why, f"add {name} to `needs:` of the job {failure.job.id}."
    return None


def _wrong_setting(failure: _Failure, surroundings: Surroundings) -> tuple[str, str] | None:
    """Find a variable or secret that is set nowhere, or not in the job's environment."""
    for setting in failure.settings:
        values = surroundings.values[setting.context]
        if setting.name in values.repository:
            continue
        holders = [name for name, names in values.environments.items() if setting.name in names]
        if not holders:
            return _unknown_setting(failure, setting, values)
        running = failure.environment
        if "${{" not in running and running not in holders:
            return _other_environment(failure, setting, holders, surroundings.environment)
    return None


def _unknown_setting(failure: _Failure, setting: Setting, values: ScopedValues) -> tuple[str, str]:
    kind, written = _KINDS[setting.context], f"{setting.context}.{setting.name}"
    names = {name for scope in (values.repository, *values.environments.values()) for name in scope}
    taken = {other.name for other in failure.settings} - {setting.name}
    near = nearest_name(setting.name, sorted(names - taken)) or nearest_name(
        setting.name, sorted(names)
    )
    why = f"{failure.file} takes the input {setting.input} from {written}, and no environment has "
    why += f"a {kind} of this name."
    if near:
        return why, f"write {setting.context}.{near} in {failure.file}: that {kind} is set."
    return why, f"set the {kind} {setting.name}, or correct its name in {failure.file}."


def _other_environment(
    failure: _Failure, setting: Setting, holders: list[str], expected: str
) -> tuple[str, str]:
    kind, job = _KINDS[setting.context], failure.job.id
    wanted = expected if expected in holders else holders[0] if len(holders) == 1 else ""
    place = f"the GitHub Environment {wanted}" if wanted else f"one of {', '.join(holders)}"
    running = failure.environment
    now = (
        f"runs in {running}, which does not have it" if running else "does not name an environment"
    )
    why = f"the {kind} {setting.name} is in {place}, and the job {job} of {failure.file} {now}."
    if len(holders) == 1:
        return why, f"write `environment: {wanted}` in the job {job}."
    return why, (
        f"let `environment:` of the job {job} be that of the tag"
        f"{f', here {wanted}' if wanted else ''}: the starter writes "
        "${{ needs.plan.outputs.github-environment }}."
    )


def _wrong_input(failure: _Failure, surroundings: Surroundings) -> tuple[str, str] | None:
    """Find an input of the step that its action does not have."""
    for unknown in surroundings.unknown_inputs:
        if unknown.job_id != failure.job.id or unknown.uses != failure.written.get("uses"):
            continue
        for name in unknown.names:
            near = unknown.nearest(name)
            if near and re.search(rf"(?<![\w-]){near}(?![\w-])", failure.message):
                why = f"{failure.file} gives the input {name}, which {unknown.uses} does not have."
                return why, f"write {near} in place of {name}."
    return None
