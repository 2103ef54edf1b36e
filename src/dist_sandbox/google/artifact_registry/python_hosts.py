"""Artifact Registry's Python hosts: upload, simple index and download, around pypiserver.

Spec: https://cloud.google.com/artifact-registry/docs/python; for uploads the upload API of the
Python package index; for reading
https://packaging.python.org/en/latest/specifications/simple-repository-api/
"""

import functools
import json
from collections.abc import Sequence
from html import escape
from typing import NoReturn
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, redirect, request
from packaging.utils import canonicalize_name
from werkzeug.wrappers import Response as WsgiResponse

from dist_sandbox.google.api_errors import enforce_quota
from dist_sandbox.google.artifact_registry.repositories import (
    DOWNLOAD,
    UPLOAD,
    FileExistsInRepositoryError,
    Link,
    PackageRepository,
    RepositoryName,
    RepositorySettings,
)
from dist_sandbox.google.artifact_registry.upstream_repositories import UpstreamError
from dist_sandbox.google.identity.access_tokens import CLOUD_PLATFORM, IssuedToken
from dist_sandbox.google.quotas import Quota
from dist_sandbox.google.state import Google
from dist_sandbox.package_server import refuse_in_text, serve_path, text_response
from dist_sandbox.server.request_notes import note_file, note_principal, url_for_client
from dist_sandbox.uploads import InvalidUploadError, parse_upload

#: The user name that goes with an access token as password.
_TOKEN_USER = "oauth2accesstoken"  # noqa: S105 - a user's name

_PREFIX = "/artifact-registry/<location>/<project>/<repository>"

_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = "text/html"

_refuse = functools.partial(refuse_in_text, realm="Artifact Registry")


def create_blueprint(google: Google) -> Blueprint:
    """Create the hosts of all locations, to be mounted at the root."""
    blueprint = Blueprint("artifact-registry", __name__)
    enforce_quota(blueprint, google, "artifact-registry", _throttle)

    @blueprint.post(f"{_PREFIX}/")
    def upload(location: str, project: str, repository: str) -> Response:
        target = _permitted(google, RepositoryName(project, location, repository), UPLOAD)
        _check_upload(target)
        try:
            distribution = parse_upload(request)
            target.add(distribution.filename, distribution.content)
        except InvalidUploadError as error:
            _refuse(400, str(error))
        except FileExistsInRepositoryError:
            _refuse(400, "Requested entity already exists.")
        note_file(request.environ, distribution.filename, distribution.sha256)
        return text_response(200, "")

    @blueprint.get(f"{_PREFIX}/simple/<project_name>/")
    def simple(location: str, project: str, repository: str, project_name: str) -> WsgiResponse:
        target = _permitted(google, RepositoryName(project, location, repository), DOWNLOAD)
        if project_name != canonicalize_name(project_name):
            _refuse(404, "Not Found")
        return _page(target, project_name)

    @blueprint.get(f"{_PREFIX}/packages/<filename>")
    def download(location: str, project: str, repository: str, filename: str) -> WsgiResponse:
        target = _permitted(google, RepositoryName(project, location, repository), DOWNLOAD)
        return _serve(target.prepare_download(filename), f"/packages/{filename}")

    @blueprint.errorhandler(UpstreamError)
    def refuse_upstream(error: UpstreamError) -> Response:
        return text_response(502, str(error))

    return blueprint


def _permitted(google: Google, name: RepositoryName, permission: str) -> PackageRepository:
    """Return the repository, once the caller is known and has the permission."""
    token = _authenticate(google)
    note_principal(request.environ, token.identity.name)
    target = google.repositories.get(name)
    if target is None:
        if name.project_id not in {other_name.project_id for other_name in google.repositories}:
            _refuse(404, f'Project "{name.project_id}" not found')
        _refuse(404, f'Repository "{name.repository}" not found in location "{name.location}"')
    if CLOUD_PLATFORM not in token.scopes or not target.permits(token.identity.members, permission):
        _refuse(
            403,
            f"Permission '{permission}' denied on resource "
            f"'//artifactregistry.googleapis.com/{name.resource_name}' (or it may not exist).",
        )
    return target


def _authenticate(google: Google) -> IssuedToken:
    """Return the access token in the request's Basic credentials."""
    login = request.authorization
    token = None
    if login is not None and login.type == "basic" and login.username == _TOKEN_USER:
        token = google.live_token(login.password or "")
    if token is None:
        _refuse(401, "Unauthenticated request. Provide a valid access token as password.")
    return token


def _check_upload(target: PackageRepository) -> None:
    """Refuse what is too large, or where nothing is uploaded at all."""
    if target.mode != "standard":
        # The real service's text is not known.
        _refuse(400, f"Unsupported operation: cannot upload to a {target.mode} repository.")
    limit = target.settings.file_size_limit_bytes
    if limit and (request.content_length or 0) > limit:
        _refuse(413, "Request Entity Too Large")


def _page(target: PackageRepository, project: str) -> WsgiResponse:
    """Answer with a project's page: pypiserver's own wherever that can show it.

    Any other is in the format that the repository offers and the client likes best.
    """
    settings = target.settings
    shows_html = settings.page_formats == ("html",)
    if target.mode == "standard" and shows_html and not target.has_hidden_files():
        return _serve(target, f"/simple/{project}/")
    links = target.read_links(project)
    if not links:
        if elsewhere := target.find_elsewhere(project):
            return redirect(elsewhere)
        _refuse(404, "Not Found")
    base = urlsplit(url_for_client(f"{_mount(target.name)}/packages/")).path
    is_json = _prefers_json(settings)
    render = _json_page if is_json else _html_page
    response = make_response(render(project, links, base, settings.shows_hashes))
    response.headers["Content-Type"] = _JSON if is_json else f"{_HTML}; charset=utf-8"
    return response


def _prefers_json(settings: RepositorySettings) -> bool:
    if len(set(settings.page_formats)) == 1:
        return settings.page_formats[0] == "json"
    return request.accept_mimetypes.best_match([_HTML, _JSON], default=_HTML) == _JSON


def _json_page(project: str, links: Sequence[Link], base: str, shows_hashes: bool) -> str:
    """Render a project's page in JSON; file names are appended to `base`."""
    files = [
        {
            "filename": link.filename,
            "url": f"{base}{link.filename}",
            "hashes": {"sha256": link.sha256} if shows_hashes and link.sha256 else {},
        }
        for link in links
    ]
    return json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": files})


def _html_page(project: str, links: Sequence[Link], base: str, shows_hashes: bool) -> str:
    """Render a project's page in HTML; file names are appended to `base`."""
    lines = ["<!DOCTYPE html>", "<html>", f"<head><title>{escape(project)}</title></head>"]
    lines += ["<body>", f"<h1>{escape(project)}</h1>"]
    for link in links:
        fragment = f"#sha256={link.sha256}" if shows_hashes and link.sha256 else ""
        address = escape(f"{base}{link.filename}{fragment}")
        lines.append(f'<a href="{address}">{escape(link.filename)}</a><br/>')
    return "\n".join([*lines, "</body>", "</html>", ""])


def _serve(target: PackageRepository, path: str) -> WsgiResponse:
    """Answer with what the repository's pypiserver answers to a GET of `path`."""
    return serve_path(target.app, path, mount=_mount(target.name))


def _mount(name: RepositoryName) -> str:
    return f"/artifact-registry/{name.location}/{name.project_id}/{name.repository}"


def _throttle(quota: Quota) -> NoReturn:
    response = text_response(429, "Resource has been exhausted (e.g. check quota).")
    if quota.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(quota.retry_after_seconds)
    abort(response)
