"""Bring the actions of others onto this machine, with all that their own steps use."""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dist_sandbox.rehearse.actions.composites import is_composite, rewrite_composite
from dist_sandbox.rehearse.actions.machine import Machine, describe_node
from dist_sandbox.rehearse.actions.references import ActionReference, UsesPlace, nested_uses
from dist_sandbox.rehearse.actions.replaced import (
    STAND_INS_REPOSITORY,
    find_stand_in,
    write_replacement,
)
from dist_sandbox.rehearse.actions.repositories import ActionRepositories
from dist_sandbox.rehearse.actions.sources import (
    DIST_ACTIONS,
    METADATA_NAMES,
    ActionSource,
    ActionSources,
    MissingActionsError,
    find_repository,
    read_metadata,
    written_by_step,
)
from dist_sandbox.rehearse.errors import RehearsalError, ToolError, WorkflowFileError
from dist_sandbox.rehearse.workflows.files import parse_yaml


@dataclass
class ActionLibrary:
    """The actions of a rehearsal, each brought once.

    Attributes:
        dist_actions: The exported tree of dist-actions.
        folder: Where copies are written; it ends with the rehearsal.
        given: The user's own copies, by `OWNER/NAME@REF` or `OWNER/NAME`.
        fetched: Where others are fetched from; None where nothing may be fetched.
        machine: What this machine has for them.
        stand_ins: The repository of the rehearsal's own actions.
        commits: The commit of each repository that was fetched, by `OWNER/NAME@REF`.
    """

    dist_actions: Path
    folder: Path
    given: Mapping[str, Path] = field(default_factory=dict)
    fetched: ActionRepositories | None = None
    machine: Machine = field(default_factory=Machine)
    stand_ins: Path = STAND_INS_REPOSITORY
    commits: dict[str, str] = field(default_factory=dict)
    _trees: dict[str, Path | None] = field(default_factory=dict)
    _rewritten: set[Path] = field(default_factory=set)

    def gather(
        self, places: Iterable[UsesPlace], action_files: Mapping[str, str], *, docker: bool
    ) -> ActionSources:
        """Bring every action that is used, and what those use in turn, as far as that is possible.

        Args:
            action_files: Metadata of the actions inside the project, by folder (`./tools/x`).
            docker: Whether there is a container engine.
        """
        search = _Search(self, action_files)
        for place in places:
            search.bring(place)
        sources = ActionSources(
            self.dist_actions,
            {**self.given, **search.trees},
            action_files,
            docker,
            nested=search.nested,
            bubblewrap=self.machine.bubblewrap,
            programs=self.machine.programs,
            commits={name: self.commits[name] for name in search.trees if name in self.commits},
            notices=(*dict.fromkeys(search.notices), *self._moves()),
            stand_ins=self.stand_ins,
            obstacles=search.obstacles,
        )
        for row in search.composites:
            self._rewrite(row, sources)
        return sources

    def _moves(self) -> Iterator[str]:
        """Say which refs of actions have moved since they were fetched before."""
        for name, (before, after) in (self.fetched.moved if self.fetched else {}).items():
            yield f"{name} has moved from {before} to {after} since it was fetched before."

    def tree(self, reference: ActionReference, place: str) -> Path | None:
        """Return a copy of a repository at a ref; None where it may not be fetched."""
        name = reference.repository_at_ref
        if reference.repository == DIST_ACTIONS and find_repository(self.given, reference) is None:
            return self.dist_actions
        if name not in self._trees:
            self._trees[name] = self._bring(reference, place)
        return self._trees[name]

    def replacement(self, repository: str) -> Path:
        """Return the repository whose actions are stand-ins."""
        return write_replacement(repository, self.folder / "stand-ins" / repository)

    def _bring(self, reference: ActionReference, place: str) -> Path | None:
        target = self.folder / reference.repository / reference.ref.replace("/", "+")
        own = find_repository(self.given, reference)
        if own is not None:
            shutil.copytree(own, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            return target
        if self.fetched is None:
            return None
        commit = self.fetched.resolve(reference.repository, reference.ref, place)
        self.fetched.export(reference.repository, commit, target)
        self.commits[reference.repository_at_ref] = commit
        return target

    def _rewrite(self, composite: "_Composite", sources: ActionSources) -> None:
        """Rewrite the metadata file of a composite action, once."""
        folder = composite.folder
        if folder is None or folder in self._rewritten:
            return
        self._rewritten.add(folder)

        reference = ActionReference.parse(composite.uses)
        assert reference is not None  # noqa: S101 - it has a folder, so it was brought

        def find(uses: str) -> ActionSource:
            if uses.startswith("./") and uses.rstrip("/") not in sources.checkout:
                return written_by_step(uses, reference, self.tree(reference, composite.uses))
            return sources.find(composite.uses, uses)

        try:
            metadata = rewrite_composite(composite.metadata, find, sources.player)
        except ValueError as error:
            raise WorkflowFileError.invalid(f"{composite.uses}/action.yml", str(error)) from error
        for name in METADATA_NAMES:
            (folder / name).unlink(missing_ok=True)
        text = json.dumps(metadata, indent=1, default=str, ensure_ascii=False)  # JSON is YAML
        (folder / METADATA_NAMES[0]).write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class _Composite:
    """An action whose steps may use others.

    Attributes:
        folder: Its folder in a copy that may be rewritten, if it is a composite action in one.
    """

    uses: str
    folder: Path | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass
class _Search:
    """One walk over actions and the actions that these use."""

    library: ActionLibrary
    action_files: Mapping[str, str]
    trees: dict[str, Path] = field(default_factory=dict)
    nested: dict[str, Path] = field(default_factory=dict)
    obstacles: dict[str, RehearsalError] = field(default_factory=dict)
    composites: list[_Composite] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _missing: dict[str, UsesPlace] = field(default_factory=dict)
    _brought: list[_Composite] = field(default_factory=list)
    _seen: set[tuple[str, bool]] = field(default_factory=set)

    def bring(self, place: UsesPlace) -> None:
        """Bring an action of a workflow with all that it uses, or note what stands in the way."""
        if place.uses in self.obstacles:
            return
        self._seen, self._missing, self._brought = set(), {}, []
        try:
            self.visit(place)
        except (WorkflowFileError, ToolError) as error:
            self.obstacles[place.uses] = error
        if self._missing:
            self.obstacles[place.uses] = MissingActionsError(list(self._missing.values()))
        if place.uses not in self.obstacles:
            self.composites += self._brought

    def visit(self, place: UsesPlace, *, is_nested: bool = False) -> None:
        """Bring an action and then what its steps use; each is met once."""
        if (place.uses, is_nested) in self._seen:
            return
        self._seen.add((place.uses, is_nested))
        composite = self._look_at(place, is_nested=is_nested)
        for uses in nested_uses(composite.metadata):
            self.visit(UsesPlace(uses, f"{place.uses}, {place.place}"), is_nested=True)
        if composite.folder is not None:
            self._brought.append(composite)

    def _look_at(self, place: UsesPlace, *, is_nested: bool) -> "_Composite":
        """Bring one action, and return its steps; none where nothing follows from it."""
        uses = place.uses
        if uses.startswith("./"):
            text = self.action_files.get(uses.rstrip("/"))
            metadata = parse_yaml(f"{uses}/action.yml", text) if text else {}
            return _Composite(uses, None, metadata if isinstance(metadata, dict) else {})
        reference = ActionReference.parse(uses)
        if reference is None:
            return _Composite(uses)
        tree = self._own_tree(reference) or self.library.tree(reference, place.place)
        if tree is None:
            self._missing[uses] = place
            return _Composite(uses)
        if is_nested:
            self.nested[reference.repository_at_ref] = tree
        if self._own_tree(reference):
            return _Composite(uses)
        self.trees[reference.repository_at_ref] = tree
        return self._read(place, tree / reference.folder)

    def _own_tree(self, reference: ActionReference) -> Path | None:
        """Return the repository of an action that the rehearsal brings; None for others."""
        if find_repository(self.library.given, reference) is not None:
            return None
        if find_stand_in(reference.action):
            return self.library.replacement(reference.repository)
        return self.library.dist_actions if reference.repository == DIST_ACTIONS else None

    def _read(self, place: UsesPlace, folder: Path) -> "_Composite":
        metadata = read_metadata(place.uses, folder) or {}
        notice = describe_node(place, metadata, self.library.machine.node_version)
        if notice:
            self.notices.append(notice)
        return _Composite(place.uses, folder if is_composite(metadata) else None, metadata)
