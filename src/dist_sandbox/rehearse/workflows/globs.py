"""GitHub's filter patterns for branches, tags and paths.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache


def matches_any(patterns: Iterable[str], value: str) -> bool:
    """Whether `value` is selected by a list in which a later `!pattern` takes values out again."""
    selected = False
    for pattern in patterns:
        if pattern.startswith("!"):
            selected = selected and not matches(pattern[1:], value)
        else:
            selected = selected or matches(pattern, value)
    return selected


def matches_paths(patterns: Sequence[str], paths: Iterable[str]) -> bool:
    """Whether at least one changed path is selected."""
    return any(matches_any(patterns, path) for path in paths)


def matches(pattern: str, value: str) -> bool:
    """Whether one pattern, without a leading `!`, matches the whole value."""
    return _compile(pattern).fullmatch(value) is not None


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translate(pattern)), re.DOTALL)


def _translate(pattern: str) -> Iterable[str]:
    """The parts of the regular expression; `?` and `+` repeat the character before them."""
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if pattern.startswith("**/", position):
            yield "(?:.*/)?"
            position += 3
        elif pattern.startswith("**", position):
            yield ".*"
            position += 2
        elif char == "[" and (end := pattern.find("]", position)) > 0:
            yield f"[{re.escape(pattern[position + 1 : end]).replace(chr(92) + '-', '-')}]"
            position = end + 1
        elif char == "\\" and position + 1 < len(pattern):
            yield re.escape(pattern[position + 1])
            position += 2
        else:
            yield {"*": "[^/]*", "?": "?", "+": "+"}.get(char, re.escape(char))
            position += 1
