"""Control of both indexes: what owners and administrators would change there.

Not part of any simulated service; the interface is described in `dist_sandbox.pypi`.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, jsonify, request

from dist_sandbox.pypi.publishers import Publisher, normalized
from dist_sandbox.pypi.state import Index
from dist_sandbox.world import World

_LIMITS = ("file_size_limit_bytes", "project_size_limit_bytes", "stale_reads")
_SWITCHES = ("trusted_publishing", "uploads")

_PUBLISHER_FIELDS: dict[str, type] = {
    "project": str,
    "owner": str,
    "owner_id": int,
    "repository": str,
    "workflow": str,
    "environment": str,
}


def create_blueprint(world: World) -> Blueprint:
    """The control interface of both indexes, to be mounted at the root."""
    blueprint = Blueprint("pypi-control", __name__, url_prefix="/_sandbox/pypi/<which>")
    _add_showing_routes(blueprint, world)
    _add_publisher_route(blueprint, world)
    _add_token_route(blueprint, world)
    _add_deleting_routes(blueprint, world)
    _add_settings_routes(blueprint, world)
    return blueprint


def _add_showing_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("")
    def show(which: str) -> Response:
        return jsonify(_index_json(_index(world, which)))

    @blueprint.get("/projects")
    def projects(which: str) -> Response:
        index = _index(world, which)
        with index.lock:
            return jsonify([project.to_json() for project in index.projects.values()])


def _add_publisher_route(blueprint: Blueprint, world: World) -> None:
    @blueprint.put("/publishers")
    def set_publishers(which: str) -> Response:
        index = _index(world, which)
        given = _body().get("publishers")
        if not isinstance(given, list):
            _bad("publishers is a list")
        made = [_publisher(index, one) for one in given]
        counts = Counter(one.identity for one in made if one.pending)
        if any(count > 1 for count in counts.values()):
            _bad("two pending publishers have the same workflow and environment")
        with index.lock:
            index.publishers = made
        return jsonify([one.to_json() for one in made])


def _add_token_route(blueprint: Blueprint, world: World) -> None:
    @blueprint.post("/tokens")
    def make_token(which: str) -> tuple[Response, int]:
        body = _body()
        project, seconds = body.get("project"), body.get("lifetime_seconds")
        if project is not None and not isinstance(project, str):
            _bad("project is a string or null")
        if seconds is not None and not isinstance(seconds, (int, float)):
            _bad("lifetime_seconds is a number or null")
        lasting = None if seconds is None else world.clock.now() + timedelta(seconds=seconds)
        token = _index(world, which).tokens.issue(
            None if project is None else [normalized(project)], expires_at=lasting
        )
        return jsonify(token=token.value), 201


def _add_deleting_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.delete("/files/<name>")
    def delete_file(which: str, name: str) -> tuple[str, int]:
        if not _index(world, which).delete_file(name):
            abort(404, description=f"no file {name!r}")
        return "", 204

    @blueprint.delete("/projects/<name>")
    def delete_project(which: str, name: str) -> tuple[str, int]:
        if not _index(world, which).delete_project(name):
            abort(404, description=f"no project {name!r}")
        return "", 204


def _add_settings_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.patch("/settings")
    def change_settings(which: str) -> Response:
        index, body = _index(world, which), _body()
        changes = {name: _setting(name, value) for name, value in body.items()}
        with index.lock:
            for name, value in changes.items():
                setattr(index.settings, name, value)
        return jsonify(_settings_json(index))

    @blueprint.post("/reset")
    def reset(which: str) -> tuple[str, int]:
        index = _index(world, which)
        body: Any = request.get_json(silent=True) or {}
        if body.get("everything") is True:
            index.clear()
        else:
            index.set_up()
        return "", 204


def _index(world: World, which: str) -> Index:
    found = next((index for name, index in world.pypi.items() if name == which), None)
    if found is None:
        abort(404, description=f"no index {which!r}")
    return found


def _publisher(index: Index, given: Any) -> Publisher:
    if not isinstance(given, dict):
        _bad("a publisher is an object")
    for name, value in given.items():
        kind = _PUBLISHER_FIELDS.get(name)
        if kind is None or not isinstance(value, kind):
            _bad(f"{name} is no field of a publisher, or its value has another type")
    return index.make_publisher(**given)


def _setting(name: str, value: Any) -> Any:
    """A setting's value, once its type is right."""
    is_switch = isinstance(value, bool)
    is_limit = isinstance(value, int) and not is_switch and value >= 0
    if (name in _LIMITS and is_limit) or (name in _SWITCHES and is_switch):
        return value
    if name != "prohibited_names" or not isinstance(value, list):
        _bad(f"{name} is not a setting, or its value is not one")
    return frozenset(normalized(str(one)) for one in value)


def _index_json(index: Index) -> dict[str, Any]:
    with index.lock:
        publishers = [one.to_json() for one in index.publishers]
    return {"settings": _settings_json(index), "publishers": publishers}


def _settings_json(index: Index) -> dict[str, Any]:
    settings = index.settings
    shown = {name: getattr(settings, name) for name in (*_LIMITS, *_SWITCHES)}
    return {**shown, "prohibited_names": sorted(settings.prohibited_names)}


def _body() -> dict[str, Any]:
    body: Any = request.get_json(silent=True)
    if not isinstance(body, dict):
        _bad("the body is a JSON object")
    return body


def _bad(message: str) -> NoReturn:
    abort(400, description=message)
