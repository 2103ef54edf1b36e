"""Finds places in a text by a regular expression.

A pattern of other people can take exponential time: an edge then calls this in a process that it
can end.
"""

import re
from itertools import islice

from dist_actions.versions.project_files import PatternMatch

#: `__version__` or `VERSION` in any case, and what is quoted behind it, without a leading v: what
#: hatchling and scikit-build-core look for where a project says no pattern.
ASSIGNMENT = (
    r"""(?i)^(?:__version__|VERSION)(?: ?: ?str)? *= *(?P<quote>["'])v?(?P<version>.+?)(?P=quote)"""
)
#: More places than these are never told apart.
_LIMIT_MATCHES = 6
#: Names of the group that is the version, in this order, before the first group of any name.
_GROUPS = ("version", "value")


def find_in_text(pattern: str, text: str) -> list[PatternMatch]:
    """The first few places where a pattern matches, `^` and `$` meaning lines.

    Raises:
        re.error: It is no pattern.
    """
    compiled = re.compile(pattern, re.MULTILINE)
    named = (name for name in _GROUPS if name in compiled.groupindex)
    group: str | int = next(named, min(compiled.groups, 1))
    return [
        PatternMatch(
            max(found.start(group), found.start()),
            found[group] or "",
            {name: value or "" for name, value in found.groupdict().items()},
        )
        for found in islice(compiled.finditer(text), _LIMIT_MATCHES)
    ]
