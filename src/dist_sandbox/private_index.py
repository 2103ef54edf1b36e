"""A private index as companies run one: uploads and pages by user name and password.

It is pypiserver behind a password, at `/private-index`; uploads go to its root and installers read
`simple/`. It belongs to no environment, and starts without users.

Control: `POST /_sandbox/private-index/users` `{"username": NAME}` makes a user; the answer holds
`username`, `password`, `repository_url` and `index_url`.
"""

import functools
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, make_response, request
from packaging.utils import canonicalize_name
from werkzeug.wrappers import Response as WsgiResponse

from dist_sandbox.google.artifact_registry.package_server import create_package_server
from dist_sandbox.server.request_notes import note_change, note_principal
from dist_sandbox.uploads import InvalidUploadError, parse_upload
from dist_sandbox.world import World

_MOUNT = "/private-index"


def create_blueprint(world: World) -> Blueprint:
    """The index and its control, to be mounted at the root."""
    blueprint = Blueprint("private-index", __name__)
    users: dict[str, str] = {}
    folder = world.state / "private-index"
    folder.mkdir(parents=True, exist_ok=True)
    _add_index_routes(blueprint, folder, users)
    _add_control_route(blueprint, world, users)
    return blueprint


def _add_index_routes(blueprint: Blueprint, folder: Path, users: dict[str, str]) -> None:
    @functools.cache
    def server() -> Any:
        return create_package_server(folder, shows_hashes=True)

    @blueprint.post(f"{_MOUNT}/")
    def upload() -> Response:
        _require_user(users)
        try:
            parsed = parse_upload(request)
            _add(folder, parsed.filename, parsed.content)
        except InvalidUploadError as error:
            _refuse(400, str(error))
        except FileExistsError:
            _refuse(409, "Package already exists")
        note_change(request.environ)
        return make_response("", 200)

    @blueprint.get(f"{_MOUNT}/simple/<project>/")
    def simple(project: str) -> WsgiResponse:
        _require_user(users)
        return _served(server(), f"/simple/{canonicalize_name(project)}/")

    @blueprint.get(f"{_MOUNT}/packages/<filename>")
    def download(filename: str) -> WsgiResponse:
        _require_user(users)
        return _served(server(), f"/packages/{filename}")


def _add_control_route(blueprint: Blueprint, world: World, users: dict[str, str]) -> None:
    @blueprint.post("/_sandbox/private-index/users")
    def add_user() -> tuple[Response, int]:
        body: Any = request.get_json(silent=True)
        name = str((body if isinstance(body, dict) else {}).get("username", "publisher"))
        users[name] = secrets.token_urlsafe(24)
        repository_url = f"{world.addresses.base}{_MOUNT}/"
        made = {
            "username": name,
            "password": users[name],
            "repository_url": repository_url,
            "index_url": f"{repository_url}simple/",
        }
        return jsonify(made), 201


def _require_user(users: dict[str, str]) -> None:
    given = request.authorization
    if given is None or given.type != "basic" or given.username not in users:
        _refuse(401, "Unauthorized")
    if not secrets.compare_digest(users[given.username], given.password or ""):
        _refuse(401, "Unauthorized")
    note_principal(request.environ, f"private-index:{given.username}")


def _add(folder: Path, filename: str, content: IO[bytes]) -> None:
    """Add a file in one step; of two uploads at once one wins.

    Raises:
        FileExistsError: There is one of this name.
    """
    with tempfile.NamedTemporaryFile(dir=folder.parent) as scratch:
        shutil.copyfileobj(content, scratch)
        scratch.flush()
        os.link(scratch.name, folder / filename)


def _served(server: Any, path: str) -> WsgiResponse:
    environ = dict(request.environ)
    environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"{request.script_root}{_MOUNT}", path
    # pypiserver leaves the file open that it answers with a part of.
    environ.pop("HTTP_RANGE", None)
    return WsgiResponse.from_app(server, environ)


def _refuse(status: int, message: str) -> NoReturn:
    answer = make_response(message, status)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="private index"'
    abort(answer)
