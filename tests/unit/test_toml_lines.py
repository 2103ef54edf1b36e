"""The lines of keys, however TOML lets them be written; no line rather than a wrong one."""

import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.toml import KeyPath, key_lines, line_of, line_of_key

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[a]\nkey = 1\n[b]\nkey = 2", 4),
        ('[ b ]\n\n  "key"= 2', 3),
        ("'b' . \"key\" = 2", 1),
        ("\n\nb.key = 2", 3),
        ("b = { x = 1, key = 2 }", 1),
        ("b = {\n}\n[b]\nkey = 1", 4),
        ('x = """\n[b]\nkey = 1\n"""\n[b]\nkey = 2', 6),
        ("x = '''\n[b]\nkey = 1'''''\n[b]\nkey = 2", 5),
        ('x = "[b]" # [b]\nb."\\u006bey" = 1', 2),
        ('x = [\n  "]", # ]\n  { b = 1 },\n]\nb.key = 1', 5),
        ("x = 1979-05-27 07:32:00\r\n[b]\r\nkey = 1", 3),
        ("[b.below]\n[b]\nkey = 1", 3),
        ("b.key.below = 1\nb.key.other = 2", 1),
        ("[a.b]\nkey = 1", 0),
        ("[[b]]\nkey = 1", 0),
        ("# [b]\nkey = 1", 0),
        ("b.key = 'never closed", 0),
        ("b.key = 1\n[never closed", 0),
        ("b.key = 1\n= 2", 0),
        ("b.key = 1\nx = " + "[" * 9000 + "]" * 9000, 0),
    ],
)
def test_the_line_of_a_key(text: str, line: int) -> None:
    assert line_of_key(text, "b", "key") == line


def test_elements_of_arrays_are_counted() -> None:
    text = "[[a]]\nx = 1\n[[a]]\n[a.b]\nx = 2\n[[a.c]]\nx = 3\n"

    assert line_of(text, ()) == 0
    assert key_lines(text)["a", 0, "x"] == 2
    assert key_lines(text)["a", 1, "b", "x"] == 5
    assert key_lines(text)["a", 1, "c", 0, "x"] == 7


def test_a_table_stands_where_its_header_does() -> None:
    text = "[tool.poetry]\nname = 'x'\n[tool]\ny = 1\n"

    assert line_of(text, ("tool",)) == 3
    assert line_of("[tool.poetry]\n", ("tool",)) == 1


KEYS = st.sampled_from(["a", "b-c", '"d.e"', "'f g'", "1"])
SCALARS = st.sampled_from(
    ["1", "true", '"x # y"', "'[a]'", '"""\n[a]\nb-c = 1"""', "'''\n1 = 2'''", "1.5e3", "07:32:00"]
)
VALUES = st.recursive(
    SCALARS,
    lambda below: st.one_of(
        st.lists(below, max_size=3).map(lambda items: f"[\n{' , '.join(items)} # ]\n]"),
        st.dictionaries(KEYS, SCALARS.filter(lambda one: "\n" not in one), max_size=3).map(
            lambda table: f"{{ {', '.join(f'{key} = {text}' for key, text in table.items())} }}"
        ),
    ),
    max_leaves=4,
)
STATEMENTS = st.one_of(
    st.builds("{} = {}\n".format, KEYS, VALUES),
    st.builds("{} . {} = {}\n".format, KEYS, KEYS, VALUES),
    st.builds("[{}.{}] # x\n".format, KEYS, KEYS),
    st.builds("[[ {} ]]\n".format, KEYS),
    st.sampled_from(["\n", "# a = 1\n", "  \t\n"]),
)


def leaves(value: object, path: KeyPath = ()) -> dict[KeyPath, object]:
    """Every value that is no table, by its path."""
    if isinstance(value, dict):
        below = value.items()
    elif isinstance(value, list):
        below = enumerate(value)
    else:
        return {path: value}
    return {where: leaf for key, one in below for where, leaf in leaves(one, (*path, key)).items()}


@given(st.lists(STATEMENTS, max_size=8))
def test_lines_agree_with_the_parser(statements: list[str]) -> None:
    """A key is new in the first part of the text that holds it, and stands in its first line."""
    kept: list[str] = []
    expected: dict[KeyPath, int] = {}
    for statement in statements:
        try:
            parsed = tomllib.loads("".join([*kept, statement]))
        except tomllib.TOMLDecodeError:
            continue
        line = "".join(kept).count("\n") + 1
        kept.append(statement)
        for path in leaves(parsed):
            names = tuple(itertools.takewhile(lambda key: isinstance(key, str), path))
            if names == path:
                expected.setdefault(path, line)

    lines = key_lines("".join(kept))

    assert {path: lines.get(path) for path in expected} == expected
