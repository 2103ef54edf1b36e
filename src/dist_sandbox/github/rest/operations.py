"""Joins the views to the REST API: credentials first, then permissions, then the view.

Views are registered under the names that GitHub's OpenAPI description gives their operations, and
`permissions.ACCEPTED` has one row for each.
"""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from dist_sandbox.github.access.app_jwt import authenticate_app
from dist_sandbox.github.access.permissions import ACCEPTED, ANYONE, APP, USER, ways
from dist_sandbox.github.access.principals import Principal, authenticate, read_token
from dist_sandbox.github.pull_requests.auto_merge import advance
from dist_sandbox.github.repository import Repository
from dist_sandbox.github.rest.calls import Call
from dist_sandbox.github.rest.errors import (
    ApiError,
    not_accessible,
    not_found,
    requires_authentication,
)
from dist_sandbox.server.request_log import WRITING_METHODS
from dist_sandbox.server.request_notes import note_change, note_principal
from dist_sandbox.world import World

View = Callable[..., Response]

#: Path parameters that may hold slashes.
_WITH_SLASHES = frozenset({"ref", "branch", "basehead", "path", "tag"})
#: Path parameters that are numbers.
_NUMBERS = re.compile(
    r"(?:.*_number|(?:installation|release|asset|ruleset|deployment|run|check_run)_id)"
)


@dataclass(frozen=True)
class Operation:
    """A view and the operation that it is.

    Attributes:
        name: Method and path as in the OpenAPI description.
        changes: Whether success means that GitHub's state is different.
        locked: Whether it runs under GitHub's lock; what waits for a slow body must not.
    """

    name: str
    view: View
    changes: bool
    locked: bool = True

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.name.split(" ")[0]

    @property
    def rule(self) -> str:
        """The path in Flask's notation."""
        return re.sub(r"\{(\w+)\}", lambda found: _converter(found[1]), self.name.split(" ")[1])


class Operations:
    """The operations of one subject."""

    def __init__(self) -> None:
        self.all: list[Operation] = []

    def operation(
        self, name: str, *, changes: bool | None = None, locked: bool = True
    ) -> Callable[[View], View]:
        """Register a view; by default the methods that write change something."""
        if name not in ACCEPTED:
            raise KeyError(f"permissions.ACCEPTED has no row for {name}")

        def register(view: View) -> View:
            writes = name.split(" ", maxsplit=1)[0] in WRITING_METHODS
            changed = writes if changes is None else changes
            self.all.append(Operation(name, view, changed, locked))
            return view

        return register

    def add_to(self, blueprint: Blueprint, world: World) -> None:
        """Make these operations reachable."""
        for operation in self.all:
            blueprint.add_url_rule(
                operation.rule,
                endpoint=re.sub(r"\W+", "_", operation.name),
                view_func=_serve(operation, world),
                methods=[operation.method],
            )


def _serve(operation: Operation, world: World) -> View:
    """The view behind its checks, under GitHub's lock."""

    def serve(owner: str = "", repo: str = "", **path: Any) -> Response:
        call = _admit(operation, world, owner, repo)
        if operation.method in WRITING_METHODS and operation.locked:
            call.json()
        with world.github.lock if operation.locked else contextlib.nullcontext():
            response = operation.view(call, **path)
            if operation.changes and operation.locked and response.status_code < 300:
                advance(world.github)
        if operation.changes and response.status_code < 300:
            note_change(request.environ)
        accepted = ACCEPTED[operation.name]
        if "=" in accepted:
            response.headers.setdefault("X-Accepted-GitHub-Permissions", accepted)
        return response

    return serve


def _admit(operation: Operation, world: World, owner: str, repo: str) -> Call:
    """The call, for a caller who may make it.

    Raises:
        ApiError: 401, 403 or 404.
    """
    if not request.headers.get("User-Agent"):
        raise ApiError(
            403,
            "Request forbidden by administrative rules. Please make sure your "
            "request has a User-Agent header.",
        )
    accepted = ACCEPTED[operation.name]
    authorization = request.headers.get("Authorization", "")
    if accepted == APP:
        app = authenticate_app(
            read_token(authorization) or "", world.github.apps, now=world.clock.now()
        )
        note_principal(request.environ, app.principal)
        repository = world.github.find_repository(owner, repo)
        if owner and repository is None:
            raise not_found()
        return Call(world, request, app=app, found_repository=repository)
    principal = authenticate(world, authorization)
    if principal is not None:
        note_principal(request.environ, principal.name)
    repository = _visible_repository(world, principal, owner, repo) if owner else None
    _check_permission(principal, accepted)
    return Call(world, request, caller=principal, found_repository=repository)


def _visible_repository(
    world: World, principal: Principal | None, owner: str, repo: str
) -> Repository:
    repository = world.github.find_repository(owner, repo)
    if repository is None or principal is None or not principal.sees(repository):
        raise not_found()
    return repository


def _check_permission(principal: Principal | None, accepted: str) -> None:
    if accepted == ANYONE:
        return
    if principal is None:
        raise requires_authentication()
    if accepted == USER:
        if principal.kind != "user":
            raise not_accessible()
        return
    if not any(all(principal.may(*one) for one in way) for way in ways(accepted)):
        raise not_accessible(accepted)


def _converter(name: str) -> str:
    if name in _WITH_SLASHES:
        return f"<path:{name}>"
    return f"<int:{name}>" if _NUMBERS.fullmatch(name) else f"<{name}>"
