"""Find the action of a `uses:` on this machine, and the inputs that it has."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from dist_sandbox.rehearse.actions.containers import (
    ContainerAction,
    ContainerPlayer,
    play_container,
)
from dist_sandbox.rehearse.actions.references import ActionReference, UsesPlace, place_in
from dist_sandbox.rehearse.actions.replaced import (
    REPLACED,
    STAND_INS,
    STAND_INS_AT_REF,
    STAND_INS_REF,
    STAND_INS_REPOSITORY,
    find_stand_in,
    stand_in_path,
)
from dist_sandbox.rehearse.errors import (
    NotHereError,
    RehearsalError,
    WorkflowFileError,
    as_sentence,
)
from dist_sandbox.rehearse.workflows.files import parse_yaml

#: The repository whose actions are taken from a local tree.
DIST_ACTIONS = "eigenoid/dist-actions"

METADATA_NAMES = ("action.yml", "action.yaml")
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
        container: The container that the action is; None for others.
        note: What is added to the step's name.
        is_elsewhere: Whether the project does not have it: a step may write it or check it out.
    """

    uses: str
    repository: tuple[str, Path] | None
    inputs: Mapping[str, Mapping[str, Any]] = field(repr=False)
    container: ContainerAction | None = None
    note: str = ""
    is_elsewhere: bool = False

    @property
    def defaults(self) -> dict[str, str]:
        """Return each input with its default, which is empty where the metadata has none."""
        return {name: _text(details.get("default")) for name, details in self.inputs.items()}


def _text(value: Any) -> str:
    """Write a value of YAML as the runner passes it on."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@dataclass(frozen=True)
class ActionSources:
    """The actions that a rehearsal can run.

    Attributes:
        dist_actions: The exported tree of dist-actions.
        repositories: Others by `OWNER/NAME@REF`, each with its folder on this machine.
        checkout: Metadata files of actions inside the project, by folder (`./tools/x`).
        docker: Whether Docker actions can run.
        nested: What the steps of actions use, by `OWNER/NAME@REF`; act must find it, too.
        commits: The commit of each repository that was fetched.
        notices: What is unlike GitHub in these actions.
        bubblewrap: The program that plays Docker actions where there is no engine.
        programs: Folders that it needs, unless it is the system's.
        stand_ins: The repository of the rehearsal's own actions.
        obstacles: Why an action of a workflow cannot run here, by its `uses:`.
    """

    dist_actions: Path
    repositories: Mapping[str, Path] = field(default_factory=dict)
    checkout: Mapping[str, str] = field(default_factory=dict, repr=False)
    docker: bool = False
    nested: Mapping[str, Path] = field(default_factory=dict)
    commits: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    bubblewrap: str = ""
    programs: tuple[Path, ...] = ()
    stand_ins: Path = STAND_INS_REPOSITORY
    obstacles: Mapping[str, RehearsalError] = field(default_factory=dict, repr=False)

    @property
    def player(self) -> ContainerPlayer | None:
        """Return what turns a step that is a container into one that plays it; None for Docker."""
        return None if self.docker else partial(play_container, bubblewrap=self.bubblewrap)

    def find(self, path: str, uses: str) -> ActionSource:
        """Find the action of a step, by its `uses:`; messages name the workflow file at `path`.

        Raises:
            WorkflowFileError: The action, or its metadata, is not on this machine.
        """
        if uses.startswith("./"):
            return self._inside_checkout(uses)
        if uses.startswith("docker://"):
            return ActionSource(
                uses=uses, repository=None, inputs={}, container=ContainerAction("")
            )
        reference = ActionReference.parse(uses)
        if reference is None:
            problem = f"Expected format {{owner}}/{{repo}}[/path]@{{ref}}. Actual '{uses}'"
            raise WorkflowFileError.invalid(path, problem)
        root = find_repository(self.repositories, reference)
        if root is not None:
            repository = (reference.repository_at_ref, root)
            return _read_action(path, uses, repository, root / reference.folder)
        stand_in = find_stand_in(reference.action)
        if stand_in:
            return self.stand_in(stand_in)
        if reference.repository == DIST_ACTIONS:
            return self._of_dist_actions(path, uses, reference)
        raise MissingActionsError([place_in(path, uses)])

    def needs_engine(self, path: str, uses: str) -> bool:
        """Tell whether an action is a container that nothing could play here."""
        if self.docker or self.find(path, uses).container is None:
            return False
        return uses.startswith("docker://") or not self.bubblewrap

    def _of_dist_actions(self, path: str, uses: str, reference: ActionReference) -> ActionSource:
        """Find an action of dist-actions; one in a container runs on the host without --docker."""
        root, repository = self.dist_actions, reference.repository_at_ref
        folder = root / reference.folder
        action = _read_action(path, uses, (repository, root), folder)
        if action.container is None or self.docker:
            return action
        host_action = write_host_action(root, read_metadata(uses, folder) or {})
        uses = f"{DIST_ACTIONS}/{HOST_ACTION_FOLDER}@{reference.ref}"
        source = _read_action(path, uses, (repository, root), host_action)
        return replace(source, note=" on this machine")

    def stand_in(self, name: str) -> ActionSource:
        """Find one of the rehearsal's own actions, by its folder."""
        path = stand_in_path(name)
        uses = f"{STAND_INS}/{path}@{STAND_INS_REF}"
        repository = (STAND_INS_AT_REF, self.stand_ins)
        return _read_action(uses, uses, repository, self.stand_ins / path)

    def _inside_checkout(self, uses: str) -> ActionSource:
        metadata = self.checkout.get(uses.rstrip("/"))
        if metadata is None:
            return ActionSource(uses, None, {}, is_elsewhere=True)
        return _from_metadata(uses, None, parse_yaml(f"{uses}/action.yml", metadata), uses)


