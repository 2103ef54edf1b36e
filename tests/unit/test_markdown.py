"""Text from anywhere is shown in Markdown as it is."""

import pytest
from markdown_it import MarkdownIt

from dist_actions.markdown import code, code_block, escape, prose, table
from support.stages.hostile_texts import COMMANDS, PAYLOADS

HOSTILE = [
    *PAYLOADS.values(),
    *COMMANDS.values(),
    "@octocat closes #1",
    "![x](https://evil.invalid/x.png)",
    "[click](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "<!-- --> --- \n# heading\n- item",
    "a | b\n|---|---|",
    "```\nfence\n```",
    "`a``b`",
    "1. one",
    "&lt;script&gt;",
    "https://evil.invalid",
    "~~~\nx",
    "***bold***",
]


def tokens(text: str) -> set[str]:
    """The kinds of everything in a paragraph of Markdown that is not plain text."""
    found = set()
    for block in MarkdownIt("gfm-like", {"linkify": False}).parse(f"x {text} x"):
        inline = {child.type for child in block.children or []}
        found |= {block.type, *inline}
    return found - {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_text(text: str) -> None:
    assert tokens(escape(text)) <= {"softbreak"}
    assert "\n" not in escape(text)
    assert "@octocat" not in escape(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_code_is_one_span_of_code(text: str) -> None:
    blocks = MarkdownIt("gfm-like", {"linkify": False}).parse(f"x {code(text)} x")
    inline = [child for block in blocks for child in block.children or []]

    assert [child.type for child in inline] == ["text", "code_inline", "text"]


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_is_text_and_code(text: str) -> None:
    assert tokens(prose(text)) <= {"softbreak", "code_inline"}
    assert "\n" not in prose(text)


def test_a_command_in_prose_can_be_copied() -> None:
    command = 'gcloud x --member="serviceAccount:a@b.example" a_b | tee'
    text = prose(f"run a_b@c: `{command}`, then `x`")

    blocks = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    inline = [child for block in blocks for child in block.children or []]

    assert [child.content for child in inline if child.type == "code_inline"] == [command, "x"]
    assert text.startswith(r"run a\_b@")


def test_a_table_has_as_many_cells_as_it_was_given() -> None:
    text = table(["a", "b"], [[escape("x | y"), code("p | q")]])
    html = MarkdownIt("gfm-like", {"linkify": False}).render(text)

    assert html.count("<td>") == 2
    assert "x | y" in html


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "`a`"), ("a`b", "`` a`b ``"), ("a``b", "``` a``b ```"), ("a|b", "`a\\|b`")],
)
def test_a_span_of_code_is_as_short_as_can_be(text: str, expected: str) -> None:
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a `b` _c_", "a `b` \\_c\\_"), ("`` a", "\\`\\` a"), ("``", "\\`\\`"), ("`a", "\\`a")],
)
def test_only_what_stands_between_backticks_is_code(text: str, expected: str) -> None:
    assert prose(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("  x\ny  \n\n", "", "```\n  x\ny\n```"),
        ("x", "python", "```python\nx\n```"),
        ("```\nx\n```", "", "````\n```\nx\n```\n````"),
    ],
)
def test_a_block_of_code_has_a_longer_fence_than_its_text(
    text: str, language: str, expected: str
) -> None:
    assert (code_block(text, language) if language else code_block(text)) == expected
