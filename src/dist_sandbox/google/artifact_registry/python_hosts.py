"""Artifact Registry's Python hosts: upload, simple index and download, around pypiserver.

Spec: https://cloud.google.com/artifact-registry/docs/python; for uploads the upload API of the
Python package index; for reading PEP 503.
"""

from typing import NoReturn

from flask import Blueprint, Response, abort, make_response, request
from packaging.utils import canonicalize_name
from werkzeug.wrappers import Response as WsgiResponse

from dist_sandbox.google.api_errors import enforce_quota
from dist_sandbox.google.artifact_registry.repositories import (
    DOWNLOAD,
    UPLOAD,
    FileExistsInRepositoryError,
    Repository,
    RepositoryName,
)
from dist_sandbox.google.artifact_registry.simple_pages import answer_page
from dist_sandbox.google.artifact_registry.upstream_repositories import UpstreamError
from dist_sandbox.google.identity.access_tokens import CLOUD_PLATFORM, IssuedToken
from dist_sandbox.google.quotas import Quota
from dist_sandbox.server.request_notes import note_change, note_principal
from dist_sandbox.uploads import InvalidUploadError, parse_upload
from dist_sandbox.world import World

#: The user name that goes with an access token as password.
_TOKEN_USER = "oauth2accesstoken"  # noqa: S105 - a user's name

_PREFIX = "/artifact-registry/<location>/<project>/<repository>"


def create_blueprint(world: World) -> Blueprint:
    """The hosts of all locations, to be mounted at the root."""
    blueprint = Blueprint("artifact-registry", __name__)
    enforce_quota(blueprint, world, "artifact-registry", _throttle)

    @blueprint.post(f"{_PREFIX}/")
    def upload(location: str, project: str, repository: str) -> Response:
        name = RepositoryName(project, location, repository)
        target = _permitted(world, name, UPLOAD)
        _check_upload(target)
        try:
            parsed = parse_upload(request)
            target.add(parsed.filename, parsed.content)
        except InvalidUploadError as error:
            _refuse(400, str(error))
        except FileExistsInRepositoryError:
            _refuse(400, "Requested entity already exists.")
        note_change(request.environ)
        return _text(200, "")

    @blueprint.get(f"{_PREFIX}/simple/<project_name>/")
    def simple(location: str, project: str, repository: str, project_name: str) -> WsgiResponse:
        target = _permitted(world, RepositoryName(project, location, repository), DOWNLOAD)
        if project_name != canonicalize_name(project_name):
            _refuse(404, "Not Found")
        return _page(target, project_name)

    @blueprint.get(f"{_PREFIX}/packages/<filename>")
    def download(location: str, project: str, repository: str, filename: str) -> WsgiResponse:
        target = _permitted(world, RepositoryName(project, location, repository), DOWNLOAD)
        return _served(target.prepare_download(filename), f"/packages/{filename}")

    @blueprint.errorhandler(UpstreamError)
    def refuse_upstream(error: UpstreamError) -> Response:
        return _text(502, str(error))

    return blueprint


def _permitted(world: World, name: RepositoryName, permission: str) -> Repository:
    """The repository, once the caller is known and may do what it asks for."""
    token = _authenticated(world)
    note_principal(request.environ, token.identity.name)
    target = world.google.repositories.get(name)
    if target is None:
        if all(one.project_id != name.project_id for one in world.google.repositories):
            _refuse(404, f'Project "{name.project_id}" not found')
        _refuse(404, f'Repository "{name.repository}" not found in location "{name.location}"')
    if CLOUD_PLATFORM not in token.scopes or not target.permits(token.identity.members, permission):
        _refuse(
            403,
            f"Permission '{permission}' denied on resource "
            f"'//artifactregistry.googleapis.com/{name.resource_name}' (or it may not exist).",
        )
    return target


def _authenticated(world: World) -> IssuedToken:
    """The access token in the request's Basic credentials."""
    given = request.authorization
    token = None
    if given is not None and given.type == "basic" and given.username == _TOKEN_USER:
        token = world.google.live_token(given.password or "", now=world.clock.now())
    if token is None:
        _refuse(401, "Unauthenticated request. Provide a valid access token as password.")
    return token


def _check_upload(target: Repository) -> None:
    """Refuse what is too large, or where nothing is uploaded at all."""
    if target.mode != "standard":
        # The real service's text is not known.
        _refuse(400, f"Unsupported operation: cannot upload to a {target.mode} repository.")
    limit = target.settings.file_size_limit_bytes
    if limit and (request.content_length or 0) > limit:
        _refuse(413, "Request Entity Too Large")


def _page(target: Repository, project_name: str) -> WsgiResponse:
    """A project's page: pypiserver's own wherever that can show it."""
    shows_html = target.settings.page_formats == ("html",)
    if target.mode == "standard" and shows_html and not target.has_hidden_files():
        return _served(target, f"/simple/{project_name}/")
    links = target.read_links(project_name)
    if not links:
        _refuse(404, "Not Found")
    base = f"{request.script_root}{_mounted_at(target.name)}/packages/"
    return answer_page(project_name, links, base=base, settings=target.settings)


def _served(target: Repository, path: str) -> WsgiResponse:
    """What the repository's pypiserver answers to a GET of `path`."""
    environ = dict(request.environ)
    environ["SCRIPT_NAME"] = f"{request.script_root}{_mounted_at(target.name)}"
    environ["PATH_INFO"] = path
    # pypiserver leaves the file open that it answers with a part of; uv and poetry ask for parts.
    environ.pop("HTTP_RANGE", None)
    return WsgiResponse.from_app(target.app, environ)


def _mounted_at(name: RepositoryName) -> str:
    return f"/artifact-registry/{name.location}/{name.project_id}/{name.repository}"


def _throttle(quota: Quota) -> NoReturn:
    answer = _text(429, "Resource has been exhausted (e.g. check quota).")
    if quota.retry_after_seconds is not None:
        answer.headers["Retry-After"] = str(quota.retry_after_seconds)
    abort(answer)


def _refuse(status: int, message: str) -> NoReturn:
    answer = _text(status, message)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Artifact Registry"'
    abort(answer)


def _text(status: int, message: str) -> Response:
    answer = make_response(message, status)
    answer.mimetype = "text/plain"
    return answer
