"""What a terminal obeys or no reader sees is removed; everything else stays."""

import json

import pytest

from dist_actions.markdown import code, escape, prose
from dist_actions.printable import json_line, printable
from support.stages.runner_model import find_commands

UNSEEN = [
    *map(chr, [*range(9), *range(0x0E, 0x1C), 0x7F, *range(0x80, 0x85), *range(0x86, 0xA0)]),
    *"\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f",
    *map(chr, [*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xFFF9, 0xFFFB]),
    *map(chr, [*range(0xFE00, 0xFE10), 0x1BCA0, 0x1D173, 0x13430, 0xFFF0]),
    "\u200d\u200d\u200d",
    *"\U000e0001\U000e0041\U000e007f\U000e0100",
    "\x1b[31m",
    "\x1b[2K",
    "\x1b]8;;https://evil.invalid\x07",
    "\x1b]0;title\x1b\\",
]
BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
SEEN = [
    "tab\tstays",
    "\U0001f469\u200d\U0001f4bb codes",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\u0915\u094d\u200d\u0937",
    "h\u00e9, \u65e5\u672c, \u05e9\u05dc\u05d5\u05dd \u2764\ufe0f",
]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_what_nobody_sees_is_removed(unseen: str) -> None:
    assert printable(f"a{unseen}b") == "ab"
    assert (escape(f"a{unseen}b"), prose(f"a{unseen}b")) == ("ab", "ab")
    assert (prose(f"`a{unseen}b`"), code(f"a{unseen}b")) == ("`ab`", "`ab`")


@pytest.mark.parametrize("carrier", ["a", "\u00e9", "\u2764\ufe0f"], ids=ascii)
def test_no_hidden_text_is_carried(carrier: str) -> None:
    """Of selectors and joiners in a row there is one at the most."""
    for hidden in ("".join(map(chr, range(0xFE00, 0xFE10))) * 4, "\u200c\u200d" * 8):
        assert len(printable(f"{carrier}{hidden}\u00e9")) <= len(carrier) + 3


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
def test_every_end_of_a_line_is_one(end: str) -> None:
    assert printable(f"a{end}b") == "a\nb"
    assert escape(f"a{end}b") == "a b"


@pytest.mark.parametrize("text", SEEN, ids=ascii)
def test_what_is_seen_stays(text: str) -> None:
    assert printable(text) == text


def test_json_is_no_command_of_the_older_form() -> None:
    document = {"tag": "##[set-output name=x]1 and ##[error]", "rest": ["# [", "\n::error::x"]}
    line = json_line(document)

    assert json.loads(line) == document
    assert "\n" not in line
    assert find_commands(json.dumps(document)) != []
    assert find_commands(line) == []
