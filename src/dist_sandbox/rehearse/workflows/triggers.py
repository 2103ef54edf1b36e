"""Choose the workflows of a commit that start for an event, by their `on:` alone.

It is pure: act itself ignores every filter that is decided here.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dist_actions.pipeline.filter_patterns import matches_any
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.files import Workflow

#: Activity types that start a workflow where `types` is not given; elsewhere all of them do.
_DEFAULT_TYPES = {
    "pull_request": ("opened", "synchronize", "reopened"),
    "pull_request_target": ("opened", "synchronize", "reopened"),
}
_SKIP = re.compile(
    r"\[(skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks: *true$", re.M
)


@dataclass(frozen=True)
class TriggerEvent:
    """Something that happened in the repository.

    Attributes:
        name: GitHub's name of the event, `push`.
        ref: Full name of the ref that the workflow runs for; for pull requests the base's.
        sha: The commit that the workflow runs for.
        actor: Login of whoever caused it.
        payload: What the workflow finds in `github.event`.
        changed_paths: Paths that differ since the commit before; None where they are not known,
            and then path filters let everything pass.
        chain: How many runs led to it by `workflow_run`.
    """

    name: str
    ref: str
    sha: str
    actor: str
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)
    changed_paths: tuple[str, ...] | None = None
    chain: int = 0

    @property
    def action(self) -> str:
        """Return the activity type, empty where the event has none."""
        return str(self.payload.get("action") or "")


def select_workflows(workflows: Iterable[Workflow], event: TriggerEvent) -> tuple[Workflow, ...]:
    """Select the workflows that GitHub would start for this event, in order of their paths."""
    return tuple(workflow for workflow in workflows if starts(workflow, event))


def starts(workflow: Workflow, event: TriggerEvent) -> bool:
    """Tell whether `on:` of this workflow selects the event.

    Raises:
        WorkflowFileError: `on:` has a form that GitHub refuses.
    """
    events = read_triggers(workflow)
    if event.name not in events or _asks_to_skip(event):
        return False
    filters = events[event.name]
    _refuse_contradictions(workflow.path, filters)
    of_other_workflow = event.payload.get("workflow") not in (None, workflow.path)
    if not _type_matches(filters, event) or (
        event.name == "workflow_dispatch" and of_other_workflow
    ):
        return False
    if event.name == "push":
        return _push_matches(filters, event)
    if event.name in {"pull_request", "pull_request_target"}:
        base = str(event.payload.get("pull_request", {}).get("base", {}).get("ref", ""))
        return _name_matches(filters, "branches", base) and _paths_match(filters, event)
    if event.name == "workflow_run":
        return _workflow_run_matches(filters, event)
    return True


def read_triggers(workflow: Workflow) -> dict[str, Mapping[str, Any]]:
    """Read `on:` in its longest form: each event with its filters.

    Raises:
        WorkflowFileError: `on:` is neither a name, a list of names nor a mapping.
    """
    triggers = workflow.document["on"]
    if isinstance(triggers, str):
        return {triggers: {}}
    if isinstance(triggers, list) and all(isinstance(name, str) for name in triggers):
        return {name: {} for name in triggers}
    if isinstance(triggers, dict):
        return {
            str(name): filters if isinstance(filters, dict) else {}
            for name, filters in triggers.items()
        }
    raise WorkflowFileError.invalid(workflow.path, "`on` is neither a name, a list nor a mapping")


def declared_inputs(workflow: Workflow) -> dict[str, Mapping[str, Any]]:
    """List the inputs of `workflow_dispatch`, each with its description."""
    declared = read_triggers(workflow).get("workflow_dispatch", {}).get("inputs") or {}
    return {str(name): details or {} for name, details in declared.items()}


def required_inputs(workflow: Workflow) -> tuple[str, ...]:
    """Name the inputs of `workflow_dispatch` that a person must give."""
    return tuple(
        name
        for name, details in declared_inputs(workflow).items()
        if details.get("required") and details.get("default") is None
    )


def dispatch_inputs(workflow: Workflow, inputs: Mapping[str, str]) -> dict[str, Any]:
    """Complete the inputs of a manual start by each input's default.

    Raises:
        WorkflowFileError: A required input is missing, or one is given that does not exist.
    """
    declared = declared_inputs(workflow)
    unknown = sorted(set(inputs) - set(declared))
    if unknown:
        raise WorkflowFileError.invalid(workflow.path, f"Unexpected inputs provided: {unknown}")
    values: dict[str, Any] = {}
    for name in required_inputs(workflow):
        if name not in inputs:
            raise WorkflowFileError.invalid(workflow.path, f"Required input '{name}' not provided")
    for name, details in declared.items():
        value = inputs.get(name, details.get("default"))
        boolean = details.get("type") == "boolean"
        text = "" if value is None else str(value)
        values[name] = text.lower() == "true" if boolean else text
    return values


def complete_dispatch(workflow: Workflow, event: TriggerEvent) -> TriggerEvent:
    """Complete the inputs of a start by API; other events stay as they are.

    Raises:
        WorkflowFileError: A required input is missing, or one is given that does not exist.
    """
    if event.name != "workflow_dispatch":
        return event
    inputs = dispatch_inputs(workflow, event.payload.get("inputs") or {})
    return replace(event, payload={**event.payload, "inputs": inputs})


def _asks_to_skip(event: TriggerEvent) -> bool:
    """Tell whether the commit message has one of GitHub's instructions to skip workflows."""
    if event.name != "push":
        return False
    head = event.payload.get("head_commit") or {}
    return _SKIP.search(str(head.get("message", ""))) is not None


