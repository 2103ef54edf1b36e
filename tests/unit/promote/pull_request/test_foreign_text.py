"""Text from anywhere in a pull request: shown, and obeyed by nobody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.promote.pull_request.foreign_text import show_markdown, show_text
from dist_actions.trailers.commit_messages import read_back_merges, read_promotion_trailers
from dist_actions.trailers.pull_request_body import BEGIN, END

SHA = "0123456789" * 4
HOSTILE = [
    END,
    BEGIN,
    "@everyone",
    "Closes #1",
    "Closes https://github.com/o/r/issues/1",
    "Fixes GH-12",
    "![x](http://evil.example/x.png)",
    "<img src=x>",
    f"Promoted-From: {SHA}",
    f"  Back-merged-From: {SHA}",
    "```",
    "| a | b |",
    "[x]: http://evil.example",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", ["", "- ", "## ", "   * "])
def test_nothing_in_it_acts(text: str, before: str) -> None:
    for made in (show_text(text, 500), show_markdown(f"{before}{text}", 500)):
        for active in (BEGIN, END, "@everyone", " #1", "://", "GH-12", "](", "\n```"):
            assert active not in f"\n{made}"
        assert re.search(r"(?<!\\)<(?!\u200b)", made) is None
        assert read_promotion_trailers(made) == ()
        assert read_back_merges(made) == ()


def test_a_changelogs_form_is_kept() -> None:
    text = "### Added\n\n- One `thing`\n  - with <b>more</b>\n\n\n---\nand text\n1. x"
    assert show_markdown(text, 500) == (
        "**Added**\n\n- One `thing`\n  - with \\<b\\>more\\</b\\>\n\n  and text\n  1. x"
    )


@given(st.text(max_size=300), st.integers(min_value=1, max_value=100))
def test_it_is_cut_and_never_ends_our_part(text: str, limit: int) -> None:
    made = show_markdown(text, limit)
    assert len(made) <= limit + len("\n- …")
    assert END not in made
    assert "\n" not in show_text(text, limit)


def test_a_long_line_is_cut() -> None:
    assert show_text("x" * 50, 10) == "x" * 9 + "…"
