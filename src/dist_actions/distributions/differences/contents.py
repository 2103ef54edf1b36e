"""Where two contents of one name differ, and whether the build backend's version explains it."""

import csv
import io
from collections.abc import Collection
from typing import NamedTuple

from dist_actions.distributions.differences.difference import Cause, quoted

#: More of a file is not read: a difference behind is told without its place.
READ_BYTES = 16 * 1024 * 1024


class Finding(NamedTuple):
    """A cause and both values."""

    cause: Cause
    text: str


def compare_contents(member: str, ours: bytes, other: bytes) -> Finding:
    """Name the cause of different contents.

    Args:
        member: The file's path.
        ours: Its first `READ_BYTES`.
        other: Those of the other one.
    """
    if member.endswith(".dist-info/WHEEL") and _without_generator(ours) == _without_generator(
        other
    ):
        return Finding("generator", f"{_generator(ours)} and {_generator(other)}")
    return Finding("content", _first_difference(ours, other))


def compare_records(ours: bytes, other: bytes, explained: Collection[str]) -> Finding | None:
    """Compare two RECORDs; None where they follow from differences that are told already.

    Args:
        ours: The one.
        other: The other.
        explained: Members whose contents differ, or that only one wheel holds.
    """
    if _rows(ours) == _rows(other):
        return Finding("content", "the lines of RECORD are written in another form")
    if sorted(_rows(ours)) == sorted(_rows(other)):
        return Finding("order", "RECORD holds the same lines in another order")
    left = [_unexplained(rows, explained) for rows in (_rows(ours), _rows(other))]
    if left[0] == left[1]:
        return None
    if sorted(left[0]) == sorted(left[1]):
        return Finding("order", "RECORD holds its lines in another order")
    return Finding("content", _first_difference(ours, other))


def _rows(record: bytes) -> list[list[str]]:
    text = record.decode("utf-8", errors="replace")
    return [row for row in csv.reader(io.StringIO(text)) if row]


def _unexplained(rows: list[list[str]], explained: Collection[str]) -> list[list[str]]:
    return [row for row in rows if row[0] not in explained]


def _without_generator(wheel: bytes) -> list[bytes]:
    return [line for line in wheel.splitlines() if not line.startswith(b"Generator:")]


def _generator(wheel: bytes) -> str:
    lines = (line for line in wheel.splitlines() if line.startswith(b"Generator:"))
    text = next(lines, b"").partition(b":")[2].strip().decode("utf-8", errors="replace")
    return quoted(text) if text else "none"


def _first_difference(ours: bytes, other: bytes) -> str:
    """The first line that differs, or the first byte of what is no text."""
    texts = [_text(data) for data in (ours, other)]
    if texts[0] is None or texts[1] is None:
        return _first_byte(ours, other)
    # Line ends stay, since they can be the difference.
    one, two = (text.splitlines(keepends=True) for text in texts if text is not None)
    for number, (line, line_of_other) in enumerate(zip(one, two), start=1):  # noqa: B905 - py3.10
        if line != line_of_other:
            return f"line {number}: {quoted(line)} and {quoted(line_of_other)}"
    if len(one) == len(two):
        return f"they differ after the first {READ_BYTES:,} bytes"
    longer, whose = (one, "ours") if len(one) > len(two) else (two, "the other")
    at = min(len(one), len(two))
    return f"line {at + 1}: {quoted(longer[at])} is in {whose} alone"


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # What was cut off in the middle of a character is text all the same.
        return data[: error.start].decode("utf-8") if error.start > READ_BYTES - 4 else None


def _first_byte(ours: bytes, other: bytes) -> str:
    shorter = min(len(ours), len(other))
    at = next((place for place in range(shorter) if ours[place] != other[place]), shorter)
    if at == len(ours) == len(other):
        return f"they differ after the first {READ_BYTES:,} bytes"
    return f"byte {at + 1:,} of {len(ours):,} and {len(other):,} is the first that differs"