def _type_matches(filters: Mapping[str, Any], event: TriggerEvent) -> bool:
    types = _as_list(filters.get("types")) or _DEFAULT_TYPES.get(event.name)
    return not types or not event.action or event.action in types


def _push_matches(filters: Mapping[str, Any], event: TriggerEvent) -> bool:
    """Apply the filters of a push; one on branches alone shuts out tags, and vice versa."""
    if event.payload.get("deleted"):
        return False
    kind, other_kind = (
        ("branches", "tags") if event.ref.startswith("refs/heads/") else ("tags", "branches")
    )
    name = event.ref.split("/", 2)[2]
    if not _has_filter(filters, kind) and _has_filter(filters, other_kind):
        return False
    if not _name_matches(filters, kind, name):
        return False
    return kind == "tags" or _paths_match(filters, event)


def _workflow_run_matches(filters: Mapping[str, Any], event: TriggerEvent) -> bool:
    run = event.payload.get("workflow_run", {})
    names = _as_list(filters.get("workflows"))
    if names and not matches_any(names, str(run.get("name", ""))):
        return False
    return _name_matches(filters, "branches", str(run.get("head_branch", "")))


def _name_matches(filters: Mapping[str, Any], kind: str, name: str) -> bool:
    included, ignored = filters.get(kind), filters.get(f"{kind}-ignore")
    if included is not None:
        return matches_any(_as_list(included), name)
    return ignored is None or not matches_any(_as_list(ignored), name)


def _paths_match(filters: Mapping[str, Any], event: TriggerEvent) -> bool:
    if event.changed_paths is None:
        return True
    included, ignored = filters.get("paths"), filters.get("paths-ignore")
    if included is not None:
        return any(matches_any(_as_list(included), path) for path in event.changed_paths)
    if ignored is None:
        return True
    return any(not matches_any(_as_list(ignored), path) for path in event.changed_paths)


def _has_filter(filters: Mapping[str, Any], kind: str) -> bool:
    return kind in filters or f"{kind}-ignore" in filters


def _refuse_contradictions(path: str, filters: Mapping[str, Any]) -> None:
    for kind in ("branches", "tags", "paths"):
        if kind in filters and f"{kind}-ignore" in filters:
            problem = f"you may only define one of `{kind}` and `{kind}-ignore` for a single event"
            raise WorkflowFileError.invalid(path, problem)


def _as_list(value: object) -> Sequence[str]:
    if value is None:
        return []
    return [str(element) for element in value] if isinstance(value, list) else [str(value)]
