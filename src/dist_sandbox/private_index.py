"""A private index as companies run one: uploads and pages by user name and password.

It is pypiserver behind a password, at `/private-index`; uploads go to its root and installers read
`simple/`. It belongs to no environment, and starts without users.

Control: `POST /_sandbox/private-index/users` `{"username": NAME}` makes a user, unless there is
one of this name; the answer holds `username`, `password`, `repository_url` and `index_url`.
"""

import functools
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any

from flask import Blueprint, Response, jsonify, make_response, request
from packaging.utils import canonicalize_name
from werkzeug.wrappers import Response as WsgiResponse

from dist_sandbox.package_server import create_package_server, refuse_in_text, serve_path
from dist_sandbox.server.request_notes import note_file, note_principal
from dist_sandbox.uploads import InvalidUploadError, parse_upload

_MOUNT = "/private-index"

_refuse = functools.partial(refuse_in_text, realm="private index")


def create_blueprint(folder: Path, *, url: str) -> Blueprint:
    """Create the index over a folder, and its control, to be mounted at the root.

    `url` is the index's address without a trailing slash.
    """
    blueprint = Blueprint("private-index", __name__)
    users: dict[str, str] = {}
    folder.mkdir(parents=True, exist_ok=True)
    _add_index_routes(blueprint, folder, users)
    _add_control_route(blueprint, url, users)
    return blueprint


def _add_index_routes(blueprint: Blueprint, folder: Path, users: dict[str, str]) -> None:
    @functools.cache
    def server() -> Any:
        return create_package_server(folder, shows_hashes=True)

    @blueprint.post(f"{_MOUNT}/")
    def upload() -> Response:
        _require_user(users)
        try:
            distribution = parse_upload(request)
            _add(folder, distribution.filename, distribution.content)
        except InvalidUploadError as error:
            _refuse(400, str(error))
        except FileExistsError:
            _refuse(409, "Package already exists")
        note_file(request.environ, distribution.filename, distribution.sha256)
        return make_response("", 200)

    @blueprint.get(f"{_MOUNT}/simple/<project>/")
    def simple(project: str) -> WsgiResponse:
        _require_user(users)
        return serve_path(server(), f"/simple/{canonicalize_name(project)}/", mount=_MOUNT)

    @blueprint.get(f"{_MOUNT}/packages/<filename>")
    def download(filename: str) -> WsgiResponse:
        _require_user(users)
        return serve_path(server(), f"/packages/{filename}", mount=_MOUNT)


def _add_control_route(blueprint: Blueprint, url: str, users: dict[str, str]) -> None:
    @blueprint.post("/_sandbox/private-index/users")
    def add_user() -> tuple[Response, int]:
        body: Any = request.get_json(silent=True)
        name = str((body if isinstance(body, dict) else {}).get("username", "publisher"))
        users.setdefault(name, secrets.token_urlsafe(24))
        repository_url = f"{url}/"
        user = {
            "username": name,
            "password": users[name],
            "repository_url": repository_url,
            "index_url": f"{repository_url}simple/",
        }
        return jsonify(user), 201


def _require_user(users: dict[str, str]) -> None:
    login = request.authorization
    if login is None or login.type != "basic" or login.username not in users:
        _refuse(401, "Unauthorized")
    if not secrets.compare_digest(users[login.username], login.password or ""):
        _refuse(401, "Unauthorized")
    note_principal(request.environ, f"private-index:{login.username}")


def _add(folder: Path, filename: str, content: IO[bytes]) -> None:
    """Add a file in one step; of two uploads at once one wins.

    Raises:
        FileExistsError: There is one of this name.
    """
    with tempfile.NamedTemporaryFile(dir=folder.parent) as scratch:
        shutil.copyfileobj(content, scratch)
        scratch.flush()
        os.link(scratch.name, folder / filename)
