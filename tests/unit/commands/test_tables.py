"""Tables stay readable in terminals of any width."""

import pytest

from dist_actions.commands.tables import write_table

WORDS = "nothing of the project has to run for it"
PATH = "tests/test_a_thing.py"


def test_columns_stand_side_by_side_where_there_is_room() -> None:
    assert write_table(("", "why"), [("version", WORDS), ("a", "b")], width=None) == (
        f"         why\nversion  {WORDS}\na        b"
    )


def test_texts_are_wrapped_in_their_columns() -> None:
    shown = write_table(("", "seen", "why"), [("version", PATH, WORDS)], width=54)
    assert shown.splitlines()[1:] == [
        f"version  {PATH}  nothing of the project",
        "                                has to run for it",
    ]


def test_sentences_go_below_a_row_that_has_no_room_beside_it() -> None:
    shown = write_table(("package", "dev", ""), [("acme", "1.0", f"{WORDS}\n{WORDS}")], width=30)
    assert shown.splitlines() == [
        "package  dev",
        "acme     1.0",
        *["  nothing of the project has", "    to run for it"] * 2,
    ]


def test_rows_become_blocks_where_columns_have_no_room() -> None:
    rows = [("version", PATH, WORDS), ("tests", "", "none")]
    assert write_table(("", "seen", "why"), rows, width=30).splitlines() == [
        "version",
        f"  seen: {PATH}",
        "  why: nothing of the project",
        "    has to run for it",
        "tests",
        "  why: none",
    ]


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 160, None])
def test_no_width_loses_a_word_or_breaks_a_path(width: int | None) -> None:
    shown = write_table(("", "seen", "why"), [("version", PATH, WORDS)], width=width)
    assert PATH in shown
    # A path stands between the words that are beside it.
    assert set(WORDS.split()) <= set(shown.split())
    assert max(map(len, shown.splitlines())) <= max(width or 1000, 30)


def test_a_terminal_obeys_nothing_in_a_table() -> None:
    assert write_table(("", ""), [("a\x1b[31m", "b\r\x07c")], width=20).splitlines() == ["a  b c"]


ROWS = [("make", "  A", "1"), ("make", "  B", "2"), ("change", "  C", "3, now 4")]


@pytest.mark.parametrize("place", range(4))
def test_one_value_that_is_too_long_breaks_its_own_row_alone(place: int) -> None:
    """Below its row where the last column has no heading, else as a block."""
    value = f"projects/1/{'x' * 20}"
    rows = [*ROWS[:place], ("make", "  LONG", value), *ROWS[place:]]
    short = ["make      A     1", "make      B     2", "change    C     3, now 4"]
    lines = write_table(("", "", ""), rows, width=44).splitlines()
    assert lines == [*short[:place], "make      LONG", f"  {value}", *short[place:]]
    blocks = write_table(("", "", "value"), rows, width=44).splitlines()
    assert blocks[1 + place : 4 + place] == ["make", "  LONG", f"  value: {value}"]
    assert short[2] in blocks


def test_a_first_cell_that_is_too_long_breaks_its_row_alone() -> None:
    lines = write_table(("", "", ""), [(PATH, "b", "c"), *ROWS], width=24).splitlines()
    assert lines[:3] == [PATH, "  b", "  c"]
    assert lines[3:] == ["make      A  1", "make      B  2", "change    C  3, now 4"]
