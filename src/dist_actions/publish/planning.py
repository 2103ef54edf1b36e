"""Decide for every file whether it is uploaded, before the first one is; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dist_actions.distributions.files import Distribution
from dist_actions.errors import UploadError

Action = Literal["upload", "identical", "conflict", "unknown"]


@dataclass(frozen=True)
class FilePlan:
    """What to do with one file of ours.

    `present` tells whether the index holds a file of this name; `present_sha256` is None where
    nothing tells the digest of that one.
    """

    name: str
    sha256: str
    present: bool = False
    present_sha256: str | None = None

    @property
    def action(self) -> Action:
        """Name what follows: two actions are fine, and two refuse the run.

        `upload`; `identical` (nothing to do); `conflict` (other bytes); `unknown` (a file of
        which nothing tells whether it has other bytes).
        """
        if not self.present:
            return "upload"
        if self.present_sha256 is None:
            return "unknown"
        return "identical" if self.present_sha256 == self.sha256 else "conflict"


@dataclass(frozen=True)
class IndexPlan:
    """What to do with one index; the first upload creates a new project there."""

    label: str
    files: tuple[FilePlan, ...]
    new_project: bool = False

    @property
    def uploads(self) -> tuple[FilePlan, ...]:
        """List the files that the index lacks."""
        return self.with_action("upload")

    def with_action(self, action: Action) -> tuple[FilePlan, ...]:
        """List the files with this action."""
        return tuple(file for file in self.files if file.action == action)


def plan_index(
    label: str, distributions: Sequence[Distribution], present: Mapping[str, str | None] | None
) -> IndexPlan:
    """Compare our files with an index's.

    Args:
        present: sha256 by file name, of those of our files that the index has; None where
            nothing tells it. None in place of all where the project is not there.
    """
    digests = present or {}
    files = tuple(
        FilePlan(dist.name, dist.sha256, dist.name in digests, digests.get(dist.name))
        for dist in distributions
    )
    return IndexPlan(label, files, new_project=present is None)


def refuse_conflicts(plans: Sequence[IndexPlan]) -> None:
    """Stop before any upload where an index holds, or may hold, other bytes.

    Raises:
        UploadError: One does, and both digests are shown; or nothing tells whether one does.
    """
    _refuse_unknown(plans)
    conflicts = [(plan.label, file) for plan in plans for file in plan.with_action("conflict")]
    if conflicts:
        raise _conflicting_bytes(conflicts)


def _conflicting_bytes(conflicts: Sequence[tuple[str, FilePlan]]) -> UploadError:
    differences = "; ".join(
        f"{label} holds {file.name} with sha256 {file.present_sha256}, ours has {file.sha256}"
        for label, file in conflicts
    )
    return UploadError(
        f"An index holds other bytes under the same name: {differences}.",
        why="this version was published before from another build, and indexes never replace "
        "a file.",
        fix="raise the version; or, to finish an interrupted release, run its failed jobs again "
        "without building again.",
        anchor="conflict",
    )


def _refuse_unknown(plans: Sequence[IndexPlan]) -> None:
    unknown = [
        f"{plan.label} holds {file.name}" for plan in plans for file in plan.with_action("unknown")
    ]
    if unknown:
        raise UploadError(
            f"{'; '.join(unknown)}, and nothing tells with which bytes.",
            why="its page has no sha256, and the file itself cannot be read with these "
            "credentials.",
            fix="let the account read files there: in Artifact Registry "
            "roles/artifactregistry.reader; elsewhere an index-url whose files can be downloaded.",
            anchor="unknown-bytes",
        )


def describe_plan(plan: IndexPlan) -> str:
    """Describe in one line what is to be done with an index."""
    uploads, identical = plan.with_action("upload"), plan.with_action("identical")
    return f"{plan.label}: {len(uploads)} to upload, {len(identical)} there already"
