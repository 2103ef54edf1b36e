"""One request to the REST API, as the views see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Request, Response, jsonify

from dist_sandbox.github.access.apps import App
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.errors import (
    ApiError,
    missing_value,
    not_found,
    requires_authentication,
)
from dist_sandbox.github.state import GitHub
from dist_sandbox.server.request_notes import note_change
from dist_sandbox.world import World


@dataclass(frozen=True)
class Call:
    """A request whose credentials were accepted for the operation.

    Attributes:
        caller: Who asks by token; None for an anonymous caller and for an App's JWT.
        app: Who asks by JWT.
        found_repository: The repository of the path.
    """

    world: World
    request: Request
    caller: Principal | None = None
    app: App | None = None
    found_repository: Repository | None = None

    @property
    def github(self) -> GitHub:
        """The GitHub that serves this."""
        return self.world.github

    @property
    def principal(self) -> Principal:
        """Who asks by token."""
        if self.caller is None:
            raise requires_authentication()
        return self.caller

    @property
    def signed_app(self) -> App:
        """Who asks by JWT."""
        return cast("App", self.app)

    @property
    def repository(self) -> Repository:
        """The repository of the path, which the caller sees."""
        return cast("Repository", self.found_repository)

    @property
    def query(self) -> Mapping[str, str]:
        """The query's parameters."""
        return self.request.args

    def note_change(self) -> None:
        """Tell the request log that this changed something."""
        note_change(self.request.environ)

    def json(self) -> Any:
        """The JSON that was sent; an empty object where nothing was.

        Raises:
            ApiError: 400 for what is no JSON.
        """
        if not self.request.get_data():
            return {}
        sent = self.request.get_json(force=True, silent=True)
        if sent is None:
            raise ApiError(400, "Problems parsing JSON")
        return sent

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; empty where nothing was.

        Raises:
            ApiError: 400 for what is no JSON object.
        """
        sent = self.json()
        if not isinstance(sent, dict):
            raise ApiError(400, "Body should be a JSON object")
        return sent

    def text(self, name: str) -> str | None:
        """A field of the body that is a string or absent."""
        value: str | None = self._typed(name, str, "string")
        return value

    def required_text(self, name: str) -> str:
        """A field of the body that must be a string."""
        value = self.text(name)
        if value is None:
            raise missing_value(name)
        return value

    def flag(self, name: str) -> bool | None:
        """A field of the body that is a boolean or absent."""
        value: bool | None = self._typed(name, bool, "boolean")
        return value

    def texts(self, name: str) -> list[str] | None:
        """A field of the body that is a list of strings or absent."""
        values: list[str] | None = self._typed(name, list, "array")
        if values is not None and not all(isinstance(value, str) for value in values):
            raise ApiError(422, f"Invalid request.\n\nFor '{name}', an item is not a string.")
        return values

    def _typed(self, name: str, expected: type, label: str) -> Any:
        value = self.body().get(name)
        if value is None or isinstance(value, expected):
            return value
        raise ApiError(
            422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a {label}."
        )


def find_pull(call: Call, number: int) -> PullRequest:
    """The pull request of this number.

    Raises:
        ApiError: 404 where there is none.
    """
    pull = call.repository.pull(number)
    if pull is None:
        raise not_found()
    return pull


def reply(
    body: Any = None, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with a JSON body, or with none."""
    response = Response(status=status) if body is None else jsonify(body)
    response.status_code = status
    if body is None:
        del response.headers["Content-Type"]
    response.headers.update(dict(headers or {}))
    return response
