"""Put the jobs of reusable workflows in the place of the jobs that call them; pure.

A call `publish` of a workflow with a job `upload` becomes the job `publish__upload`. Where its
inputs or its `if:` are only known while the workflow runs, a first job `publish__call` decides and
passes them on. A last one, `publish`, ends as the call does and has its outputs, for whoever needs
it. GitHub shows neither.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dist_actions.repository_settings.workflow_jobs import environment_name
from dist_sandbox.jobs import Access
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.call_inputs import (
    check_secrets,
    complete_inputs,
    is_static,
    object_expression,
    read_call,
    static_object,
)
from dist_sandbox.rehearse.workflows.expressions import (
    as_expression,
    json_literal,
    literal,
    map_expressions,
    replace_properties,
    rewrite_values,
)
from dist_sandbox.rehearse.workflows.files import CalledJob, Workflow
from dist_sandbox.rehearse.workflows.matrices import list_cells
from dist_sandbox.rehearse.workflows.permissions import called_permissions, job_permissions

#: How deep GitHub lets workflows call one another, the first one included.
_DEEPEST = 10
_RUNNER = "ubuntu-latest"
_DONE = {"name": "Pass on", "shell": "bash", "run": "true", "working-directory": "."}
_FAILED = {
    "name": "End as the call",
    "if": "contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')",
    "shell": "bash",
    "working-directory": ".",
    "run": "exit 1",
}


@dataclass(frozen=True)
class CalledWorkflow:
    """A reusable workflow.

    Attributes:
        workflow: The file.
        ref: What the ID token of its jobs names, `OWNER/NAME/PATH@REF`.
        sha: Its commit.
        find: Finds the workflows that it calls.
    """

    workflow: Workflow
    ref: str
    sha: str
    find: "FindWorkflow"


#: From the `uses:` of a job, and the file that it is in, to the workflow.
FindWorkflow = Callable[[str, Workflow], CalledWorkflow]


def has_calls(workflow: Workflow) -> bool:
    """Tell whether any job calls a reusable workflow."""
    return any("uses" in job for job in workflow.jobs.values())


def inline_calls(workflow: Workflow, find: FindWorkflow) -> Workflow:
    """Put the jobs of every workflow that is called in the place of the call.

    Raises:
        WorkflowFileError: GitHub would refuse a call, or the rehearsal cannot play it.
    """
    if not has_calls(workflow):
        return workflow
    permissions = {job_id: job_permissions(workflow, job_id) for job_id in workflow.jobs}
    inlining = _Inlining(workflow)
    for job_id, job in own_jobs(workflow).items():
        if "uses" in job:
            name = str(job.get("name") or job_id)
            call = _Call(job_id, name, workflow, find, permissions[job_id], depth=1)
            inlining.add_call(call, job)
        else:
            inlining.jobs[job_id] = job
    document = {
        key: value for key, value in workflow.document.items() if key not in ("env", "defaults")
    }
    return replace(
        workflow, document={**document, "jobs": inlining.jobs}, called_jobs=inlining.called_jobs
    )


def own_jobs(workflow: Workflow) -> dict[str, dict[str, Any]]:
    """Let every job have the `env` and `defaults` of its workflow; a call has neither."""
    document = workflow.document
    jobs = {}
    for job_id, job in workflow.jobs.items():
        jobs[job_id] = dict(job)
        if "uses" in job:
            continue
        if document.get("env") or job.get("env"):
            jobs[job_id]["env"] = {**(document.get("env") or {}), **(job.get("env") or {})}
        run = {
            **((document.get("defaults") or {}).get("run") or {}),
            **((job.get("defaults") or {}).get("run") or {}),
        }
        if run:
            jobs[job_id]["defaults"] = {"run": run}
    return jobs


@dataclass(frozen=True)
class _Call:
    """A job that calls a workflow, with what its surroundings decide.

    Attributes:
        job_id: Its ID, in the whole workflow.
        name: How GitHub shows it.
        workflow: The file that it is in.
        find: Finds workflows for that file.
        permissions: The most that the called jobs may have.
        depth: How many workflows are above.
    """

    job_id: str
    name: str
    workflow: Workflow
    find: FindWorkflow
    permissions: Mapping[str, Access]
    depth: int


@dataclass
class _Inlining:
    """The jobs of a workflow in which calls are being replaced."""

    workflow: Workflow
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    called_jobs: dict[str, CalledJob] = field(default_factory=dict)

    def add_call(self, call: _Call, job: Mapping[str, Any]) -> None:
        """Add the jobs of a call, for each cell of its matrix."""
        path = call.workflow.path
        cells = list_cells((job.get("strategy") or {}).get("matrix"))
        if cells is None:
            part = f"a matrix that is only known while the workflow runs, on the call {call.name},"
            raise WorkflowFileError.unsupported(path, part)
        called = call.find(str(job["uses"]), call.workflow)
        if call.depth >= _DEEPEST:
            problem = f"job {call.name} calls workflows more than {_DEEPEST} levels deep"
            raise WorkflowFileError.invalid(path, problem)
        ends, outputs = list[str](), dict[str, str]()
        for number, cell in enumerate(cells):
            suffix = f"__{number}" if len(cells) > 1 or cell else ""
            values = ", ".join(map(str, cell.values()))
            one = replace(
                call,
                job_id=call.job_id + suffix,
                name=f"{call.name} ({values})" if cell else call.name,
            )
            new_ends, outputs = self._add_cell(one, called, _fill_in_cell(job, cell))
            ends += new_ends
        self._add_end(call, ends, outputs)

    def _add_cell(
        self, call: _Call, called: CalledWorkflow, job: Mapping[str, Any]
    ) -> tuple[list[str], dict[str, str]]:
        """Add the jobs of one call; return all of them, and its outputs."""
        path, prefix = call.workflow.path, f"{call.job_id}__"
        declared = read_call(called.workflow, path)
        values = complete_inputs(path, declared, job.get("with") or {})
        secrets = check_secrets(path, declared, job.get("secrets"))
        first = ""
        if job.get("needs") or job.get("if") is not None or not is_static(values):
            first = f"{prefix}call"
            self._add_first(first, call, job, object_expression(values))
        inputs = f"fromJSON(needs.{first}.outputs.inputs)" if first else static_object(values)
        names = _Names(prefix, inputs, secrets, dict.fromkeys(called.workflow.jobs))
        ends = [first] if first else []
        for job_id, own in own_jobs(called.workflow).items():
            moved = _move(own, names, first, has_environment=environment_name(own) is not None)
            shown = f"{call.name} / {moved.pop('name', None) or job_id}"
            granted = called_permissions(called.workflow, job_id, call.permissions, path)
            inner = f"{prefix}{job_id}"
            ends.append(inner)
            if "uses" in own:
                deeper = _Call(inner, shown, called.workflow, called.find, granted, call.depth + 1)
                self.add_call(deeper, moved)
                continue
            self.jobs[inner] = {**moved, "name": shown, "permissions": granted}
            self.called_jobs[inner] = CalledJob(shown, called.ref, called.sha)
        outputs = {
            str(name): names.rewrite((details or {}).get("value", ""))
            for name, details in (declared.get("outputs") or {}).items()
        }
        return ends, outputs

    def _add_first(self, first: str, call: _Call, job: Mapping[str, Any], inputs: str) -> None:
        kept = {key: job[key] for key in ("needs", "if") if key in job}
        self.called_jobs[first] = CalledJob(call.name)
        self.jobs[first] = {
            **kept,
            "runs-on": _RUNNER,
            "permissions": {},
            "outputs": {"inputs": f"${{{{ {inputs} }}}}"},
            "steps": [_DONE],
        }

    def _add_end(self, call: _Call, ends: list[str], outputs: Mapping[str, str]) -> None:
        """Add the job that ends as the call; it is skipped with the job that decides about it."""
        firsts = [
            end for end in ends if end.endswith("__call") and not self.called_jobs[end].is_shown
        ]
        decided = [f"needs.{first}.result == 'success'" for first in firsts]
        self.called_jobs[call.job_id] = CalledJob(call.name)
        self.jobs[call.job_id] = {
            "needs": ends,
            "if": f"always() && ({' || '.join(decided)})" if decided else "always()",
            "runs-on": _RUNNER,
            "permissions": {},
            "outputs": dict(outputs),
            "steps": [_DONE, _FAILED],
        }


@dataclass(frozen=True)
class _Names:
    """What the names in a called workflow mean in the workflow that it becomes a part of.

    Attributes:
        prefix: What its jobs' IDs begin with.
        inputs: The expression of its inputs.
        secrets: What the caller gives; None where all of its secrets are inherited.
        jobs: The IDs of its jobs.
    """

    prefix: str
    inputs: str
    secrets: Mapping[str, Any] | None
    jobs: Mapping[str, Any]

    def rewrite(self, value: Any, *, has_environment: bool = False) -> Any:
        """Rewrite every expression in a value."""
        return rewrite_values(
            value,
            lambda text: map_expressions(
                text, lambda inner: self.expression(inner, has_environment=has_environment)
            ),
        )

    def expression(self, text: str, *, has_environment: bool = False) -> str:
        """Rewrite one expression without braces."""

        def replacement(context: str, name: str | None) -> str | None:
            if context == "inputs":
                return self.inputs if name is None else f"{self.inputs}[{name}]"
            if context in ("needs", "jobs") and name is not None:
                return f"needs[{literal(self.prefix + name.strip(chr(39)))}]"
            if context == "secrets" and name is not None and self.secrets is not None:
                return self._secret(name, has_environment=has_environment)
            return None

        return replace_properties(text, replacement)

    def _secret(self, name: str, *, has_environment: bool) -> str | None:
        """Write a secret that the caller gives; one of the job's environment comes first."""
        plain = name.strip("'")
        if plain.lower() == "github_token":
            return None
        lower = {key.lower(): str(value) for key, value in (self.secrets or {}).items()}
        given = as_expression(lower.get(plain.lower(), ""))
        return f"(secrets.{plain} || {given})" if has_environment else given


