"""Names the stages of a rehearsal, and tells what a workflow is for. It is pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from dist_sandbox.rehearse.actions.sources import DIST_ACTIONS
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers


def stage_name(workflow: Workflow, event: TriggerEvent, tags: ProjectTags) -> str:
    """What a run is called in tables: `auto-tag dev`, `release shop-core dev`, `promote qa`.

    A promotion is named after where it leads to; one that starts at production leads nowhere.
    """
    if not tags.staged:
        return f"{workflow.stem} {event.ref.split('/', 2)[-1]}"
    environment = tags.environment_of(event.ref)
    if environment is None:
        return f"{workflow.stem} {event.ref}"
    reading = tags.read_ref(event.ref)
    what = " ".join(filter(None, [workflow.stem, reading.package if reading else ""]))
    if releases(workflow) or not promotes(workflow):
        return f"{what} {environment.name}"
    target = tags.environments.after(environment)
    return f"{what} {target.name if target else f'from {environment.name}'}"


def makes_tags(workflow: Workflow) -> bool:
    """Whether a workflow makes the tags of versions."""
    return _uses(workflow, "auto-tag")


def releases(workflow: Workflow) -> bool:
    """Whether a workflow releases a tag."""
    return _uses(workflow, "release") or publishes(workflow)


def publishes(workflow: Workflow) -> bool:
    """Whether a workflow publishes by the root action."""
    return any(uses.startswith(f"{DIST_ACTIONS}@") for uses in _used(workflow))


def has_stages(workflows: Iterable[Workflow]) -> bool:
    """Whether a project's versions go from stage to stage.

    They do not where the root action publishes and nothing else of dist-actions is used, but for
    what builds.
    """
    known = tuple(workflows)
    return any(map(_goes_through_stages, known)) or not any(map(publishes, known))


def _goes_through_stages(workflow: Workflow) -> bool:
    if _uses(workflow, "auto-tag") or _uses(workflow, "promote"):
        return True
    return any(
        str(step.get("uses", "")).startswith(f"{DIST_ACTIONS}/release@")
        and (step.get("with") or {}).get("phase") != "build"
        for step in _steps(workflow)
    )


def promotes(workflow: Workflow) -> bool:
    """Whether a workflow opens promotion pull requests."""
    return _uses(workflow, "promote")


def only_by_hand(workflow: Workflow) -> bool:
    """Whether nothing but a manual start runs this workflow."""
    return set(read_triggers(workflow)) == {"workflow_dispatch"}


def _uses(workflow: Workflow, action: str) -> bool:
    return any(uses.startswith(f"{DIST_ACTIONS}/{action}@") for uses in _used(workflow))


def _used(workflow: Workflow) -> Iterable[str]:
    return (str(step.get("uses", "")) for step in _steps(workflow))


def _steps(workflow: Workflow) -> Iterable[Mapping[str, Any]]:
    for job in workflow.jobs.values():
        yield from job.get("steps") or []
