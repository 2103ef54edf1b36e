"""Match texts with patterns of wildcards, piece by piece; pure.

One regular expression of many stars would try every way to share a text among them. Here each piece
of a pattern turns the places that were reached into those that it leads to, so the time grows with
the lengths alone.
"""

import re
from collections.abc import Callable, Iterable

#: A piece of a pattern: (text, places reached before it) → places reached behind it.
Piece = Callable[[str, set[int]], set[int]]


def fits(pieces: Iterable[Piece], text: str) -> bool:
    """Tell whether a whole text fits the pieces, one after the other."""
    places = {0}
    for piece in pieces:
        places = piece(text, places)
    return len(text) in places


def character(allowed: str) -> Piece:
    """Make the piece for one character; `allowed` is a regular expression."""
    is_allowed = re.compile(allowed, re.DOTALL).fullmatch

    def follow(text: str, places: set[int]) -> set[int]:
        return {place + 1 for place in places if place < len(text) and is_allowed(text[place])}

    return follow


def characters(allowed: str) -> Piece:
    """Make the piece for any number of characters, also none."""
    is_allowed = re.compile(allowed, re.DOTALL).fullmatch

    def follow(text: str, places: set[int]) -> set[int]:
        reached = set(places)
        for place, each in enumerate(text):
            if place in reached and is_allowed(each):
                reached.add(place + 1)
        return reached

    return follow


def folders(*, hidden: bool) -> Piece:
    """Make the piece for any number of folders; `hidden` ones, which begin with a dot, or not."""

    def follow(text: str, places: set[int]) -> set[int]:
        reached = set(places)
        for place, each in enumerate(text):
            if place in reached and (hidden or each != ".") and "/" in text[place:]:
                reached.add(text.index("/", place) + 1)
        return reached

    return follow


def not_before_a_dot(text: str, places: set[int]) -> set[int]:
    """Keep the places behind which there is no dot."""
    return {place for place in places if text[place : place + 1] != "."}


def optional(piece: Piece) -> Piece:
    """Make a piece that may be missing."""
    return lambda text, places: places | piece(text, places)
