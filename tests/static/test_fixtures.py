"""A fixture's name means one thing in all tests."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from support.paths import ROOT


def fixtures(tree: ast.Module) -> Iterator[str]:
    """Name the fixtures that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                call = decorator.func if isinstance(decorator, ast.Call) else decorator
                if ast.unparse(call) == "pytest.fixture":
                    yield node.name


def test_every_fixture_is_defined_once() -> None:
    places: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for name in fixtures(ast.parse(path.read_text(encoding="utf-8"))):
            places[name].append(path.relative_to(ROOT))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}
    assert len(places) > 50


def test_every_form_of_a_fixture_is_seen() -> None:
    plain, called = "@pytest.fixture\ndef a(): ...\n", "@pytest.fixture(scope='x')\ndef b(): ...\n"
    assert list(fixtures(ast.parse(f"{plain}{called}def c(): ..."))) == ["a", "b"]
