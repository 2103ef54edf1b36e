"""Flask whose routes are compiled once for all sandboxes of a process."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule, RuleFactory

from dist_sandbox.github.rest import routes as rest


class _MatchedRule(Rule):
    """A rule that finds the view of a path, and cannot make a path for a view.

    The latter is never needed here, and preparing it takes four fifths of a sandbox's start: a
    small compiler runs for each of two hundred rules.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: ARG002
        def refuse(*_arguments: object, **_values: object) -> tuple[str, str]:
            raise NotImplementedError("a sandbox's addresses are in dist_sandbox.addresses")

        return refuse


@dataclass(frozen=True)
class _Route:
    """A rule, comparable before it is compiled."""

    path: str
    endpoint: str
    methods: frozenset[str]
    defaults: frozenset[tuple[str, Any]]
    rule: Rule = field(compare=False)

    @classmethod
    def of(cls, rule: Rule) -> "_Route":
        """Take down what a rule says."""
        methods, defaults = frozenset(rule.methods or ()), frozenset((rule.defaults or {}).items())
        return cls(rule.rule, rule.endpoint, methods, defaults, rule)


class _Routes(Map):
    """Rules that are only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.routes: list[_Route] = []

    def add(self, rulefactory: RuleFactory) -> None:
        """Note a rule."""
        self.routes += map(_Route.of, rulefactory.get_rules(self))


class _Services(Flask):
    """Flask with rules that are quick to add."""

    url_rule_class = _MatchedRule


def create_services(blueprints: Iterable[Blueprint]) -> Flask:
    """Create one WSGI application of services, whose paths are taken as they are written."""
    app = _Services("dist_sandbox", static_folder=None)
    app.url_map = noted = _Routes()
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_error_handler(HTTPException, rest.answer_unknown)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.url_map = _compile(tuple(noted.routes))
    return app


@functools.cache  # all sandboxes have the same routes, and to compile them takes most of a start
def _compile(routes: tuple[_Route, ...]) -> Map:
    url_map = Map(merge_slashes=False, strict_slashes=False)
    for route in routes:
        url_map.add(route.rule)
    return url_map
