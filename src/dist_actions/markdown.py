"""Markdown for summaries, release notes and pull requests, safe with text from anywhere; pure."""

import re
from collections.abc import Iterable, Sequence

from dist_actions.printable import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")
#: Zero-width space: breaks mentions and closing words without being seen.
_INVISIBLE = "\u200b"


def escape(text: str) -> str:
    """Show text as it is: no formatting, no links, no mentions, no HTML, on one line."""
    return escape_line(_on_one_line(text))


def prose(text: str) -> str:
    """Show text as it is, like `escape`, but for what stands between backticks, which is code."""
    pieces = re.split(r"(`[^`]+`)", _on_one_line(text))
    return "".join(
        code_span(piece[1:-1])
        if piece.startswith("`") and piece.endswith("`") and len(piece) > 2
        else escape_line(piece)
        for piece in pieces
    )


def code(text: str) -> str:
    """Show text as code, on one line, whatever it holds; in a table's cell too."""
    return code_span(_on_one_line(text).replace("|", "\\|"))


def code_span(one_line: str) -> str:
    """Show one line as code, whatever it holds."""
    fence = "`" * (_longest_run(one_line) + 1)
    padding = " " if "`" in one_line else ""
    return f"{fence}{padding}{one_line}{padding}{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table whose cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _on_one_line(text: str) -> str:
    return " ".join(printable(text).split())


def code_block(text: str, language: str = "") -> str:
    """Show lines as code, whatever they hold."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    """Count the backticks of the longest run of them."""
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def escape_line(line: str) -> str:
    """Show a part of a line as it is, with its spaces."""
    return _SPECIAL.sub(r"\\\1", line).replace("@", f"@{_INVISIBLE}")
