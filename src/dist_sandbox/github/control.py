"""Control of the simulated GitHub: its event stream, and what an administrator would change."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from dist_sandbox.github.apps import App
from dist_sandbox.world import World

_SWITCHES = ("suspended", "installed")


def add_github_routes(blueprint: Blueprint, world: World) -> None:
    """Add GitHub's part to the control interface."""
    _add_event_routes(blueprint, world)
    _add_app_routes(blueprint, world)


def _add_event_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/events")
    def events() -> Response:
        """What happened after the event numbered `after`."""
        after = request.args.get("after", 0, type=int)
        return jsonify([event.to_json() for event in world.github.events.after(after)])


def _add_app_routes(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/apps/<slug>")
    def show_app(slug: str) -> tuple[Response, int]:
        app = world.github.find_app(slug)
        if app is None:
            return jsonify(message=f"there is no App {slug}"), 404
        return jsonify(_describe(app, world)), 200

    @blueprint.post("/apps/<slug>")
    def change_app(slug: str) -> tuple[Response, int]:
        """Suspend or uninstall an App, or change what it was granted."""
        app = world.github.find_app(slug)
        if app is None:
            return jsonify(message=f"there is no App {slug}"), 404
        body: Any = request.get_json(silent=True) or {}
        for name in _SWITCHES:
            if isinstance(body.get(name), bool):
                setattr(app, name, body[name])
        if isinstance(body.get("permissions"), dict):
            app.permissions = dict(body["permissions"])
        if isinstance(body.get("repository_ids"), list):
            app.repository_ids = frozenset(map(int, body["repository_ids"]))
        return jsonify(_describe(app, world)), 200


def _describe(app: App, world: World) -> dict[str, Any]:
    live = world.github.tokens.live(now=world.clock.now())
    return {
        "slug": app.slug,
        "suspended": app.suspended,
        "installed": app.installed,
        "permissions": dict(app.permissions),
        "repository_ids": sorted(app.repository_ids),
        "live_tokens": sum(token.app is app for token in live),
    }
