"""Decides for every file whether it is uploaded, before the first one is; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dist_actions.distributions import Distribution
from dist_actions.errors import UploadError

Action = Literal["upload", "identical", "conflict"]


@dataclass(frozen=True)
class FilePlan:
    """What to do with one file.

    Attributes:
        sha256: Of our bytes.
        present_sha256: Of the bytes that the index holds under this name; None where it has none.
    """

    name: str
    sha256: str
    present_sha256: str | None

    @property
    def action(self) -> Action:
        """`upload`, or `identical` (nothing to do), or `conflict` (the run is refused)."""
        if self.present_sha256 is None:
            return "upload"
        return "identical" if self.present_sha256 == self.sha256 else "conflict"


@dataclass(frozen=True)
class IndexPlan:
    """What to do with one index."""

    label: str
    files: tuple[FilePlan, ...]

    def with_action(self, action: Action) -> tuple[FilePlan, ...]:
        """The files with this action."""
        return tuple(file for file in self.files if file.action == action)


def plan_index(
    label: str, distributions: Sequence[Distribution], present: Mapping[str, str]
) -> IndexPlan:
    """Compare our files with an index's.

    Args:
        label: How messages name the index.
        distributions: Our files.
        present: sha256 by file name, of those of our files that the index has.
    """
    return IndexPlan(
        label,
        tuple(FilePlan(dist.name, dist.sha256, present.get(dist.name)) for dist in distributions),
    )


def refuse_conflicts(plans: Sequence[IndexPlan]) -> None:
    """Stop before anything is uploaded anywhere where an index holds other bytes.

    Raises:
        UploadError: One does; both digests are shown.
    """
    conflicts = [(plan.label, file) for plan in plans for file in plan.with_action("conflict")]
    if not conflicts:
        return
    listed = "; ".join(
        f"{label} holds {file.name} with sha256 {file.present_sha256}, ours has {file.sha256}"
        for label, file in conflicts
    )
    raise UploadError(
        f"An index holds other bytes under the same name: {listed}.",
        why="this version was published before from another build, and indexes never replace "
        "a file.",
        fix="raise the version; or, to finish an interrupted release, run its failed jobs again "
        "without building again.",
        anchor="conflict",
    )
