"""The lines on which the keys of a TOML text stand, which its parser does not tell.

It reads texts that the parser accepted. Where it does not understand one, it names no line at all,
because a wrong line is worse than none.

Spec: https://toml.io/en/v1.0.0
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache

#: Keys, and numbers of elements in arrays, from the top of the text.
KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^\s,\]}#\"'][^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


@lru_cache(maxsize=8)
def key_lines(text: str) -> Mapping[KeyPath, int]:
    """The line, from 1, of every key and table of a TOML text; empty where it is not understood."""
    scanner = _Scanner(text)
    try:
        scanner.scan()
    except (_LostError, RecursionError):
        return {}
    return scanner.lines


class _LostError(Exception):
    """The text is not what was expected at this place."""


class _Scanner:
    """Walks through a text once, and notes where keys stand."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._line_ends = [found.start() for found in re.finditer("\n", text)]
        self._at = 0
        self._explicit: set[KeyPath] = set()
        self._elements: dict[KeyPath, int] = {}

    def scan(self) -> None:
        """Read all statements.

        Raises:
            _LostError: The text holds something else.
        """
        table: KeyPath = ()
        self._skip(_BETWEEN)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_BETWEEN)

    def _header(self) -> KeyPath:
        start = self._at
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        keys = self._dotted_key()
        self._expect("]" * brackets)
        path = self._inside_elements(keys[:-1]) + keys[-1:]
        if brackets == 2:
            self._note(path, start)
            self._elements[path] = self._elements.get(path, -1) + 1
        path = self._inside_elements(keys)
        self._note(path, start)
        return path

    def _inside_elements(self, keys: Sequence[str | int]) -> KeyPath:
        """A path below arrays of tables: it means their last element."""
        path: KeyPath = ()
        for key in keys:
            path += (key,)
            if path in self._elements:
                path += (self._elements[path],)
        return path

    def _assignment(self, table: KeyPath) -> None:
        start = self._at
        path = table + self._dotted_key()
        self._expect("=")
        self._note(path, start)
        self._value(path)

    def _note(self, path: KeyPath, offset: int) -> None:
        line = bisect_left(self._line_ends, offset) + 1
        for length in range(1, len(path)):
            self.lines.setdefault(path[:length], line)
        if path not in self._explicit:
            self._explicit.add(path)
            self.lines[path] = line

    def _dotted_key(self) -> KeyPath:
        keys = [self._key()]
        while self._text.startswith(".", self._at):
            self._at += 1
            keys.append(self._key())
        return tuple(keys)

    def _key(self) -> str:
        self._skip(_BLANK)
        bare = _BARE_KEY.match(self._text, self._at)
        quoted = None if bare else _STRING.match(self._text, self._at)
        found = bare or quoted
        if not found:
            raise _LostError
        self._at = found.end()
        self._skip(_BLANK)
        if bare:
            return found[0]
        inner = found[0][1:-1]
        return _ESCAPE.sub(_unescape, inner) if found[0][0] == '"' else inner

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        opening = self._text[self._at : self._at + 1]
        if opening == "{":
            self._sequence(path, "}")
        elif opening == "[":
            self._sequence(path, "]")
        else:
            found = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            if not found:
                raise _LostError
            self._at = found.end()
        self._skip(_BLANK)

    def _sequence(self, path: KeyPath, closing: str) -> None:
        """An array or an inline table."""
        self._at += 1
        number = 0
        self._skip(_BETWEEN)
        while not self._text.startswith(closing, self._at):
            if closing == "}":
                self._assignment(path)
            else:
                self._note((*path, number), self._at)
                self._value((*path, number))
            number += 1
            self._skip(_BETWEEN)
            if not self._text.startswith(closing, self._at):
                self._expect(",")
                self._skip(_BETWEEN)
        self._at += 1

    def _expect(self, text: str) -> None:
        self._skip(_BLANK)
        if not self._text.startswith(text, self._at):
            raise _LostError
        self._at += len(text)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at


def _unescape(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16))
    return _ESCAPED.get(found[3], found[3])
