"""Add a gate to a job whose environment may let it wait.

act starts every job at once. The first step of such a job therefore waits in its place, and what
GitHub would hand out after the approval becomes outputs of that step: before it, the job's token,
its ID token request and its secrets are nowhere in act. It is pure.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dist_actions.repository_settings.workflow_jobs import environment_name
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.runs.result import Step

#: The step that waits; its outputs are the job's credentials and secrets.
GATE_ID = "dist-sandbox-gate"
#: Expression that replaces `secrets` in such a job.
HOLDER = f"steps.{GATE_ID}.outputs"
_EXPORT_NAME = "Set the job's variables"
#: Sets what the job's `env:` takes from secrets, for the steps that follow.
_EXPORT = """\
for name in $DIST_SANDBOX_EXPORTED; do
  end="end-$RANDOM-$RANDOM-$RANDOM"
  printf '%s<<%s\\n%s\\n%s\\n' "$name" "$end" "${!name}" "$end" >> "$GITHUB_ENV"
done
"""
#: Keys of a job that are evaluated while or after its steps run.
_LATE = frozenset({"steps", "env", "outputs"})


def is_gated(job: Mapping[str, Any], protected: frozenset[str]) -> bool:
    """Tell whether a job's environment is, or may turn out to be, one of these in lower case."""
    name = environment_name(job)
    if not name or not protected:
        return False
    return "${{" in name or name.lower() in protected


def add_gate(
    job: Mapping[str, Any], *, path: str, job_id: str, environment: str, uses: str
) -> dict[str, Any]:
    """Add the gate, a step that `uses` an action, to a compiled job.

    The job takes its credentials from `HOLDER`; its `environment` is an expression.

    Raises:
        WorkflowFileError: A secret is needed before any step runs.
    """
    early = [key for key in job if key not in _LATE and HOLDER in json.dumps(job[key])]
    if early:
        part = f"`{early[0]}` with a secret in job {job_id}, whose environment has reviewers"
        raise WorkflowFileError.unsupported(path, part)
    env = dict(job.get("env") or {})
    exported = {name: env.pop(name) for name in list(env) if HOLDER in str(env[name])}
    first: list[dict[str, Any]] = [
        {
            "name": "Wait for the environment",
            "id": GATE_ID,
            "uses": uses,
            "with": {"job": job_id, "environment": f"${{{{ {environment} }}}}"},
        }
    ]
    if exported:
        first.append(_export_step(exported))
    steps = [_guarded(step) for step in job["steps"]]
    return {**job, "env": env, "steps": [*first, *steps]}


def count_added_steps(steps: Sequence[Step]) -> int:
    """Count the steps that were put before those of the job."""
    gated = any(step.id == GATE_ID for step in steps)
    return gated + any(step.name == _EXPORT_NAME for step in steps[1:2] if gated)


def _export_step(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": _EXPORT_NAME,
        "shell": "bash",
        "working-directory": ".",
        "env": {**values, "DIST_SANDBOX_EXPORTED": " ".join(values)},
        "run": _EXPORT,
    }


def _guarded(step: Mapping[str, Any]) -> dict[str, Any]:
    """Let a step run only after the approval, even one with `if: always()`."""
    if "if" not in step:
        return dict(step)
    condition = str(step["if"]).strip()
    if condition.startswith("${{") and condition.endswith("}}"):
        condition = condition[3:-2].strip()
    return {**step, "if": f"steps.{GATE_ID}.outcome == 'success' && ({condition})"}
