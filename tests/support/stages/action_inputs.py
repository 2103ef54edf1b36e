"""Inputs of an action as its own `action.yml` maps them into the environment of its step."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from support.paths import ROOT

#: The root action, whose inputs the runner itself puts into the environment.
DOCKER_ACTION = "publish"


def mapped_inputs(action: str, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an action's only step gets, by its own `action.yml`."""
    document = action_file(action)
    unknown = set(inputs) - set(document["inputs"])
    assert not unknown, f"{action} has no inputs {unknown}"
    if action == DOCKER_ACTION:
        defaults = {
            name: "" if (text := str(described["default"])).startswith("${{") else text
            for name, described in document["inputs"].items()
        }
        return {f"INPUT_{name.upper()}": text for name, text in {**defaults, **inputs}.items()}
    (step,) = document["runs"]["steps"]
    variables = {}
    for variable, expression in step["env"].items():
        match = re.fullmatch(r"\$\{\{ inputs\.([a-z0-9-]+) \}\}", expression)
        assert match, f"{variable} is mapped by {expression!r}"
        default = str(document["inputs"][match[1]].get("default", ""))
        variables[variable] = inputs.get(match[1], default)
    return variables


@cache
def action_file(action: str) -> dict[str, Any]:
    """Read an action's own description."""
    folder = ROOT if action == DOCKER_ACTION else ROOT / action
    document = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document
