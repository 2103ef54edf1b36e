"""Control of both indexes: what owners and administrators would change there.

Not part of any simulated service; the interface is described in `dist_sandbox.pypi`.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from packaging.utils import canonicalize_name

from dist_sandbox.clock import Clock
from dist_sandbox.control_requests import read_body, refuse
from dist_sandbox.pypi.projects import IndexProject
from dist_sandbox.pypi.publishers import TrustedPublisher
from dist_sandbox.pypi.state import IndexName, PackageIndex

_LIMITS = ("file_size_limit_bytes", "project_size_limit_bytes", "stale_reads")
_SWITCHES = ("trusted_publishing", "uploads")

Indexes = Mapping[IndexName, PackageIndex]

_PUBLISHER_FIELDS: dict[str, type] = {
    "project": str,
    "owner": str,
    "owner_id": int,
    "repository": str,
    "workflow": str,
    "environment": str,
}


def create_blueprint(indexes: Indexes, clock: Clock) -> Blueprint:
    """Create the control interface of both indexes, to be mounted at the root."""
    blueprint = Blueprint("pypi-control", __name__, url_prefix="/_sandbox/pypi/<index_name>")
    _add_showing_routes(blueprint, indexes)
    _add_publisher_route(blueprint, indexes)
    _add_token_route(blueprint, indexes, clock)
    _add_deleting_routes(blueprint, indexes)
    _add_settings_routes(blueprint, indexes)
    return blueprint


def _add_showing_routes(blueprint: Blueprint, indexes: Indexes) -> None:
    @blueprint.get("")
    def show(index_name: str) -> Response:
        index = _index(indexes, index_name)
        with index.lock:
            return jsonify(settings=_settings_json(index), publishers=index.publishers)

    @blueprint.put("/projects")
    def add_projects(index_name: str) -> tuple[str, int]:
        """Add projects without any file, as if they had been made long ago."""
        index, names = _index(indexes, index_name), read_body().get("projects")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            refuse("projects is a list of names")
        with index.lock:
            for name in map(canonicalize_name, names):
                index.projects.setdefault(name, IndexProject(name))
        return "", 204

    @blueprint.get("/projects")
    def projects(index_name: str) -> Response:
        index = _index(indexes, index_name)
        with index.lock:
            return jsonify([project.to_json() for project in index.projects.values()])


def _add_publisher_route(blueprint: Blueprint, indexes: Indexes) -> None:
    @blueprint.put("/publishers")
    def set_publishers(index_name: str) -> Response:
        """Replace the publishers; of one repository alone where the query names it."""
        index = _index(indexes, index_name)
        descriptions = read_body().get("publishers")
        if not isinstance(descriptions, list):
            refuse("publishers is a list")
        named = request.args.get("repository", "").rpartition("/")[2]
        kept = [row for row in index.publishers if named and row.repository != named]
        publishers = [_publisher(index, description, named) for description in descriptions]
        everyone = [*kept, *publishers]
        counts = Counter(publisher.identity for publisher in everyone if publisher.pending)
        if any(count > 1 for count in counts.values()):
            refuse("two pending publishers have the same workflow and environment")
        with index.lock:
            index.publishers = everyone
        return jsonify(publishers)


def _add_token_route(blueprint: Blueprint, indexes: Indexes, clock: Clock) -> None:
    @blueprint.post("/tokens")
    def make_token(index_name: str) -> tuple[Response, int]:
        body = read_body()
        project, seconds = body.get("project"), body.get("lifetime_seconds")
        if project is not None and not isinstance(project, str):
            refuse("project is a string or null")
        if seconds is not None and not isinstance(seconds, (int, float)):
            refuse("lifetime_seconds is a number or null")
        expires_at = None if seconds is None else clock.now() + timedelta(seconds=seconds)
        token = _index(indexes, index_name).tokens.issue(
            None if project is None else [canonicalize_name(project)], expires_at=expires_at
        )
        return jsonify(token=token.value), 201


def _add_deleting_routes(blueprint: Blueprint, indexes: Indexes) -> None:
    @blueprint.delete("/files/<name>")
    def delete_file(index_name: str, name: str) -> tuple[str, int]:
        if not _index(indexes, index_name).delete_file(name):
            abort(404, description=f"no file {name!r}")
        return "", 204

    @blueprint.delete("/projects/<name>")
    def delete_project(index_name: str, name: str) -> tuple[str, int]:
        if not _index(indexes, index_name).delete_project(name):
            abort(404, description=f"no project {name!r}")
        return "", 204


def _add_settings_routes(blueprint: Blueprint, indexes: Indexes) -> None:
    @blueprint.patch("/settings")
    def change_settings(index_name: str) -> Response:
        index, body = _index(indexes, index_name), read_body()
        changes = {name: _setting(name, value) for name, value in body.items()}
        with index.lock:
            for name, value in changes.items():
                setattr(index.settings, name, value)
        return jsonify(_settings_json(index))

    @blueprint.post("/reset")
    def reset(index_name: str) -> tuple[str, int]:
        index = _index(indexes, index_name)
        body: Any = request.get_json(silent=True) or {}
        if body.get("everything") is True:
            index.clear()
        else:
            index.set_up()
        return "", 204


def _index(indexes: Indexes, index_name: str) -> PackageIndex:
    index = {str(name): index for name, index in indexes.items()}.get(index_name)
    if index is None:
        abort(404, description=f"no index {index_name!r}")
    return index


def _publisher(index: PackageIndex, description: Any, repository: str) -> TrustedPublisher:
    if not isinstance(description, dict):
        refuse("a publisher is an object")
    for name, value in description.items():
        kind = _PUBLISHER_FIELDS.get(name)
        if kind is None or not isinstance(value, kind):
            refuse(f"{name} is no field of a publisher, or its value has another type")
    return index.make_publisher(**{"repository": repository, **description})


def _setting(name: str, value: Any) -> Any:
    """Return a setting's value, once its type is right."""
    is_switch = isinstance(value, bool)
    is_limit = isinstance(value, int) and not is_switch and value >= 0
    if (name in _LIMITS and is_limit) or (name in _SWITCHES and is_switch):
        return value
    if name != "prohibited_names" or not isinstance(value, list):
        refuse(f"{name} is not a setting, or its value is not one")
    return frozenset(canonicalize_name(str(name)) for name in value)


def _settings_json(index: PackageIndex) -> dict[str, Any]:
    values = {name: getattr(index.settings, name) for name in (*_LIMITS, *_SWITCHES)}
    return {**values, "prohibited_names": sorted(index.settings.prohibited_names)}
