"""A changelog keeps its shape, and nothing that it says acts."""

import pytest
from markdown_it import MarkdownIt

from dist_actions.release.github_release.markdown_rewriting import (
    joined_within,
    rewritten,
    rewritten_blocks,
)
from support.stages.hostile_texts import COMMANDS, PAYLOADS

_GFM = MarkdownIt("gfm-like", {"linkify": False})

ORDINARY = [
    "### Added\n\n- One\n- Two, with *stress*, **more** and ~~none~~\n  - deeper",
    "1. first\n2. second\n\n   with a paragraph",
    "Call `f(x)` or [read on](https://example.com/a_b?c=d).",
    "> quoted\n> twice",
    "```python\nprint('@x #1 <b>')\n```",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "one  \ntwo",
    "---",
    "5\\. is no list",
    "\\- neither",
    "a\n\\=== b",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_markdown_shows_the_same(text: str) -> None:
    assert _GFM.render(rewritten(text)) == _GFM.render(text)
    assert rewritten(rewritten(text)) == rewritten(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thanks @everyone", "Thanks @\u200beveryone"),
        ("&#64;everyone &commat;all", "@\u200beveryone @\u200ball"),
        ("Fixes #1", "F\u200bixes \\#1"),
        ("closes: o/r#1, resolved GH-7", "c\u200bloses: o/r\\#1, r\u200besolved GH\u200b-7"),
        (
            "Fix [x](https://github.com/o/r/issues/1)",
            "F\u200bix [x](https://github.com/o/r/issues/1)",
        ),
        ("It fixes a bug", "It fixes a bug"),
        ("<img src=x onerror=y>", "\\<img src=x onerror=y\\>"),
        ("a<!-- hidden @x -->b", "ab"),
        ("<!-- towncrier release notes start -->\n\n- x", "- x"),
        ("<!-- never ended\n\n- x", ""),
        ("![@x](https://evil.example/p.png)", "@\u200bx"),
        (
            "[![alt](https://evil.example/p.png)](https://evil.example)",
            "[alt](https://evil.example)",
        ),
        ("[x](javascript:alert(1))", "\\[x\\]\\(javascript:alert\\(1\\)\\)"),
        ("[x](//evil.example)", "x"),
        ("[x][1]\n\n[1]: https://example.com 'a title'", "[x](https://example.com)"),
        ("<https://example.com>", "[https://example.com](https://example.com)"),
        ("a\u202eb\u200bc\x1b[31md\x00", "abcd"),
        ("a&#x202e;b&#x200b;c&#xE0041;&ZeroWidthSpace;d", "abcd"),
        ("![a&#x202e;b](https://evil.example/p.png)", "ab"),
        ("a&#10;# b&#x2028;- c", "a \\# b - c"),
        ("&#x200b;@x ## &#x200b;[y", "@\u200bx \\#\\# \\[y"),
        ("```mermaid\ngraph TD\n```", "```\ngraph TD\n```"),
        ("~~~GeoJSON x\n{}\n~~~", "```\n{}\n```"),
        ("```math\nx\n```\n\n```stl\nx\n```", "```\nx\n```\n\n```\nx\n```"),
        ("```mathematica\nx\n```", "```mathematica\nx\n```"),
        ("```\nopen @x", "```\nopen @x\n```"),
        ("~~~ a` b\n```\n~~~", "````\n```\n````"),
        ("~~~x\n````\n~~~", "`````x\n````\n`````"),
        ("<details>\n<summary>x</summary>", "\\<details\\>\n\\<summary\\>x\\</summary\\>"),
    ],
)
def test_nothing_acts(text: str, expected: str) -> None:
    assert rewritten(text) == expected


@pytest.mark.parametrize("text", [*PAYLOADS.values(), *COMMANDS.values(), "*" * 5000, "[" * 5000])
def test_hostile_texts_become_neither_html_nor_images(text: str) -> None:
    shown = rewritten(f"{text}\n\n- {text}\n\n> {text}")
    kinds = {token.type for token in _GFM.parse(shown)}
    inline = {child.type for token in _GFM.parse(shown) for child in token.children or []}
    assert not {"html_block", "html_inline", "image"} & (kinds | inline)


def test_what_has_no_room_is_left_out_by_whole_blocks() -> None:
    blocks = rewritten_blocks("one\n\n```\ntwo\n```\n\nthree")
    assert joined_within(blocks, 1000) == "one\n\n```\ntwo\n```\n\nthree"
    assert joined_within(blocks, 16) == "one\n\n…"
