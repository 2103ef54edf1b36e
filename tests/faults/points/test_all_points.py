"""None of the named points is lost: each one has its tests, and their names carry its number."""

import ast
from collections.abc import Iterator
from pathlib import Path

NAMED_POINTS = range(1, 72)
PREFIX = "test_point_"


def read_numbers() -> Iterator[str]:
    """Read the number in the name of each test of this folder."""
    for file in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIX):
                yield node.name.removeprefix(PREFIX)[:3]


def test_every_named_point_has_a_test() -> None:
    assert set(read_numbers()) == {f"{number:02}_" for number in NAMED_POINTS}
