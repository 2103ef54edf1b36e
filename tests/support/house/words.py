"""Judge the words of the code: names that say nothing, and how docstrings begin."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.paths import ROOT, SOURCE

#: Names that could stand for any value. A name says what the value is: `tag`, `commit`, `wheel`.
EMPTY_WORDS = frozenset(
    [
        "all_of",
        "answered",
        "answers_given",
        "asked",
        "brought",
        "built",
        "called",
        "came",
        "chosen",
        "counted",
        "done",
        "each",
        "every",
        "everything",
        "expected_one",
        "first_one",
        "found",
        "gathered",
        "given",
        "gone",
        "got",
        "have",
        "held",
        "here",
        "it",
        "item",
        "items",
        "itself",
        "kept",
        "known",
        "last_one",
        "latest_one",
        "leads",
        "left",
        "listed",
        "lists",
        "looked",
        "made",
        "may",
        "meant",
        "missed",
        "named",
        "new_one",
        "next_one",
        "nothing",
        "obj",
        "object_",
        "old_one",
        "one",
        "ones",
        "other",
        "others",
        "own",
        "passed",
        "picked",
        "put",
        "reached",
        "read_one",
        "result_one",
        "said",
        "seen",
        "sent",
        "set_",
        "shown",
        "some",
        "something",
        "stands",
        "stood",
        "stuff",
        "taken",
        "temp",
        "thing",
        "things",
        "those",
        "told",
        "tmp",
        "two",
        "used",
        "val",
        "wanted",
        "was",
        "what",
        "which",
        "who",
        "whole",
        "written",
    ]
)
#: First words of docstrings: the imperative of what a function does.
VERBS = frozenset((Path(__file__).with_name("verbs.txt")).read_text(encoding="utf-8").split())


@dataclass(frozen=True)
class Share:
    """How many of a kind are as they should not be.

    Attributes:
        places: `src/dist_actions/cli.py:10 word`, one for each.
        total: How many were looked at.
    """

    places: tuple[str, ...]
    total: int

    @property
    def percent(self) -> float:
        """Compute the share in percent."""
        return 100 * len(self.places) / max(self.total, 1)


def find_empty_names() -> Share:
    """Find the assigned names, parameters included, that say nothing; anywhere under `src`."""
    places, total = [], 0
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            total += _assigned_name(node) is not None
            name = empty_name(node)
            if name is not None:
                places.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)} {name}")
    return Share(tuple(places), total)


def empty_name(node: ast.AST) -> str | None:
    """Return the name that a node assigns, if it says nothing."""
    name = _assigned_name(node)
    return name if name is not None and name.strip("_") in EMPTY_WORDS else None


def find_docstrings_without_verb() -> Share:
    """Find the public functions under `src` whose docstring does not open with a verb."""
    places, total = [], 0
    for path, function in _functions():
        if function.name.startswith("_") or ast.get_docstring(function) is None:
            continue
        total += 1
        first_word = docstring_without_verb(function)
        if first_word is not None:
            places.append(f"{path}:{function.lineno} {function.name}: {first_word}")
    return Share(tuple(places), total)


def docstring_without_verb(function: ast.FunctionDef) -> str | None:
    """Return the first word of a function's docstring, if there is one and it is no verb."""
    docstring = ast.get_docstring(function)
    first_word = docstring.split()[0].rstrip(",.:;") if docstring else None
    return None if first_word in VERBS else first_word


def _functions() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield path.relative_to(ROOT), node


def _assigned_name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.arg if isinstance(node, ast.arg) else None