def find_repository(repositories: Mapping[str, Path], reference: ActionReference) -> Path | None:
    """Find the folder of a repository at a ref, or the one for any ref."""
    return repositories.get(reference.repository_at_ref) or repositories.get(reference.repository)


class MissingActionsError(NotHereError):
    """Actions are not on this machine; every one is named, and how it gets there."""

    def __init__(self, places: Sequence[UsesPlace]) -> None:
        self.places = tuple(places)
        names = dict.fromkeys(f"{row.uses} ({row.place})" for row in places)
        options = dict.fromkeys(f"--action {row.uses}=FOLDER" for row in places)
        subject = "an action" if len(names) == 1 else "actions"
        super().__init__(
            f"The rehearsal does not have {subject} that a workflow uses: {', '.join(names)}.",
            why="it brings dist-actions and stand-ins for what GitHub's own service does "
            f"({', '.join(REPLACED)}), and downloads nothing that you did not ask for.",
            fix="add --fetch-actions, which gets them from github.com with your git, or give local "
            f"copies with {' '.join(options)}.",
        )


def join_errors(errors: Sequence[RehearsalError]) -> RehearsalError:
    """Join errors of the same kind into one; what is missing is named together."""
    parts = [part for error in errors for part in error.parts or (error,)]
    missing = [row for row in parts if isinstance(row, MissingActionsError)]
    distinct = list({row.what: row for row in parts if row not in missing}.values())
    if missing:
        distinct.append(MissingActionsError([place for row in missing for place in row.places]))
    if len(distinct) == 1:
        return distinct[0]
    is_limit = all(isinstance(row, NotHereError) for row in parts)
    joined = (NotHereError if is_limit else WorkflowFileError)(
        _join(row.what for row in distinct),
        why=_join(row.why for row in distinct),
        fix=_join(row.fix for row in distinct),
    )
    joined.parts = tuple(distinct)
    return joined


def _join(texts: Iterable[str]) -> str:
    """Join sentences, each said once; the first may go on after a colon."""
    first, *others = dict.fromkeys(texts)
    return " ".join([f"{first.rstrip('.')}.", *map(as_sentence, others)])


def read_metadata(uses: str, folder: Path) -> Mapping[str, Any] | None:
    """Read an action's metadata file; None where there is none.

    An action that consists of a Dockerfile alone has no inputs.
    """
    for name in METADATA_NAMES:
        file = folder / name
        if file.is_file():
            metadata = parse_yaml(f"{uses}/{name}", file.read_text(encoding="utf-8"))
            return metadata if isinstance(metadata, dict) else {}
    if (folder / "Dockerfile").is_file():
        return {"runs": {"using": "docker", "image": "Dockerfile"}}
    return None


def _read_action(path: str, uses: str, repository: tuple[str, Path], folder: Path) -> ActionSource:
    metadata = read_metadata(uses, folder)
    if metadata is None:
        raise _no_metadata(path, uses)
    return _from_metadata(uses, repository, metadata, str(folder))


def _from_metadata(
    uses: str, repository: tuple[str, Path] | None, metadata: Mapping[str, Any], folder: str
) -> ActionSource:
    declared = metadata.get("inputs") or {}
    runs: Mapping[str, Any] = metadata.get("runs") or {}
    name, root = repository or ("", "")
    return ActionSource(
        uses=uses,
        repository=repository,
        inputs={str(name): details or {} for name, details in declared.items()},
        container=ContainerAction(folder, name.partition("@")[0], str(root), runs)
        if runs.get("using") == "docker"
        else None,
    )


def written_by_step(uses: str, reference: ActionReference, root: Path | None) -> ActionSource:
    """Describe an action that an earlier step of another action writes into the workspace.

    What it is will be known when it is there; the actions that do so write a Docker action.
    """
    container = ContainerAction(uses, reference.repository, str(root or ""))
    return ActionSource(uses=uses, repository=None, inputs={}, container=container)


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
