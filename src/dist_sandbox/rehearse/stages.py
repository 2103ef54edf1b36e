"""Name the stages of a rehearsal, and tell what a workflow is for. It is pure."""

import re
from collections.abc import Container, Iterable, Mapping
from itertools import chain, count
from typing import Any

from dist_sandbox.rehearse.actions.sources import DIST_ACTIONS
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.runs.result import RunResult
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers


def stage_name(workflow: Workflow, event: TriggerEvent, tags: ProjectTags) -> str:
    """Name a run for tables: `auto-tag dev`, `release shop-core dev`, `pull-request #7`.

    A promotion is named after its target; one that starts at production has none.
    """
    if pull := re.fullmatch(r"refs/pull/(\d+)/merge", event.ref):
        return f"{workflow.stem} #{pull[1]}"
    if not tags.staged:
        return f"{workflow.stem} {event.ref.split('/', 2)[-1]}"
    environment = tags.environment_of(event.ref)
    if environment is None:
        return f"{workflow.stem} {event.ref}"
    reading = tags.read_ref(event.ref)
    subject = " ".join(filter(None, [workflow.stem, reading.package if reading else ""]))
    if releases(workflow) or not promotes(workflow):
        return f"{subject} {environment.name}"
    target = tags.environments.after(environment)
    return f"{subject} {target.name if target else f'from {environment.name}'}"


def distinct_name(name: str, event: TriggerEvent, taken: Container[str]) -> str:
    """Tell a run from earlier ones of the same name: by its event, else by a number."""
    by_event = f"{name} ({event.name.replace('_', ' ')})"
    numbered = (f"{name} ({number})" for number in count(2))
    return next(choice for choice in chain((name, by_event), numbered) if choice not in taken)


def makes_tags(workflow: Workflow) -> bool:
    """Tell whether a workflow makes the tags of versions."""
    return _uses(workflow, "auto-tag")


def releases(workflow: Workflow) -> bool:
    """Tell whether a workflow releases a tag; one that only builds does not."""
    return any(map(_is_of_tag, _release_phases(workflow))) or publishes(workflow)


def publishes(workflow: Workflow) -> bool:
    """Tell whether a workflow publishes by the root action."""
    return any(uses.startswith(f"{DIST_ACTIONS}@") for uses in _actions(workflow))


def has_stages(workflows: Iterable[Workflow]) -> bool:
    """Tell whether a project's versions go from stage to stage.

    They do where a workflow tags, promotes, or releases a tag by dist-actions. They do not where it
    only builds, where the root action publishes, or where dist-actions is not used at all.
    """
    return any(map(_goes_through_stages, workflows))


def _goes_through_stages(workflow: Workflow) -> bool:
    if _uses(workflow, "auto-tag") or _uses(workflow, "promote"):
        return True
    return any(map(_is_of_tag, _release_phases(workflow)))


def _is_of_tag(phase: str) -> bool:
    return phase not in ("build", "version")


def _release_phases(workflow: Workflow) -> Iterable[str]:
    """List the phases of `release` that a workflow runs."""
    return (
        str((step.get("with") or {}).get("phase", "all"))
        for step in _steps(workflow)
        if str(step.get("uses", "")).startswith(f"{DIST_ACTIONS}/release@")
    )


def promotes(workflow: Workflow) -> bool:
    """Tell whether a workflow opens promotion pull requests."""
    return _uses(workflow, "promote")


def did_nothing(result: RunResult) -> bool:
    """Tell whether auto-tag or promote ran, and each of them found nothing to do.

    A dry run that finds something to do has done its work, as in a pull request.
    """
    outputs = [step.outputs for job in result.jobs for step in job.steps]
    tagging = [
        step["created"] == "false" and step.get("reason") != "dry-run"
        for step in outputs
        if "created" in step
    ]
    promoting = [step["result"] == "nothing" for step in outputs if {"result", "plan"} <= {*step}]
    findings = [*tagging, *promoting]
    return result.status == "success" and bool(findings) and all(findings)


def find_closed_gate(result: RunResult) -> str:
    """Say why a gate stopped what promote was to do; empty where none did."""
    outputs = [step.outputs for job in result.jobs for step in job.steps]
    blocked = (row for row in outputs if row.get("result") == "blocked" and "plan" in row)
    return next((row.get("reason") or "blocked" for row in blocked), "")


def only_by_hand(workflow: Workflow) -> bool:
    """Tell whether nothing but a manual start runs this workflow."""
    return set(read_triggers(workflow)) == {"workflow_dispatch"}


def _uses(workflow: Workflow, action: str) -> bool:
    """Tell whether a workflow uses an action other than for a dry run."""
    return any(
        str(step.get("uses", "")).startswith(f"{DIST_ACTIONS}/{action}@")
        and str((step.get("with") or {}).get("dry-run", "")).lower() != "true"
        for step in _steps(workflow)
    )


def _actions(workflow: Workflow) -> Iterable[str]:
    return (str(step.get("uses", "")) for step in _steps(workflow))


def _steps(workflow: Workflow) -> Iterable[Mapping[str, Any]]:
    for job in workflow.jobs.values():
        yield from job.get("steps") or []
