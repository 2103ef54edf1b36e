"""Read TOML files, and find the lines on which their keys stand, which a TOML parser does not tell.

The lines are found in texts that the parser accepted. Where one is not understood, no line is named
at all, because a wrong line is worse than none.

Spec: https://toml.io/en/v1.0.0
"""

import re
import sys
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from dist_actions.errors import InputError, Location

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Keys, and numbers of elements in arrays, from the top of the text.
KeyPath = tuple[str | int, ...]

BYTE_ORDER_MARK = "\ufeff"
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


def parse_toml(text: str, location: Location) -> dict[str, Any]:
    """Parse TOML text.

    Raises:
        InputError: It is not TOML; the message holds the parser's line and column. Or it begins
            with a byte order mark, or holds more than Python reads and can show.
    """
    refuse_byte_order_mark(text, location, "pip and build tools refuse a TOML file that begins so.")
    try:
        parsed: dict[str, Any] = tomllib.loads(text)
        repr(parsed)  # hexadecimal numbers are read at any length, but not shown
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise InputError(
            f"{location.file} is not valid TOML: {error}.",
            why="a bracket, quote or equals sign is missing, or a key stands there twice.",
            fix="correct that line.",
            location=Location(location.file, int(at[1]) if at else 0),
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{location.file} holds more than can be read.",
            why="a number in it has thousands of digits, or its arrays or tables are nested "
            "hundreds deep.",
            fix="shorten that number, or nest less deeply.",
            location=Location(location.file),
        ) from error
    return parsed


def read_toml(path: Path, name: str) -> dict[str, Any] | None:
    """Parse a TOML file; None where there is none.

    Args:
        name: Its path relative to the repository's root, for messages.

    Raises:
        InputError: It is not UTF-8 or not TOML.
    """
    if not path.is_file():
        return None
    return parse_toml(read_text(path, name), Location(name))


def leads_outside(path: Path, workspace: Path) -> bool:
    """Tell whether a path, with its symbolic links followed, is not below the repository's root."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass  # what is not there can still be named inside or outside
    except OSError:  # links that lead in a circle
        return True
    return not path.resolve().is_relative_to(workspace.resolve())


def refuse_byte_order_mark(text: str, location: Location, why: str) -> None:
    """Refuse a text that begins with a byte order mark.

    Raises:
        InputError: It does.
    """
    if text.startswith(BYTE_ORDER_MARK):
        raise InputError(
            f"{location.file} begins with a byte order mark.",
            why=why,
            fix="save the file as UTF-8 without a byte order mark.",
            location=Location(location.file, 1),
        )


def read_text(path: Path, name: str) -> str:
    """Read a file that must be UTF-8; a byte order mark is a part of it, except in Python.

    Raises:
        InputError: It is not.
    """
    try:
        return path.read_text(encoding="utf-8-sig" if path.suffix == ".py" else "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8 text.",
            why=f"the byte at offset {error.start} does not belong to UTF-8.",
            fix="save the file as UTF-8.",
            location=Location(name),
        ) from error


def table_at(values: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the table below these keys; empty where there is none, or something else."""
    for key in keys:
        below = values.get(key)
        values = below if isinstance(below, dict) else {}
    return values


def line_of(text: str, keys: Sequence[str]) -> int:
    """Find the line of the key or table at this path, from 1; 0 where it is not certain."""
    return key_lines(text).get(tuple(keys), 0)


def line_of_key(text: str, table: str, key: str) -> int:
    """Find the line of `key` in `[table]`, from 1; 0 where it is not certain."""
    return line_of(text, (*table.split("."), key))


@lru_cache(maxsize=8)
def key_lines(text: str) -> Mapping[KeyPath, int]:
    """Map the keys and tables of a TOML text to their lines, from 1; none if not understood."""
    scanner = _Scanner(text)
    try:
        scanner.scan()
    except (_LostError, RecursionError):
        return {}
    return scanner.lines


class _LostError(Exception):
    """The text is not what was expected at this place."""


class _Scanner:
    """One walk through a text, which notes where keys stand."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._text = text
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
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
        """Complete a path below arrays of tables: it means their last element."""
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
        key = bare or quoted
        if not key:
            raise _LostError
        self._at = key.end()
        self._skip(_BLANK)
        if bare:
            return key[0]
        inner = key[0][1:-1]
        return _ESCAPE.sub(_unescape, inner) if key[0][0] == '"' else inner

    def _value(self, path: KeyPath) -> None:
        self._skip(_BLANK)
        opening = self._text[self._at : self._at + 1]
        if opening == "{":
            self._sequence(path, "}")
        elif opening == "[":
            self._sequence(path, "]")
        else:
            scalar = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            if not scalar:
                raise _LostError
            self._at = scalar.end()
        self._skip(_BLANK)

    def _sequence(self, path: KeyPath, closing: str) -> None:
        """Read an array or an inline table."""
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
        if match := pattern.match(self._text, self._at):
            self._at = match.end()


def _unescape(escape: re.Match[str]) -> str:
    if code := escape[1] or escape[2]:
        return chr(int(code, 16))
    return _ESCAPED.get(escape[3], escape[3])
