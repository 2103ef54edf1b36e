"""Markdown for summaries, release notes and pull requests, safe with text from anywhere."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")
#: Zero-width space: breaks mentions and closing words without being seen.
_INVISIBLE = "\u200b"


def escape(text: str) -> str:
    """Show text as it is: no formatting, no links, no mentions, no HTML, on one line."""
    one_line = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", one_line).replace("@", f"@{_INVISIBLE}")


def code(text: str) -> str:
    """Show text as code, on one line, whatever it holds."""
    one_line = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall(r"`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if "`" in one_line else ""
    return f"{fence}{padding}{one_line}{padding}{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
