"""Read what `uses:` names: an action, its folder and its ref. It is pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dist_sandbox.rehearse.workflows.files import Workflow

_FORM = re.compile(r"([\w.-]+/[\w.-]+)((?:/[^/@]+)*)@(.+)")


@dataclass(frozen=True)
class ActionReference:
    """An action, or a reusable workflow, in a repository.

    Attributes:
        repository: `OWNER/NAME`.
        folder: The action's folder in the repository, or the workflow's path; empty for the root.
        ref: Branch, tag or commit.
    """

    repository: str
    folder: str
    ref: str

    @classmethod
    def parse(cls, uses: str) -> "ActionReference | None":
        """Read a `uses:`; None where it is a local folder, an image, or malformed."""
        match = _FORM.fullmatch(uses)
        if match is None or uses.startswith(("./", "docker://")):
            return None
        return cls(match[1], match[2].strip("/"), match[3])

    @property
    def action(self) -> str:
        """Return the action without its ref."""
        return f"{self.repository}/{self.folder}".rstrip("/")

    @property
    def repository_at_ref(self) -> str:
        """Return `OWNER/NAME@REF`, by which act looks a repository up."""
        return f"{self.repository}@{self.ref}"


@dataclass(frozen=True)
class UsesPlace:
    """A `uses:` and where it is written, as messages name it."""

    uses: str
    place: str


def place_in(path: str, uses: str) -> UsesPlace:
    """Name a file where the line is not known."""
    return UsesPlace(uses, path)


def list_uses(workflow: Workflow) -> Iterator[UsesPlace]:
    """List the actions that a workflow's steps use, each with its file and line."""
    for job in workflow.jobs.values():
        for step in job.get("steps") or []:
            if isinstance(step, Mapping) and "uses" in step:
                yield place_of(workflow, str(step["uses"]))


def place_of(workflow: Workflow, uses: str) -> UsesPlace:
    """Find the line of a workflow file that uses an action."""
    for number, line in enumerate(workflow.text.splitlines(), 1):
        if "uses" in line and uses in line:
            return UsesPlace(uses, f"{workflow.path} line {number}")
    return UsesPlace(uses, workflow.path)


def nested_uses(metadata: Mapping[str, Any]) -> Iterator[str]:
    """List the actions that the steps of a composite action use."""
    runs = metadata.get("runs") or {}
    for step in runs.get("steps") or [] if runs.get("using") == "composite" else []:
        if isinstance(step, Mapping) and "uses" in step:
            yield str(step["uses"])


def jobs_with_own_actions(workflow: Workflow) -> Iterator[str]:
    """List the jobs that use actions inside the project."""
    for job_id, job in workflow.jobs.items():
        if any(str(step.get("uses", "")).startswith("./") for step in job.get("steps") or []):
            yield job_id
