"""What long runs of properties and fuzzing found, in its smallest form: each is checked again."""

from typing import Any

import pytest

from support.parsers.table import BY_NAME

#: Numbers of more digits than Python reads.
_DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("parser", "value"),
    [
        ("changelogs", f"# {_DIGITS}\n"),
        ("changelogs", "> ---\ntext\n" * 20_000),
        ("changelogs", "> 1.0.0\n---\n\n# 1.0.0\ntext\n"),
        ("tag formats", ("{version}{suffix}{suffix}" * 3000, "-qa")),
        ("version numbers", _DIGITS),
        ("printable texts", "\x80\u200c\x80"),
        ("printable texts", "\u202e\u200d\u202e"),
        ("printable texts", "a\u200d\ufe0f"),
        ("printable texts", "\u00e9\u200d\ufe0fx"),
        ("workflows", "[" * 3000),
        ("workflows", "{a: " * 3000),
        ("workflows", "- " * 3000),
    ],
)
def test_what_was_found_holds(parser: str, value: Any) -> None:
    BY_NAME[parser].check(value)
