"""The REST API as one blueprint: every operation, GitHub's headers, GitHub's error bodies."""

import secrets

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from dist_sandbox.github.rest.calls import reply
from dist_sandbox.github.rest.catalogue import api_operations
from dist_sandbox.github.rest.errors import ApiError
from dist_sandbox.github.rest.rate_limit import rate_limit_headers
from dist_sandbox.world import World

_PREFIX = "/api/v3"


def create_blueprint(world: World) -> Blueprint:
    """The REST API, to be mounted at the root."""
    blueprint = Blueprint("github", __name__, url_prefix=_PREFIX)
    for operations in api_operations():
        operations.add_to(blueprint, world)
    add_answers(blueprint, world)
    return blueprint


def add_answers(
    blueprint: Blueprint, world: World, *, media_type: str = "github.v3; format=json"
) -> None:
    """Give a blueprint GitHub's headers and error bodies."""

    @blueprint.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        return reply(error.body(), error.status, headers=error.headers)

    @blueprint.after_request
    def add_headers(response: Response) -> Response:
        used, now = world.requests.last_number(), world.clock.timestamp()
        response.headers.update(rate_limit_headers(used=used, now=now))
        response.headers["X-GitHub-Request-Id"] = _request_id()
        response.headers["X-GitHub-Media-Type"] = media_type
        response.headers["X-GitHub-Api-Version-Selected"] = "2022-11-28"
        response.headers.setdefault("Cache-Control", "private, max-age=60, s-maxage=60")
        return response


def answer_unknown(error: HTTPException) -> Response | HTTPException:
    """GitHub's body for a path or method of the API that does not exist."""
    if not request.path.startswith("/api/"):
        return error
    status = 404 if error.code == 405 else (error.code or 500)
    message = "Not Found" if status == 404 else error.name
    response = reply(ApiError(status, message).body(), status)
    response.headers["X-GitHub-Request-Id"] = _request_id()
    return response


def _request_id() -> str:
    """An ID in the form of GitHub's."""
    return ":".join(secrets.token_hex(size).upper() for size in (2, 3, 4, 4, 4))
