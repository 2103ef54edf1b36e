"""Turn the step of a Docker action into one that plays it on this machine. It is pure.

The player (`stand_ins/rehearsal/container`) reads the action's Dockerfile and runs the action's own
scripts. It is told everything by variables of the step.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER

_PLAYER = STAND_INS_FOLDER / "rehearsal" / "container" / "play.py"
#: Keys of a step that stay; `uses` and `with` are played.
_KEPT = frozenset({"id", "name", "if", "env", "continue-on-error", "timeout-minutes"})

#: From a step, its action and the action's inputs to the step that plays it.
ContainerPlayer = Callable[
    [Mapping[str, Any], "ContainerAction", Mapping[str, Any]], dict[str, Any]
]


@dataclass(frozen=True)
class ContainerAction:
    """A Docker action.

    Attributes:
        folder: Its folder on this machine; relative to the workspace where it begins with `./`.
        repository: `OWNER/NAME` of the action, whose published image is that of its Dockerfile.
        root: The repository's folder on this machine.
        runs: Its metadata below `runs`; empty where a step writes them while the job runs.
    """

    folder: str
    repository: str = ""
    root: str = ""
    runs: Mapping[str, Any] = field(default_factory=dict, repr=False)


def play_container(
    step: Mapping[str, Any],
    action: ContainerAction,
    inputs: Mapping[str, Any],
    *,
    bubblewrap: str,
) -> dict[str, Any]:
    """Write the step that plays a Docker action.

    Args:
        step: The step that uses it.
        action: The action.
        inputs: The values of its inputs, those of the step and the defaults.
        bubblewrap: The program that keeps what is played away from this machine's files.
    """
    values = {name: value for name, value in inputs.items() if name not in ("args", "entrypoint")}
    names = {f"DIST_SANDBOX_INPUT_{number}": name for number, name in enumerate(values)}
    told = {
        "folder": action.folder,
        "repository": action.repository,
        "root": action.root,
        "runs": dict(action.runs),
        "inputs": names,
        "bubblewrap": bubblewrap,
    }
    overrides = {
        f"DIST_SANDBOX_{name.upper()}": inputs[name]
        for name in ("args", "entrypoint")
        if name in inputs
    }
    return {
        **{key: value for key, value in step.items() if key in _KEPT},
        "shell": "bash",
        "working-directory": ".",
        "env": {
            **(step.get("env") or {}),
            "DIST_SANDBOX_ACTION": _without_expressions(json.dumps(told)),
            **{variable: values[name] for variable, name in names.items()},
            **overrides,
        },
        "run": f'python3 -I "{_PLAYER}"',
    }


def _without_expressions(text: str) -> str:
    """Keep act from evaluating expressions inside JSON; the player reads them as they were."""
    return text.replace("${{", "\\u0024{{")
