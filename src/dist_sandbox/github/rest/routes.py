"""The REST API as blueprints: every operation, GitHub's headers, GitHub's error bodies."""

import pkgutil
import secrets
from importlib import import_module

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from dist_sandbox.clock import Clock
from dist_sandbox.github import views
from dist_sandbox.github.rest.calls import HOURLY_LIMIT, reply
from dist_sandbox.github.rest.errors import GitHubError
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.state import GitHub
from dist_sandbox.github.views.assets import uploads as upload_operations
from dist_sandbox.server.request_log import RequestLog
from dist_sandbox.server.request_notes import url_for_client


def api_operations() -> list[Operations]:
    """List the operations below `/api/v3`, by subject: every module of the views has some."""
    names = (module.name for module in pkgutil.iter_modules(views.__path__))
    return [import_module(f"{views.__name__}.{name}").operations for name in names]


def create_blueprints(github: GitHub, requests: RequestLog) -> list[Blueprint]:
    """Make the REST API and its uploads address, to be mounted at the root."""
    api = Blueprint("github", __name__, url_prefix="/api/v3")
    for operations in api_operations():
        operations.add_to(api, github)
    uploads = Blueprint("github-uploads", __name__, url_prefix="/api/uploads")
    upload_operations.add_to(uploads, github)
    for blueprint in (api, uploads):
        add_answers(blueprint, github.clock, requests)
    return [api, uploads]


def add_answers(
    blueprint: Blueprint,
    clock: Clock,
    requests: RequestLog,
    *,
    media_type: str = "github.v3; format=json",
) -> None:
    """Give a blueprint GitHub's headers and error bodies."""

    @blueprint.errorhandler(GitHubError)
    def refuse(error: GitHubError) -> Response:
        return reply(error.body(), error.status, headers=error.headers)

    @blueprint.after_request
    def add_headers(response: Response) -> Response:
        count, now = requests.last_number() % HOURLY_LIMIT, clock.timestamp()
        response.headers["X-RateLimit-Limit"] = str(HOURLY_LIMIT)
        response.headers["X-RateLimit-Remaining"] = str(HOURLY_LIMIT - count)
        response.headers["X-RateLimit-Used"] = str(count)
        response.headers["X-RateLimit-Reset"] = str(now - now % 3600 + 3600)
        response.headers["X-RateLimit-Resource"] = "core"
        response.headers["X-GitHub-Request-Id"] = _request_id()
        response.headers["X-GitHub-Media-Type"] = media_type
        response.headers["X-GitHub-Api-Version-Selected"] = "2022-11-28"
        response.headers.setdefault("Cache-Control", "private, max-age=60, s-maxage=60")
        return response


def answer_unknown(error: HTTPException) -> Response | HTTPException:
    """Answer in GitHub's form; a path or method that the sandbox does not know is not GitHub's 404.

    Whether GitHub has it nobody here knows.
    """
    if not request.path.startswith("/api/"):
        return error
    status, message = error.code or 500, error.name
    if request.url_rule is None and status in (404, 405):
        status, message = (
            501,
            f"The sandbox does not simulate {request.method} {url_for_client(request.path)}",
        )
    response = reply(GitHubError(status, message).body(), status)
    response.headers["X-GitHub-Request-Id"] = _request_id()
    return response


def _request_id() -> str:
    """Make an ID in the form of GitHub's."""
    return ":".join(secrets.token_hex(size).upper() for size in (2, 3, 4, 4, 4))