def _move(
    job: Mapping[str, Any], names: _Names, first: str, *, has_environment: bool
) -> dict[str, Any]:
    """Let a job of a called workflow mean the same as a job of the caller."""
    moved: dict[str, Any] = {
        key: names.rewrite(value, has_environment=has_environment)
        for key, value in job.items()
        if key not in ("needs", "if", "steps", "permissions")
    }
    needs = job.get("needs") or []
    needed = [needs] if isinstance(needs, str) else list(needs)
    moved["needs"] = [*([first] if first else []), *(f"{names.prefix}{name}" for name in needed)]
    condition = job.get("if")
    if condition is not None:
        moved["if"] = _condition(condition, names)
        if first:
            moved["if"] = f"needs.{first}.result == 'success' && ({moved['if']})"
    if "steps" in job:
        moved["steps"] = [_move_step(step, names, has_environment) for step in job["steps"]]
    return moved


def _move_step(step: Mapping[str, Any], names: _Names, has_environment: bool) -> dict[str, Any]:
    moved: dict[str, Any] = names.rewrite(step, has_environment=has_environment)
    if "if" in step:
        moved["if"] = _condition(step["if"], names)
    return moved


def _condition(value: Any, names: _Names) -> str:
    """Write a condition without braces."""
    if not isinstance(value, str):
        return json_literal(value)
    text = value.strip()
    return names.expression(as_expression(text) if "${{" in text else text)


def _fill_in_cell(job: Mapping[str, Any], cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the values of a matrix into a call."""

    def replacement(context: str, name: str | None) -> str | None:
        if context != "matrix":
            return None
        if name is None:
            return json_literal(dict(cell))
        return json_literal(cell.get(name.strip("'"), ""))

    def fill_in(text: str) -> str:
        return map_expressions(text, lambda inner: replace_properties(inner, replacement))

    kept = {key: value for key, value in job.items() if key not in ("strategy", "if")}
    if "if" in job:
        return {**rewrite_values(kept, fill_in), "if": job["if"]}
    filled: Mapping[str, Any] = rewrite_values(kept, fill_in)
    return filled
