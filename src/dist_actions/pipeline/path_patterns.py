"""Patterns of paths, as GitHub's filter `paths` of workflows has them; pure.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
"""

import re
from collections.abc import Iterable

_PART = re.compile(r"\*\*/|\*\*|\*|[^*]+")
_REGULAR_EXPRESSIONS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Tell whether a list of patterns selects a path; a later one with `!` deselects it again.

    `*` stands for anything but a slash, `**` for anything.
    """
    selected = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if negated == selected:
            parts = _PART.findall(pattern.removeprefix("!"))
            expression = "".join(
                _REGULAR_EXPRESSIONS.get(part) or re.escape(part) for part in parts
            )
            selected ^= re.fullmatch(expression, path, re.DOTALL) is not None
    return selected
