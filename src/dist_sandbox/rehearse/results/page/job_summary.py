"""Render the Markdown of a job summary as GitHub would, as HTML that is safe. It is pure.

GitHub lets HTML through that neither runs nor loads anything, and so does this; nothing is loaded
from anywhere, so a picture is shown as its description.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

#: Longer ones are cut: their file holds the rest.
LIMIT_CHARACTERS = 60_000
#: The lowest heading above a summary in the page.
_HEADING_ABOVE = 4
#: What GitHub shows, without pictures.
_TAGS = frozenset(
    re.findall(
        r"\w+",
        """
        a abbr b blockquote br caption code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i ins
        kbd li ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr
        tt ul var
        """,
    )
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "details": {"open"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
}
_THIS_MACHINE = ("http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost")
_ALERT = re.compile(r"^(\s*>\s*)\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*$", re.MULTILINE)
_HEADING = re.compile(r"<(/?)h([1-6])>")
_EMPTY_LINK = re.compile(r"<a\b[^>]*>\s*</a>")
_EMPTY_HEADER = re.compile(r"<th\b[^>]*>\s*</th>")


def render_summary(text: str, *, simulated: tuple[str, ...] = ()) -> Markup:
    """Render a job summary.

    Args:
        text: The Markdown.
        simulated: How the addresses begin of which only the text is kept, as of those on this
            machine.
    """
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _render_image)
    tokens = markdown.parse(_ALERT.sub(_render_alert, text[:LIMIT_CHARACTERS]))
    for token in tokens:
        style = str(token.attrs.pop("style", ""))
        if style.startswith("text-align:"):
            token.attrs["align"] = style.removeprefix("text-align:")

    unlinked = (*_THIS_MACHINE, *simulated)

    def keep(_: str, attribute: str, value: str) -> str | None:
        return None if attribute == "href" and value.startswith(unlinked) else value

    html = nh3.clean(
        markdown.renderer.render(tokens, markdown.options, {}),
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(_make_accessible(html))  # noqa: S704 - nh3 has made it safe


def _render_image(_: Any, tokens: Sequence[Any], index: int, *__: Any) -> str:
    """Show a picture as its description."""
    return f"<i>{escape(tokens[index].content or 'picture')}</i>"


def _render_alert(match: re.Match[str]) -> str:
    """Show GitHub's `[!NOTE]` as the first words of its quotation."""
    return f"{match[1]}**{match[2].capitalize()}**  "


def _make_accessible(html: str) -> str:
    """Continue the page's headings, and leave out what has no text; the HTML is nh3's."""
    html = _EMPTY_HEADER.sub("<td></td>", _EMPTY_LINK.sub("", html))
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>")
    open_levels: list[int] = []

    def renumber(match: re.Match[str]) -> str:
        level = int(match[2])
        if not match[1]:
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            open_levels.append(level)
        return f"<{match[1]}h{min(_HEADING_ABOVE + len(open_levels), 6)}>"

    return _HEADING.sub(renumber, html)
