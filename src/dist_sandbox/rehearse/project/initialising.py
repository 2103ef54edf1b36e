"""Choose what becomes of a project's own workflows where the starters are set up beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_sandbox.rehearse.errors import UsageError, WorkflowFileError
from dist_sandbox.rehearse.publishing.publications import ProjectSources
from dist_sandbox.rehearse.publishing.scripts import TextReader
from dist_sandbox.rehearse.publishing.selection import find_leading
from dist_sandbox.rehearse.workflows.files import Workflow, read_workflow


@dataclass(frozen=True)
class OwnWorkflows:
    """The workflows of a project that are not the starters.

    Attributes:
        kept: Paths of those that publish nothing; they stay, and do not run.
        replaced: Those in whose place the starters come, by path, each with the reason.
    """

    kept: tuple[str, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)

    @property
    def description(self) -> str:
        """Name them, in one line; empty where there are none."""
        parts = []
        if self.replaced:
            rows = [f"{_name(path)} ({reason})" for path, reason in self.replaced.items()]
            parts.append(f"The starters take the place of {', '.join(rows)}.")
        if self.kept:
            parts.append(f"Kept: {', '.join(map(_name, self.kept))}.")
        return " ".join(parts)


def sort_workflows(folder: Path, paths: Iterable[str], read_text: TextReader) -> OwnWorkflows:
    """Tell which workflows stay where a project is set up anew.

    Args:
        folder: The project's copy.
        paths: Those of its workflows that are not the starters, below it.
    """
    replaced: dict[str, str] = {}
    workflows: list[Workflow] = []
    for path in paths:
        try:
            workflows.append(read_workflow(path, (folder / path).read_text(encoding="utf-8")))
        except (WorkflowFileError, UnicodeDecodeError):
            replaced[path] = "GitHub could not read it"
    leading = find_leading(ProjectSources(tuple(workflows), read_text))
    replaced |= dict.fromkeys(sorted(leading), "it publishes, tags or releases")
    kept = tuple(flow.path for flow in workflows if flow.path not in leading)
    return OwnWorkflows(kept, replaced)


def refuse_unconfirmed(own: OwnWorkflows, *, asked: bool) -> UsageError:
    """Make the error where nobody agrees that workflows are replaced."""
    return UsageError(
        f"The project has workflows that --init sets aside. {own.description}",
        why="you said no." if asked else "there is no terminal to ask you.",
        fix="add --yes to rehearse the starters in their place, in a copy; or leave --init out to "
        "rehearse these workflows.",
    )


def _name(path: str) -> str:
    return path.rpartition("/")[2]
