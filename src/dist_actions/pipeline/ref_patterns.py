"""Match refs with the patterns of deployment policies, as Ruby's `File.fnmatch` does. It is pure.

GitHub sets `FNM_PATHNAME`: nothing but a slash matches a slash, and `**/` matches folders.

Spec: https://docs.ruby-lang.org/en/master/File.html#method-c-fnmatch
"""

import re
from functools import cache

from dist_actions.pipeline.wildcards import (
    Piece,
    character,
    characters,
    fits,
    folders,
    not_before_a_dot,
)

_BRACKET = re.compile(r"\[([!^]?)((?:\\.|[^\]\\])*)\]", re.DOTALL)
_MEMBER = re.compile(r"(\\?.)(?:-(\\?[^\]]))?", re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Tell whether a ref's short name fits a pattern."""
    pieces = _pieces(pattern)
    return pieces is not None and fits(pieces, name)


@cache
def _pieces(pattern: str) -> tuple[Piece, ...] | None:
    """Take a pattern apart; None for one that fits nothing."""
    pieces: list[Piece] = []
    position = 0
    while position < len(pattern):
        first = position == 0 or pattern[position - 1] == "/"
        # A wildcard at the start of a part of the name does not stand for a dot.
        guard = [not_before_a_dot] if first else []
        if first and pattern.startswith("**/", position):
            pieces, position = [*pieces, folders(hidden=False)], position + 3
        elif pattern[position] in "*?":
            make = characters if pattern[position] == "*" else character
            pieces, position = [*pieces, *guard, make("[^/]")], position + 1
        elif pattern[position] == "[":
            bracket = _BRACKET.match(pattern, position)
            if bracket is None:
                return None  # a set without end fits nothing
            pieces += [*guard, character(_translate_set(bracket))]
            position = bracket.end()
        else:
            escaped = pattern[position] == "\\" and position + 1 < len(pattern)
            pieces.append(character(re.escape(pattern[position + escaped])))
            position += 1 + escaped
    return tuple(pieces)


def _translate_set(bracket: "re.Match[str]") -> str:
    negated, members = bracket.groups()
    text = "".join(
        f"{re.escape(first[-1])}-{re.escape(last[-1])}" if last else re.escape(first[-1])
        for first, last in _MEMBER.findall(members)
        if not last or first[-1] <= last[-1]
    )
    if not text:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{text}]"
