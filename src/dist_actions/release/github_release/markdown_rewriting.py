"""Markdown from anywhere, written anew from what it is made of; pure.

A changelog keeps its headings, lists, tables, emphasis, code and links. All text in it is escaped,
so that nothing acts: no HTML and no comments, no images, no mentions, no references to issues, no
words that close them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from dist_actions.markdown import code_block, code_span, escape_line
from dist_actions.printable import printable, printable_lines

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
#: More than any release's text may have; the parser takes its time for more.
_LIMIT_CHARACTERS = 125_000
_EMPHASIS = {"em": "*", "strong": "**", "s": "~~"}
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SAFE_LINK = re.compile(r"https?://[^\s<>()\\\"']+")
#: Where a line of text would begin a list or a heading.
_LINE_MARK = re.compile(r"^(\d{0,9})([.=-])")
#: Languages whose code GitHub draws: pictures and links, made of what the code says.
_DRAWN = frozenset({"mermaid", "geojson", "topojson", "stl", "math"})
_LANGUAGE = re.compile(r"[A-Za-z0-9+#-]{1,20}\b")
_INVISIBLE = "\u200b"
_CLOSING = re.compile(
    r"\b(?:close[sd]?|closing|fix(?:e[sd]|ing)?|resolve[sd]?|resolving)\b", re.IGNORECASE
)
#: Behind a word that closes: a reference, or the end of the text before a link.
_REFERENCE = re.compile(r"\s*:?\s*(?:#|GH-|https?:|[\w.-]+/[\w.-]+#|\Z)", re.IGNORECASE)
_ISSUE = re.compile(r"\b(GH)-(?=\d)", re.IGNORECASE | re.ASCII)


def rewritten_blocks(text: str) -> tuple[str, ...]:
    """Write each block of a text anew; of one that is too long, the end is left out."""
    tree = SyntaxTreeNode(_PARSER.parse(printable(text[:_LIMIT_CHARACTERS])))
    return tuple(block for block in map(_block, tree.children) if block)


def rewritten(text: str) -> str:
    """Write a text anew."""
    return "\n\n".join(rewritten_blocks(text))


def show_line(text: str) -> str:
    """Show a text as it is, on one line."""
    return _shown(" ".join(printable(text).split()))


def show_link(shown: str, address: str) -> str:
    """Link Markdown to an address, if that is one of the web that breaks nothing."""
    safe = shown.strip() and _SAFE_LINK.fullmatch(address)
    return f"[{shown}]({address})" if safe else shown


def joined_within(blocks: Sequence[str], limit: int) -> str:
    """Join as many blocks as have room, and say where some have not.

    Args:
        limit: Characters of the result.
    """
    kept: list[str] = []
    room = limit - 3
    for block in blocks:
        room -= len(block) + 2
        if room < 0:
            return "\n\n".join([*kept, "…"]) if limit > 0 else ""
        kept.append(block)
    return "\n\n".join(kept)


def _block(node: SyntaxTreeNode) -> str:
    write = _WRITERS.get(node.type)
    return write(node) if write else _paragraph(_html(node.content))


def _heading(node: SyntaxTreeNode) -> str:
    return f"{'#' * int(node.tag[1:])} {' '.join(_text(node).split())}"


def _code(node: SyntaxTreeNode) -> str:
    match = _LANGUAGE.match(node.info)
    language = match[0] if match and match[0].lower() not in _DRAWN else ""
    return code_block(printable(node.content), language)


def _blocks(node: SyntaxTreeNode) -> str:
    return "\n\n".join(block for block in map(_block, node.children) if block)


def _list(node: SyntaxTreeNode) -> str:
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    items = []
    tight = True
    for index, item in enumerate(node.children):
        tight &= all(child.hidden for child in item.children if child.type == "paragraph")
        mark = "- " if number is None else f"{number + index}. "
        separator = "\n" if tight else "\n\n"
        body = separator.join(block for block in map(_block, item.children) if block)
        items.append(_indented(mark, " " * len(mark), body))
    return ("\n" if tight else "\n\n").join(items)


def _indented(first: str, others: str, body: str) -> str:
    lines = body.splitlines() or [""]
    rest = [f"{others}{line}".rstrip() for line in lines[1:]]
    return "\n".join([f"{first}{lines[0]}".rstrip(), *rest])


def _table(node: SyntaxTreeNode) -> str:
    rows = [
        [" ".join(_text(cell).split()) for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    if not rows:
        return ""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _paragraph(text: str) -> str:
    lines = (line.lstrip() for line in text.splitlines())
    return "\n".join(_LINE_MARK.sub(r"\1\\\2", line, count=1) for line in lines if line)


def _text(node: SyntaxTreeNode) -> str:
    """Write the inline content of a block."""
    return "".join(piece for child in node.children for piece in _inline(child))


def _inline(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type == "inline":
        yield _text(node)
    elif node.type == "text":
        yield _shown(node.content)
    elif node.type == "code_inline":
        content = " ".join(printable_lines(node.content))
        yield code_span(content.replace("|", "\\|") if _in_table(node) else content)
    elif node.type in {"softbreak", "hardbreak"}:
        yield "\n" if node.type == "softbreak" else "  \n"
    elif node.type in _EMPHASIS:
        mark = _EMPHASIS[node.type]
        yield f"{mark}{_text(node)}{mark}"
    elif node.type == "link":
        yield _link(node)
    elif node.type == "image":
        yield _shown(_plain(node))
    else:
        yield _html(node.content)


def _link(node: SyntaxTreeNode) -> str:
    return show_link(_text(node), str(node.attrs.get("href", "")))


def _plain(node: SyntaxTreeNode) -> str:
    """Read what an image says in place of itself."""
    return "".join(_plain(child) for child in node.children) or node.content


def _in_table(node: SyntaxTreeNode) -> bool:
    parent = node.parent
    return parent is not None and (parent.type in {"td", "th"} or _in_table(parent))


def _html(source: str) -> str:
    """Show HTML as the text that it is, without its comments."""
    return "\n".join(_shown(line) for line in _COMMENT.sub("", source).splitlines())


def _shown(raw_text: str) -> str:
    # The parser has decoded entities by now, which can stand for any character.
    text = " ".join(printable_lines(raw_text))
    closed = _CLOSING.sub(lambda match: _disarm_closing(match, text), text)
    return _ISSUE.sub(rf"\1{_INVISIBLE}-", escape_line(closed))


def _disarm_closing(match: re.Match[str], text: str) -> str:
    """Break a word that closes what is named behind it."""
    if not _REFERENCE.match(text, match.end()):
        return match[0]
    return f"{match[0][0]}{_INVISIBLE}{match[0][1:]}"


#: By the type of a block; all others are HTML.
_WRITERS: Mapping[str, Callable[[SyntaxTreeNode], str]] = {
    "heading": _heading,
    "paragraph": lambda node: _paragraph(_text(node)),
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": lambda node: _indented("> ", "> ", _blocks(node)),
    "fence": _code,
    "code_block": _code,
    "hr": lambda _: "---",
    "table": _table,
}
