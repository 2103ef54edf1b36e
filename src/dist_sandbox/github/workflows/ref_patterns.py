"""Match refs with the patterns of deployment policies, as Ruby's `File.fnmatch` does. It is pure.

GitHub sets `FNM_PATHNAME`: nothing but a slash matches a slash, and `**/` matches folders.

Spec: https://docs.ruby-lang.org/en/master/File.html#method-c-fnmatch
"""

import re
from functools import cache

_BRACKET = re.compile(r"\[([!^]?)((?:\\.|[^\]\\])*)\]", re.DOTALL)
_MEMBER = re.compile(r"(\\?.)(?:-(\\?[^\]]))?", re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Tell whether a ref's short name fits a pattern."""
    return re.compile(_translate(pattern), re.DOTALL).fullmatch(name) is not None


@cache
def _translate(pattern: str) -> str:
    expression, position = "", 0
    while position < len(pattern):
        first = position == 0 or pattern[position - 1] == "/"
        # A wildcard at the start of a part of the name does not stand for a dot.
        guard = r"(?!\.)" if first else ""
        if first and pattern.startswith("**/", position):
            expression, position = f"{expression}(?:(?!\\.)[^/]*/)*", position + 3
        elif pattern[position] in "*?":
            piece = "[^/]*" if pattern[position] == "*" else "[^/]"
            expression, position = expression + guard + piece, position + 1
        elif pattern[position] == "[":
            bracket = _BRACKET.match(pattern, position)
            if bracket is None:
                return "(?!)"  # a set without end fits nothing
            expression, position = expression + guard + _translate_set(bracket), bracket.end()
        else:
            escaped = pattern[position] == "\\" and position + 1 < len(pattern)
            expression += re.escape(pattern[position + escaped])
            position += 1 + escaped
    return expression


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
