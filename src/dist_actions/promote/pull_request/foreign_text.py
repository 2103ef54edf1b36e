"""Text from anywhere, shown in a pull request so that nothing in it acts; pure.

Beside formatting and mentions, which `markdown` disarms everywhere, GitHub obeys in a pull request
what closes issues, also by address; and dist-actions reads its own markers and trailers there.
"""

import re

from dist_actions.markdown import escape, prose

_INVISIBLE = "\u200b"
_BULLET = re.compile(r"(?P<indent>\s*)[-*+]\s+(?P<text>.*)")
_HEADING = re.compile(r"\s*#{1,6}\s+(?P<text>.*)")
_RULE = re.compile(r"\s*[-=_*\s]+")
_REFERENCE = re.compile(r"\b(GH)-(?=\d)", re.IGNORECASE | re.ASCII)
_TRAILER = re.compile(r"\b(Promoted|Back-merged)-(?=[A-Z])", re.IGNORECASE | re.ASCII)
_DEEPEST_INDENT = 6


def show_text(text: str, limit: int) -> str:
    """Show text on one line, cut at a number of characters."""
    short = " ".join(text.split())
    return _disarmed(escape(short if len(short) <= limit else f"{short[: limit - 1]}…"))


def show_markdown(text: str, limit: int) -> str:
    """Show a changelog's Markdown, with its lists, emphasised headings and code, and nothing else.

    Of a text that exceeds the limit, whole lines are left out at the end.
    """
    lines: list[str] = []
    room = limit
    for line in text.splitlines():
        shown_line = _show_line(line)
        room -= len(shown_line) + 1
        if room < 0:
            return "\n".join([*lines, "- …"])
        if shown_line or (lines and lines[-1]):
            lines.append(shown_line)
    return "\n".join(lines).rstrip()


def _show_line(line: str) -> str:
    if not line.strip() or _RULE.fullmatch(line):
        return ""
    if bullet := _BULLET.fullmatch(line):
        indent = " " * min(len(bullet["indent"]), _DEEPEST_INDENT)
        return f"{indent}- {_disarmed(prose(bullet['text']))}"
    if heading := _HEADING.fullmatch(line):
        return f"**{_disarmed(prose(heading['text']))}**"
    # Two spaces keep it with the point above it.
    return f"  {_disarmed(prose(line))}"


def _disarmed(line: str) -> str:
    line = line.replace("://", f":{_INVISIBLE}//").replace("<!--", f"<{_INVISIBLE}!--")
    line = _TRAILER.sub(rf"\1{_INVISIBLE}-", line)
    return _REFERENCE.sub(rf"\1{_INVISIBLE}-", line)
