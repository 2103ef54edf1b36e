"""Flask whose routes are compiled once for all sandboxes of a process."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Blueprint, Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule, RuleFactory

from dist_sandbox.github.rest import routes as rest


@dataclass(frozen=True)
class _Route:
    """What a rule says, before it is compiled; those of a sandbox say nothing else."""

    path: str
    endpoint: str
    methods: frozenset[str]
    answers_options: bool


def create_services(blueprints: Iterable[Blueprint]) -> Flask:
    """Create one WSGI application of services, whose paths are taken as they are written."""
    app = Flask("dist_sandbox", static_folder=None)
    app.url_map = routes = _Routes()
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_error_handler(HTTPException, rest.answer_unknown)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.url_map = routes.compile()
    return app


class _Routes(Map):
    """Rules that are only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.rules: list[Rule] = []

    def add(self, rulefactory: RuleFactory) -> None:
        """Note a rule."""
        self.rules += rulefactory.get_rules(self)

    def compile(self) -> Map:
        """Make the map that finds the view of a path."""
        routes = (
            _Route(
                rule.rule,
                rule.endpoint,
                frozenset(rule.methods or ()),
                rule.provide_automatic_options,  # type: ignore[attr-defined]
            )
            for rule in self.rules
        )
        return _compile(tuple(routes))


class _MatchedRule(Rule):
    """A rule that finds the view of a path, and cannot make a path for a view.

    The latter is never needed here, and preparing it takes four fifths of a sandbox's start: a
    small compiler runs for each of two hundred rules.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: ARG002
        def refuse(*_arguments: object, **_values: object) -> tuple[str, str]:
            raise NotImplementedError("a sandbox's addresses are in dist_sandbox.addresses")

        return refuse


@functools.cache  # all sandboxes have the same routes, and to compile them takes most of a start
def _compile(routes: tuple[_Route, ...]) -> Map:
    url_map = Map(merge_slashes=False, strict_slashes=False)
    for route in routes:
        rule = _MatchedRule(route.path, endpoint=route.endpoint, methods=route.methods)
        rule.provide_automatic_options = route.answers_options  # type: ignore[attr-defined]
        url_map.add(rule)
    return url_map
