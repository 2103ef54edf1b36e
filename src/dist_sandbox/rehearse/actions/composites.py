"""Rewrite a composite action of others for act: tokens, defaults, containers. It is pure.

The action does what its author wrote. act has one token for all jobs, so the job's own is handed
down by an input of its own; and a step that is a container becomes one that plays it, where there
is no engine.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dist_sandbox.rehearse.actions.containers import ContainerPlayer
from dist_sandbox.rehearse.actions.sources import ActionSource
from dist_sandbox.rehearse.workflows.expressions import (
    Contexts,
    map_expressions,
    rewrite,
    rewrite_values,
)

#: The input by which a composite action gets the token of its job.
TOKEN_INPUT = "rehearsal-job-token"  # noqa: S105 - its name
_JOB_TOKEN = Contexts(variables="vars", secret_names=None, job_token=f"inputs['{TOKEN_INPUT}']")

#: From a step's `uses:` to the action.
FindAction = Callable[[str], ActionSource]


def is_composite(metadata: Mapping[str, Any]) -> bool:
    """Tell whether an action consists of steps."""
    return (metadata.get("runs") or {}).get("using") == "composite"


def rewrite_composite(
    metadata: Mapping[str, Any], find: FindAction, player: ContainerPlayer | None
) -> dict[str, Any]:
    """Let the steps of a composite action, and the actions that they use, have the job's token.

    Containers are played by the `player`, if there is one.
    """
    token = {"description": "Token of the job.", "default": "${{ github.token }}"}
    steps = [_rewrite_step(step, find, player) for step in metadata["runs"].get("steps") or []]
    outputs = rewrite_tokens(metadata.get("outputs") or {})
    return {
        **metadata,
        "inputs": {**(metadata.get("inputs") or {}), TOKEN_INPUT: token},
        "outputs": outputs,
        "runs": {**metadata["runs"], "steps": steps},
    }


def rewrite_tokens(value: Any) -> Any:
    """Replace `github.token` in every expression by the token that was handed down."""
    return rewrite_values(
        value, lambda text: map_expressions(text, lambda inner: rewrite(inner, _JOB_TOKEN))
    )


def _rewrite_step(
    step: Mapping[str, Any], find: FindAction, player: ContainerPlayer | None
) -> dict[str, Any]:
    rewritten: dict[str, Any] = rewrite_tokens(step)
    condition = step.get("if")
    if isinstance(condition, str) and "${{" not in condition:
        rewritten["if"] = rewrite(condition, _JOB_TOKEN)
    if "uses" not in step:
        return rewritten
    source = find(str(step["uses"]))
    inputs = rewritten.get("with") or {}
    if source.container is not None and player is not None:
        return player(rewritten, source.container, {**rewrite_tokens(source.defaults), **inputs})
    tokens = {
        name: rewrite_tokens(default)
        for name, default in source.defaults.items()
        if "github.token" in default and name not in inputs
    }
    inputs = {**tokens, **inputs}
    return {**rewritten, **({"with": inputs} if inputs else {})}
