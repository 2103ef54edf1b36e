"""The layout and the words of the code meet their aims, and what measures them finds mistakes."""

import ast

import pytest

from support.house.__main__ import measure
from support.house.words import docstring_without_verb, empty_name


def test_the_aims_are_met() -> None:
    missed = [
        "\n".join((f"{figure.subject}: {figure.value}, not {figure.aim}", *figure.places))
        for figure in measure()
        if not figure.met
    ]
    assert not missed, "\n\n".join(missed)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("found = 1", "found"),
        ("for one in (): pass", "one"),
        ("def f(given): pass", "given"),
        ("def f(*, _told=1): pass", "_told"),
        ("[held for held in ()]", "held"),
        ("class C:\n    kept: int = 1", "kept"),
        ("tag = 1", None),
        ("print(found)", None),
        ("value.found = 1", None),
    ],
)
def test_a_name_that_says_nothing_is_found(text: str, name: str | None) -> None:
    names = [empty_name(node) for node in ast.walk(ast.parse(text))]
    assert [empty for empty in names if empty] == ([name] if name else [])


@pytest.mark.parametrize(
    ("docstring", "word"),
    [
        ("Return the tag's commit.", None),
        ("Read a manifest, and check it.", None),
        ("The commit of a tag.", "The"),
        ("Whether a branch is protected.", "Whether"),
        ("Returns the tag's commit.", "Returns"),
    ],
)
def test_a_docstring_without_a_verb_is_found(docstring: str, word: str | None) -> None:
    (function,) = ast.parse(f'def f():\n    """{docstring}"""').body
    assert isinstance(function, ast.FunctionDef)
    assert docstring_without_verb(function) == word


def test_a_function_without_a_docstring_is_left_alone() -> None:
    (function,) = ast.parse("def f(): pass").body
    assert isinstance(function, ast.FunctionDef)
    assert docstring_without_verb(function) is None
