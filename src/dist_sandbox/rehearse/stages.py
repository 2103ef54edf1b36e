"""Names the stages of a rehearsal: which environment a workflow run is about. It is pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from dist_actions.environments import Environment, EnvironmentMap
from dist_sandbox.rehearse.action_sources import DIST_ACTIONS
from dist_sandbox.rehearse.triggers import Event, read_triggers
from dist_sandbox.rehearse.workflows import Workflow

_PROMOTE = f"{DIST_ACTIONS}/promote@"


def environment_of(ref: str, environments: EnvironmentMap) -> Environment | None:
    """The environment of a branch or tag; None for one that belongs to no stage."""
    if ref.startswith("refs/heads/"):
        return environments.of_branch(ref[len("refs/heads/") :])
    if not ref.startswith("refs/tags/"):
        return None
    # The longest suffix first: production's is empty and fits every tag.
    suffixes = sorted(environments.suffixes, key=len, reverse=True)
    return environments.of_suffix(next(suffix for suffix in suffixes if ref.endswith(suffix)))


def stage_name(workflow: Workflow, event: Event, environments: EnvironmentMap) -> str:
    """What a run is called in tables: `auto-tag dev`, `release dev`, `promote qa`.

    A promotion is named after where it leads to; one that starts at production leads nowhere.
    """
    environment = environment_of(event.ref, environments)
    if environment is None:
        return f"{workflow.stem} {event.ref}"
    if not promotes(workflow):
        return f"{workflow.stem} {environment.name}"
    target = environments.after(environment)
    return f"{workflow.stem} {target.name if target else f'from {environment.name}'}"


def promotes(workflow: Workflow) -> bool:
    """Whether a workflow opens promotion pull requests."""
    return any(uses.startswith(_PROMOTE) for uses in _used(workflow))


def only_by_hand(workflow: Workflow) -> bool:
    """Whether nothing but a manual start runs this workflow."""
    return set(read_triggers(workflow)) == {"workflow_dispatch"}


def promotion_inputs(
    workflow: Workflow, *, source: Environment, target: Environment, version: str
) -> dict[str, str]:
    """What a person would fill into a promote workflow's form, as far as it asks."""
    declared: Mapping[str, Any] = read_triggers(workflow)["workflow_dispatch"].get("inputs") or {}
    answers = {"from": source.name, "to": target.name, "version": version}
    return {name: answers[name] for name in declared if answers.get(name)}


def _used(workflow: Workflow) -> Iterable[str]:
    for job in workflow.jobs.values():
        for step in job.get("steps") or []:
            yield str(step.get("uses", ""))
