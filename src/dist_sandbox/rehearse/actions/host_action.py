"""Run the root action without a container: the same entrypoint in the same locked environment.

Docker actions need an engine. Where there is none, a composite action replaces this one; it is
generated from the action's own metadata, so that every input and output is passed on.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Where it is written, below the exported tree; no action has this name.
FOLDER = "rehearsal/publish"
NOTICE = (
    "There is no container engine (--docker), so the action runs on this machine: the same "
    "entrypoint, with the requirements of its image."
)

_MAIN = '''\
"""Entrypoint of the publish action in a rehearsal without containers."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from dist_actions.bootstrap import start

sys.exit(start("publish"))
'''


def write_host_action(tree: Path, metadata: Mapping[str, Any]) -> Path:
    """Write the composite action, unless it exists.

    Args:
        tree: The exported tree of dist-actions.
        metadata: Content of the root `action.yml`.

    Returns:
        Its folder.
    """
    folder = tree / FOLDER
    if not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / "main.py").write_text(_MAIN, encoding="utf-8")
        text = json.dumps(composite(metadata), indent=1)  # JSON is YAML
        (folder / "action.yml").write_text(text, encoding="utf-8")
    return folder


def composite(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Make a composite action with the inputs and outputs of a Docker action.

    The runner gives a Docker action its inputs as `INPUT_…` variables; a composite action has to
    say so.
    """
    inputs: Mapping[str, Any] = metadata.get("inputs") or {}
    outputs: Mapping[str, Any] = metadata.get("outputs") or {}
    step = {
        "id": "publish",
        "shell": "bash",
        "env": {_variable(name): f"${{{{ inputs.{name} }}}}" for name in inputs},
        "run": f'echo "::notice title=rehearsal::{NOTICE}"\n'
        'exec python3 -I "$GITHUB_ACTION_PATH/main.py"\n',
    }
    return {
        "name": metadata.get("name", "publish"),
        "description": metadata.get("description", ""),
        "inputs": dict(inputs),
        "outputs": {
            name: {**details, "value": f"${{{{ steps.publish.outputs.{name} }}}}"}
            for name, details in outputs.items()
        },
        "runs": {"using": "composite", "steps": [step]},
    }


def _variable(name: str) -> str:
    return "INPUT_" + name.upper().replace("-", "_")
