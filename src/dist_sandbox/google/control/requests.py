"""How the control of Google Cloud reads a request: its fields, and which environment it names."""

from typing import Any

from flask import abort, request

from dist_sandbox.control_requests import refuse
from dist_sandbox.google.state import Google
from dist_sandbox.organisation import SandboxEnvironment


def require_environment(google: Google, name: str) -> SandboxEnvironment:
    """Return the environment of this name in GitHub (`dev`).

    It is one of the repository in the query's `repository`, or of the first where none is named.
    """
    environment = google.environment(name, request.args.get("repository", ""))
    if environment is None:
        abort(404, description=f"no environment {name!r}")
    return environment


def read_count(body: dict[str, Any], name: str) -> int | None:
    """Return a number that is not negative; `None` where it is null or left out."""
    value = body.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        refuse(f"{name} is a number of at least 0, or null")
    return value


def read_seconds(body: dict[str, Any], name: str) -> float:
    """Return a number of seconds that is not negative; 0 where it is left out."""
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        refuse(f"{name} is a number of at least 0")
    return float(value)


def read_switch(body: dict[str, Any], name: str) -> bool:
    """Return a boolean that has to be there."""
    value = body.get(name)
    if not isinstance(value, bool):
        refuse(f"{name} is true or false")
    return value
