"""Join the views to the REST API: credentials first, then permissions, then the view.

Views are registered under the names that GitHub's OpenAPI description gives their operations, each
with the permission that it needs in the form of GitHub's `X-Accepted-GitHub-Permissions` header:
`;` separates ways to be allowed, `,` what one way needs together. Three words stand for other
credentials: `app` (a JWT of an App), `user` (a person's token) and `anyone` (a token or none).

Spec: https://docs.github.com/rest/authentication/permissions-required-for-github-apps
"""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from dist_sandbox.github.access.app_jwt import authenticate_app
from dist_sandbox.github.access.authentication import authenticate, read_token
from dist_sandbox.github.access.principals import ANONYMOUS, Principal
from dist_sandbox.github.pull_requests.auto_merge import advance
from dist_sandbox.github.rest.calls import Call
from dist_sandbox.github.rest.errors import (
    GitHubError,
    existing,
    not_accessible,
    not_found,
    requires_authentication,
)
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.server.request_log import WRITING_METHODS
from dist_sandbox.server.request_notes import note_change, note_principal

View = Callable[..., Response]

#: How the paths of a repository's operations begin.
REPO = "/repos/{owner}/{repo}"

APP = "app"
USER = "user"
ANYONE = "anyone"
#: What writes commits needs a further permission where they change workflow files.
CONTENTS_AND_WORKFLOWS = "contents=write; contents=write,workflows=write"

#: Path parameters that may hold slashes.
_WITH_SLASHES = frozenset({"ref", "branch", "basehead", "path", "tag"})
#: Path parameters that are numbers.
_NUMBERS = re.compile(
    r"(?:.*_number|(?:installation|release|asset|ruleset|deployment|run|check_run|branch_policy)_id)"
)


@dataclass(frozen=True)
class Operation:
    """A view and the operation that it is.

    `name` is method and path as in the OpenAPI description, `accepted` the permissions that
    suffice. Where it `changes`, success means that GitHub's state is different; where it is
    `locked` it runs under GitHub's lock, which what waits for a slow body must not.
    """

    name: str
    accepted: str
    view: View
    changes: bool
    locked: bool = True

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return self.name.split(" ")[0]

    @property
    def rule(self) -> str:
        """Write the path in Flask's notation."""
        return re.sub(r"\{(\w+)\}", lambda match: _converter(match[1]), self.name.split(" ")[1])

    @property
    def permissions(self) -> list[list[tuple[str, str]]]:
        """List the ways to be allowed, each a list of permission and access."""
        ways = (way for way in self.accepted.split(";") if "=" in way)
        return [[_pair(permission) for permission in way.split(",")] for way in ways]


class Operations:
    """The operations of one subject."""

    def __init__(self) -> None:
        self.all: list[Operation] = []

    def operation(
        self, name: str, accepted: str, *, changes: bool | None = None, locked: bool = True
    ) -> Callable[[View], View]:
        """Register a view; by default the methods that write change something."""

        def register(view: View) -> View:
            writes = name.split(" ", maxsplit=1)[0] in WRITING_METHODS
            changed = writes if changes is None else changes
            self.all.append(Operation(name, accepted, view, changed, locked))
            return view

        return register

    def add_to(self, blueprint: Blueprint, github: GitHub) -> None:
        """Make these operations reachable."""
        for operation in self.all:
            blueprint.add_url_rule(
                operation.rule,
                endpoint=re.sub(r"\W+", "_", operation.name),
                view_func=_serve(operation, github),
                methods=[operation.method],
            )


def _serve(operation: Operation, github: GitHub) -> View:
    """Put the view behind its checks, under GitHub's lock."""

    def serve(owner: str = "", repo: str = "", **path: Any) -> Response:
        call = _admit(operation, github, owner, repo)
        if operation.method in WRITING_METHODS and operation.locked:
            call.json()
        with github.lock if operation.locked else contextlib.nullcontext():
            response = operation.view(call, **path)
            if operation.changes and operation.locked and response.status_code < 300:
                advance(github)
        if operation.changes and response.status_code < 300:
            note_change(request.environ)
        if operation.permissions:
            response.headers.setdefault("X-Accepted-GitHub-Permissions", operation.accepted)
        return response

    return serve


def _admit(operation: Operation, github: GitHub, owner: str, repo: str) -> Call:
    """Make the call, for a caller who may make it.

    Raises:
        GitHubError: 401, 403 or 404.
    """
    if not request.headers.get("User-Agent"):
        raise GitHubError(
            403,
            "Request forbidden by administrative rules. Please make sure your "
            "request has a User-Agent header.",
        )
    authorization = request.headers.get("Authorization", "")
    repository = github.find_repository(owner, repo)
    if operation.accepted == APP:
        app = authenticate_app(read_token(authorization) or "", github.apps, now=github.clock.now())
        note_principal(request.environ, app.principal)
        if owner:
            existing(repository)
        return Call(github, request, app=app, path_repository=repository)
    principal = authenticate(github, authorization)
    if principal is not None:
        note_principal(request.environ, principal.name)
    if repository is not None and _is_open(operation, repository):
        return Call(github, request, caller=principal or ANONYMOUS, path_repository=repository)
    if owner and (principal is None or not principal.sees(existing(repository).repository_id)):
        raise not_found()
    _check_permission(principal, operation)
    return Call(github, request, caller=principal, path_repository=repository)


def _is_open(operation: Operation, repository: Repository) -> bool:
    """Tell whether everybody may do this in a repository, as reading a public one."""
    ways = operation.permissions
    return any(all(repository.is_open(*pair) for pair in way) for way in ways)


def _check_permission(principal: Principal | None, operation: Operation) -> None:
    if operation.accepted == ANYONE:
        return
    if principal is None:
        raise requires_authentication()
    if operation.accepted == USER:
        if principal.kind != "user":
            raise not_accessible()
        return
    if not any(all(principal.may(*pair) for pair in way) for way in operation.permissions):
        raise not_accessible(operation.accepted)


def _pair(text: str) -> tuple[str, str]:
    name, _, access = text.strip().partition("=")
    return name, access


def _converter(name: str) -> str:
    if name in _WITH_SLASHES:
        return f"<path:{name}>"
    return f"<int:{name}>" if _NUMBERS.fullmatch(name) else f"<{name}>"
