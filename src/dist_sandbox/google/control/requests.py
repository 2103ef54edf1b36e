"""How the control interface reads a request: its body, and which environment it speaks of."""

from typing import Any, NoReturn

from flask import abort, request

from dist_sandbox.organisation import SandboxEnvironment
from dist_sandbox.world import World


def body() -> dict[str, Any]:
    """The request's JSON object."""
    given: Any = request.get_json(silent=True)
    if not isinstance(given, dict):
        refuse("the body is a JSON object")
    return given


def optional_body() -> dict[str, Any]:
    """The request's JSON object; empty where it has no body."""
    return body() if request.content_length else {}


def environment(world: World, name: str) -> SandboxEnvironment:
    """The environment of this name in GitHub (`dev`)."""
    found = world.google.environment(name)
    if found is None:
        abort(404, description=f"no environment {name!r}")
    return found


def seconds(given: dict[str, Any], name: str) -> float:
    """A number of seconds that is not negative; 0 where it is left out."""
    value = given.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        refuse(f"{name} is a number of at least 0")
    return float(value)


def truth(given: dict[str, Any], name: str) -> bool:
    """A boolean that has to be there."""
    value = given.get(name)
    if not isinstance(value, bool):
        refuse(f"{name} is true or false")
    return value


def refuse(message: str) -> NoReturn:
    """Answer 400."""
    abort(400, description=message)
