"""How the control interfaces read a request's body and refuse a bad one."""

from typing import Any, NoReturn

from flask import abort, request


def read_body() -> dict[str, Any]:
    """Return the request's JSON object."""
    body: Any = request.get_json(silent=True)
    if not isinstance(body, dict):
        refuse("the body is a JSON object")
    return body


def refuse(message: str) -> NoReturn:
    """Answer 400."""
    abort(400, description=message)
