"""Check what a job gives to the reusable workflow that it calls; pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callinputs
"""

import json
from collections.abc import Mapping
from typing import Any

from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.expressions import as_expression, json_literal, literal
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import read_triggers

_EMPTY = {"boolean": False, "number": 0, "string": ""}


def read_call(workflow: Workflow, caller: str) -> Mapping[str, Any]:
    """Read `workflow_call` of a workflow, which the file `caller` calls.

    Raises:
        WorkflowFileError: It cannot be called.
    """
    triggers = read_triggers(workflow)
    if "workflow_call" not in triggers:
        problem = f"{workflow.path}: workflow_call key is not defined in the referenced workflow."
        raise WorkflowFileError.invalid(caller, problem)
    return triggers["workflow_call"]


def complete_inputs(
    caller: str, call: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, tuple[Any, str]]:
    """Complete the inputs of a call by their defaults; each value with its type.

    Raises:
        WorkflowFileError: One is required, unknown or of another type.
    """
    declared: Mapping[str, Any] = call.get("inputs") or {}
    _check_names("input", caller, declared, given)
    values: dict[str, tuple[Any, str]] = {}
    for name, details in declared.items():
        kind = str((details or {}).get("type", "string"))
        value = given.get(name, (details or {}).get("default"))
        if value is None:
            value = _EMPTY.get(kind, "")
        if not _fits(value, kind):
            problem = f"Unexpected value '{value}' of input {name}, which is a {kind}"
            raise WorkflowFileError.invalid(caller, problem)
        values[name] = (value, kind)
    return values


def check_secrets(caller: str, call: Mapping[str, Any], given: Any) -> Mapping[str, Any] | None:
    """Check the secrets of a call; None where all of the caller's are inherited.

    Raises:
        WorkflowFileError: One is required or unknown.
    """
    if given == "inherit":
        return None
    secrets = given if isinstance(given, Mapping) else {}
    _check_names("secret", caller, call.get("secrets") or {}, secrets)
    return secrets


def is_static(values: Mapping[str, tuple[Any, str]]) -> bool:
    """Tell whether every value is known before the workflow runs."""
    return not any("${{" in str(value) for value, _ in values.values())


def static_object(values: Mapping[str, tuple[Any, str]]) -> str:
    """Write the expression of an object of values that are known."""
    return json_literal({name: _typed(value, kind) for name, (value, kind) in values.items()})


def object_expression(values: Mapping[str, tuple[Any, str]]) -> str:
    """Write the expression of a text: the JSON object of all values."""
    members, arguments = [], []
    if not values:
        return literal("{}")
    for number, (name, (value, kind)) in enumerate(values.items()):
        expression = as_expression(value) if isinstance(value, str) else json_literal(value)
        if kind == "string":
            expression = f"format('{{0}}', {expression})"
        members.append(f"{literal_member(name)}:{{{number}}}")
        arguments.append(f"toJSON({expression})")
    return f"format({literal('{{' + ','.join(members) + '}}')}, {', '.join(arguments)})"


def literal_member(name: str) -> str:
    """Write the name of a JSON object's member; names of inputs have no character to escape."""
    return f'"{name}"'


def _typed(value: Any, kind: str) -> Any:
    if kind == "boolean":
        return str(value).lower() == "true"
    if kind == "number":
        return json.loads(value) if isinstance(value, str) else value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fits(value: Any, kind: str) -> bool:
    if "${{" in str(value):
        return True
    if kind == "boolean":
        return str(value).lower() in ("true", "false")
    if kind == "number":
        return str(value).replace(".", "", 1).lstrip("-").isdigit()
    return not isinstance(value, (dict, list))


def _check_names(
    kind: str, caller: str, declared: Mapping[str, Any], given: Mapping[str, Any]
) -> None:
    for name in given:
        if name not in declared:
            problem = f"Invalid {kind}, {name} is not defined in the referenced workflow."
            raise WorkflowFileError.invalid(caller, problem)
    for name, details in declared.items():
        if (details or {}).get("required") is True and name not in given:
            problem = f"{kind.capitalize()} {name} is required, but not provided while calling."
            raise WorkflowFileError.invalid(caller, problem)
