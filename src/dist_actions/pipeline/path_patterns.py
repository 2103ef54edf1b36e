"""Patterns of paths, as GitHub's filter `paths` of workflows has them; pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

import re
from collections.abc import Iterable

from dist_actions.pipeline.wildcards import character, characters, fits, folders

_PART = re.compile(r"\*\*/|\*\*|\*|[^*]", re.DOTALL)
_WILDCARDS = {"**/": folders(hidden=True), "**": characters("."), "*": characters("[^/]")}


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Tell whether a list of patterns selects a path; a later one with `!` deselects it again.

    `*` stands for anything but a slash, `**` for anything.
    """
    selected = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if negated == selected:
            parts = _PART.findall(pattern.removeprefix("!"))
            pieces = [_WILDCARDS.get(part) or character(re.escape(part)) for part in parts]
            selected ^= fits(pieces, path)
    return selected
