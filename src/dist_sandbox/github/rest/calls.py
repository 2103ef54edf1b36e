"""One request to the REST API, as the views see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Request, Response, jsonify

from dist_sandbox.github.access.apps import App
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.git.objects import Signature, account_signature, at
from dist_sandbox.github.pull_requests.pulls import PullRequest
from dist_sandbox.github.rest.errors import (
    GitHubError,
    Value,
    existing,
    invalid_request,
    missing_value,
    requires_authentication,
)
from dist_sandbox.github.state import GitHub, Repository

#: Requests per hour of an authenticated caller; shown, but not enforced.
HOURLY_LIMIT = 5000


@dataclass(frozen=True)
class Call:
    """A request whose credentials were accepted for the operation.

    `caller` asks by token and is None for an anonymous caller and for an App's JWT; `app` asks by
    JWT.
    """

    github: GitHub
    request: Request
    caller: Principal | None = None
    app: App | None = None
    path_repository: Repository | None = None

    @property
    def principal(self) -> Principal:
        """Return who asks by token."""
        if self.caller is None:
            raise requires_authentication()
        return self.caller

    @property
    def signed_app(self) -> App:
        """Return who asks by JWT."""
        return cast("App", self.app)

    @property
    def repository(self) -> Repository:
        """Return the repository of the path, which the caller sees."""
        return cast("Repository", self.path_repository)

    @property
    def query(self) -> Mapping[str, str]:
        """Return the query's parameters."""
        return self.request.args

    def now(self) -> datetime:
        """Tell the sandbox's time."""
        return self.github.clock.now()

    def json(self) -> Any:
        """Read the JSON of the body; an empty object where there is no body.

        Raises:
            GitHubError: 400 for what is no JSON.
        """
        if not self.request.get_data():
            return {}
        document = self.request.get_json(force=True, silent=True)
        if document is None:
            raise GitHubError(400, "Problems parsing JSON")
        return document

    def body(self) -> dict[str, Any]:
        """Read the JSON object of the body; an empty one where there is no body.

        Raises:
            GitHubError: 400 for what is no JSON object.
        """
        document = self.json()
        if not isinstance(document, dict):
            raise GitHubError(400, "Body should be a JSON object")
        return document

    def text(self, name: str) -> str | None:
        """Read a field of the body that is a string or absent."""
        return self._typed(name, str, "string")

    def required_text(self, name: str) -> str:
        """Read a field of the body that must be a string."""
        value = self.text(name)
        if value is None:
            raise missing_value(name)
        return value

    def flag(self, name: str) -> bool | None:
        """Read a field of the body that is a boolean or absent."""
        return self._typed(name, bool, "boolean")

    def texts(self, name: str) -> list[str] | None:
        """Read a field of the body that is a list of strings or absent."""
        values: list[str] | None = self._typed(name, list, "array")
        if values is not None and not all(isinstance(value, str) for value in values):
            raise invalid_request(f"For '{name}', an item is not a string.")
        return values

    def signature(self, field: str) -> Signature:
        """Read the person in a field of the body; who asks where there is none."""
        caller = account_signature(self.principal.account, self.now())
        person = self.body().get(field)
        if person is None:
            return caller
        if not isinstance(person, dict):
            raise invalid_request(f"For 'properties/{field}', not an object.")
        for name in ("name", "email"):
            if not isinstance(person.get(name), str):
                raise missing_value(name)
        date = person.get("date")
        seconds = caller.timestamp if date is None else _seconds(date)
        return Signature(person["name"], person["email"], seconds)

    def find_pull(self, number: int) -> PullRequest:
        """Find the pull request of this number; refuse with 404 where there is none."""
        return existing(self.repository.pull(number))

    def _typed(self, name: str, expected: type[Value], label: str) -> Value | None:
        value = self.body().get(name)
        if value is None or isinstance(value, expected):
            return value
        raise invalid_request(f"For 'properties/{name}', {value!r} is not a {label}.")


def reply(
    body: Any = None, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a JSON body, or with none."""
    response = Response(status=status) if body is None else jsonify(body)
    response.status_code = status
    if body is None:
        del response.headers["Content-Type"]
    response.headers.update(dict(headers or {}))
    return response


def _seconds(date: object) -> int:
    try:
        return at(datetime.fromisoformat(str(date).replace("Z", "+00:00")))
    except ValueError:
        raise invalid_request(f"{date!r} is not a valid date.") from None
