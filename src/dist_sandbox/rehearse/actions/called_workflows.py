"""Find the reusable workflows that jobs call: in the project itself, or in other repositories."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.rehearse.actions.library import ActionLibrary
from dist_sandbox.rehearse.actions.references import ActionReference, place_of
from dist_sandbox.rehearse.actions.sources import MissingActionsError
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.calls import CalledWorkflow
from dist_sandbox.rehearse.workflows.files import Workflow, is_workflow_path, read_workflow

_COMMIT = re.compile(r"[0-9a-f]{40}")
_VERSION = re.compile(r"v?\d")


@dataclass(frozen=True)
class WorkflowFinder:
    """Finds the workflows that the files of one commit call.

    Attributes:
        library: Brings other repositories.
        read: Reads a file of the commit by its path; None where there is none.
        repository: `OWNER/NAME` of the files.
        ref: The ref of the commit, as an ID token names it.
        sha: The commit.
        check: Refuses a file that GitHub's schema does not allow.
    """

    library: ActionLibrary
    read: Callable[[str], str | None]
    repository: str
    ref: str
    sha: str
    check: Callable[[Workflow], None] = field(repr=False)

    def find(self, uses: str, caller: Workflow) -> CalledWorkflow:
        """Find the workflow that a job of `caller` uses.

        Raises:
            WorkflowFileError: There is none, or its repository is not on this machine.
        """
        if uses.startswith("./"):
            return self._read(uses, uses.removeprefix("./"), caller)
        reference = ActionReference.parse(uses)
        if reference is None or not is_workflow_path(reference.folder):
            problem = (
                f'the reference "{uses}" is no workflow: OWNER/NAME/.github/workflows/FILE@REF'
            )
            raise WorkflowFileError.invalid(caller.path, problem)
        place = place_of(caller, uses)
        tree = self.library.tree(reference, place.place)
        if tree is None:
            raise MissingActionsError([place])
        other = WorkflowFinder(
            self.library,
            lambda path: _read_file(tree, path),
            reference.repository,
            _full_ref(reference.ref),
            self.library.commits.get(reference.repository_at_ref, ""),
            self.check,
        )
        return other._read(uses, reference.folder, caller)

    def _read(self, uses: str, path: str, caller: Workflow) -> CalledWorkflow:
        text = self.read(path) if is_workflow_path(path) else None
        if text is None:
            problem = f'error parsing called workflow "{uses}": workflow was not found.'
            raise WorkflowFileError.invalid(caller.path, problem)
        workflow = read_workflow(path, text)
        self.check(workflow)
        ref = f"{self.repository}/{path}@{self.ref}"
        return CalledWorkflow(workflow, ref, self.sha, self.find)


def read_from(files: Mapping[str, str]) -> Callable[[str], str | None]:
    """Return a reader of the project's files, which are kept by `./PATH`."""
    return lambda path: files.get(f"./{path}")


def _read_file(tree: Path, path: str) -> str | None:
    file = tree / path
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _full_ref(ref: str) -> str:
    """Name a ref in full; one that looks like a version is taken for a tag."""
    if _COMMIT.fullmatch(ref):
        return ref
    return f"refs/{'tags' if _VERSION.match(ref) else 'heads'}/{ref}"
