"""Match branches, tags and paths with the filters of a workflow's `on:`; pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

import re
from collections.abc import Iterable

from dist_actions.pipeline.wildcards import (
    Piece,
    character,
    characters,
    fits,
    folders,
    optional,
)


def matches_any(patterns: Iterable[str], value: str) -> bool:
    """Tell whether a list selects `value`; a later `!pattern` deselects it again."""
    selected = False
    for pattern in patterns:
        if pattern.startswith("!"):
            selected = selected and not matches(pattern[1:], value)
        else:
            selected = selected or matches(pattern, value)
    return selected


def matches(pattern: str, value: str) -> bool:
    """Tell whether one filter pattern, without a leading `!`, matches the whole value.

    What GitHub refuses, such as a `+` with nothing before it, matches nothing.
    """
    try:
        return fits(_pieces(pattern), value)
    except (re.error, IndexError):
        return False


def _pieces(pattern: str) -> list[Piece]:
    """Take a pattern apart; `?` and `+` repeat the character before them."""
    pieces: list[Piece] = []
    position, single = 0, ""
    while position < len(pattern):
        char, before, single = pattern[position], single, ""
        length = 1
        if char in "?+":
            if before:
                pieces[-1:] = (
                    [optional(pieces[-1])] if char == "?" else [pieces[-1], characters(before)]
                )
            pieces[-1]  # of nothing, there is nothing to repeat
        elif pattern.startswith("**/", position):
            pieces.append(folders(hidden=True))
            length = 3
        elif pattern.startswith("**", position):
            pieces.append(characters("."))
            length = 2
        elif char == "*":
            pieces.append(characters("[^/]"))
        else:
            single, length = _read_character(pattern[position:])
            pieces.append(character(single))
        position += length
    return pieces


def _read_character(rest: str) -> tuple[str, int]:
    """Read what stands for one character, as a regular expression, and how long it is."""
    if rest[0] == "[" and (end := rest.find("]")) > 0:
        return f"[{re.escape(rest[1:end]).replace(chr(92) + '-', '-')}]", end + 1
    if rest[0] == "\\" and len(rest) > 1:
        return re.escape(rest[1]), 2
    return re.escape(rest[0]), 1
