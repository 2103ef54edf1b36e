"""Find the action of a `uses:` on this machine, and the inputs that it has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.files import parse_yaml

#: The repository whose actions are taken from a local tree.
DIST_ACTIONS = "eigenoid/dist-actions"
#: Under which name act finds the stand-ins; it is no repository of GitHub.
STAND_INS = "dist-sandbox/stand-ins"
STAND_INS_REF = "v1"
STAND_INS_FOLDER = Path(__file__).parent / "stand_ins"

_REPLACED = {
    "actions/checkout": "checkout",
    "actions/setup-python": "setup-python",
    "actions/upload-artifact": "upload-artifact",
    "actions/download-artifact": "download-artifact",
    "astral-sh/setup-uv": "setup-uv",
    "pypa/cibuildwheel": "cibuildwheel",
    "PyO3/maturin-action": "maturin-action",
}

#: Where the root action for the host is written, below the exported tree.
HOST_ACTION_FOLDER = "rehearsal/publish"
_NOTICE = (
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


@dataclass(frozen=True)
class ActionSource:
    """An action that a step uses.

    Attributes:
        uses: The `uses:` of the compiled workflow.
        repository: `owner/name@ref` that act must find locally, and the folder that it is in;
            None for an action inside the checkout.
        inputs: The inputs that its metadata declares, each with its description.
        runs_in_docker: Whether the action itself is a container.
        note: What is added to the step's name.
    """

    uses: str
    repository: tuple[str, Path] | None
    inputs: Mapping[str, Mapping[str, Any]] = field(repr=False)
    runs_in_docker: bool = False
    note: str = ""


@dataclass(frozen=True)
class ActionSources:
    """The actions that a rehearsal can run.

    Attributes:
        dist_actions: The exported tree of dist-actions.
        extra: Further actions by `owner/name[/folder]@ref`, each with its folder on this machine.
        checkout: Metadata files of actions inside the project, by folder (`./tools/x`).
        docker: Whether Docker actions can run.
    """

    dist_actions: Path
    extra: Mapping[str, Path] = field(default_factory=dict)
    checkout: Mapping[str, str] = field(default_factory=dict, repr=False)
    docker: bool = False

    def find(self, path: str, uses: str) -> ActionSource:
        """Find the action of a step, by its `uses:`; messages name the workflow file at `path`.

        Raises:
            WorkflowFileError: The action, or its metadata, is not on this machine.
        """
        if uses.startswith("./"):
            return self._inside_checkout(path, uses)
        if uses.startswith("docker://"):
            return ActionSource(uses=uses, repository=None, inputs={}, runs_in_docker=True)
        action, _, ref = uses.partition("@")
        if not ref or action.count("/") < 1:
            problem = f"Expected format {{owner}}/{{repo}}[/path]@{{ref}}. Actual '{uses}'"
            raise WorkflowFileError.invalid(path, problem)
        owner, name, *folders = action.split("/")
        owner_name, folder = f"{owner}/{name}", "/".join(folders)
        if uses in self.extra or f"{owner_name}@{ref}" in self.extra:
            root = self.extra.get(f"{owner_name}@{ref}") or self.extra[uses]
            return _read_action(path, uses, (f"{owner_name}@{ref}", root), root / folder)
        if action in _REPLACED:
            return self.stand_in(_REPLACED[action])
        if owner_name == DIST_ACTIONS:
            return self._of_dist_actions(path, uses, folder, ref)
        raise WorkflowFileError(
            f"{path} uses {uses}, which the rehearsal does not have.",
            why="a rehearsal downloads no action; it brings dist-actions and stand-ins for "
            f"{', '.join(_REPLACED)}.",
            fix=f"give it a local copy with --action {uses}=FOLDER.",
        )

    def _of_dist_actions(self, path: str, uses: str, folder: str, ref: str) -> ActionSource:
        """Find an action of dist-actions; one in a container runs on the host without --docker."""
        root, repository = self.dist_actions, f"{DIST_ACTIONS}@{ref}"
        action = _read_action(path, uses, (repository, root), root / folder)
        if not action.runs_in_docker or self.docker:
            return action
        metadata = parse_yaml(uses, (root / folder / "action.yml").read_text(encoding="utf-8"))
        host_action = write_host_action(root, metadata)
        uses = f"{DIST_ACTIONS}/{HOST_ACTION_FOLDER}@{ref}"
        source = _read_action(path, uses, (repository, root), host_action)
        return replace(source, note=" on this machine")

    def stand_in(self, name: str) -> ActionSource:
        """Find one of the rehearsal's own actions, by its folder."""
        uses = f"{STAND_INS}/{name}@{STAND_INS_REF}"
        repository = (f"{STAND_INS}@{STAND_INS_REF}", STAND_INS_FOLDER)
        return _read_action(uses, uses, repository, STAND_INS_FOLDER / name)

    def _inside_checkout(self, path: str, uses: str) -> ActionSource:
        metadata = self.checkout.get(uses.rstrip("/"))
        if metadata is None:
            raise _no_metadata(path, uses)
        return _from_metadata(uses, None, parse_yaml(f"{uses}/action.yml", metadata))


def _read_action(path: str, uses: str, repository: tuple[str, Path], folder: Path) -> ActionSource:
    for name in ("action.yml", "action.yaml"):
        file = folder / name
        if file.is_file():
            metadata = parse_yaml(f"{uses}/{name}", file.read_text(encoding="utf-8"))
            return _from_metadata(uses, repository, metadata)
    raise _no_metadata(path, uses)


def _from_metadata(
    uses: str, repository: tuple[str, Path] | None, metadata: Mapping[str, Any]
) -> ActionSource:
    declared = metadata.get("inputs") or {}
    runs: Mapping[str, Any] = metadata.get("runs") or {}
    return ActionSource(
        uses=uses,
        repository=repository,
        inputs={str(name): details or {} for name, details in declared.items()},
        runs_in_docker=runs.get("using") == "docker",
    )


def _no_metadata(path: str, uses: str) -> WorkflowFileError:
    return WorkflowFileError.invalid(
        path, f"Can't find 'action.yml', 'action.yaml' or 'Dockerfile' for action '{uses}'."
    )


def write_host_action(tree: Path, metadata: Mapping[str, Any]) -> Path:
    """Write a composite action that runs the root action without a container, unless it exists.

    It is generated from the root action's own metadata, so that every input and output is passed
    on. The tree is the exported one of dist-actions.

    Returns:
        Its folder.
    """
    folder = tree / HOST_ACTION_FOLDER
    if not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / "main.py").write_text(_MAIN, encoding="utf-8")
        text = json.dumps(composite(metadata), indent=1)  # JSON is YAML
        (folder / "action.yml").write_text(text, encoding="utf-8")
    return folder


def composite(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Make a composite action with the inputs and outputs of a Docker action.

    The runner gives a Docker action its inputs as `INPUT_…` variables; a composite action must
    set them itself.
    """
    inputs: Mapping[str, Any] = metadata.get("inputs") or {}
    outputs: Mapping[str, Any] = metadata.get("outputs") or {}
    step = {
        "id": "publish",
        "shell": "bash",
        "env": {_variable(name): f"${{{{ inputs.{name} }}}}" for name in inputs},
        "run": f'echo "::notice title=rehearsal::{_NOTICE}"\n'
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
