"""How much of a long value or list is shown, in one place; pure.

Logs and summaries stay readable, and what a service answers cannot flood them.
"""

#: Hex digits: as git and GitHub abbreviate a commit, and enough to tell two digests apart.
SHORT_SHA, SHORT_SHA256 = 7, 12
#: Entries of a list inside a sentence, inside a table's cell, and in a section of its own.
LISTED_IN_SENTENCE, LISTED_IN_CELL, LISTED_IN_SECTION = 10, 6, 50
#: Characters quoted from a service's answer, from a page or address that stands in its place, and
#: from what somebody typed or named. The second is shorter because an index's own address comes on
#: top of it.
QUOTED_ANSWER, QUOTED_PAGE, QUOTED_NAME = 300, 200, 100


def short_sha(sha: str) -> str:
    """Abbreviate a commit's or tree's SHA as git does."""
    return sha[:SHORT_SHA]


def short_digest(sha256: str) -> str:
    """Abbreviate a file's SHA-256 digest."""
    return sha256[:SHORT_SHA256]


def quote_answer(text: str, characters: int = QUOTED_ANSWER) -> str:
    """Put a service's answer on one line, and cut it off where it goes on for too long."""
    return " ".join(text.split())[:characters]


def shorten(text: str, characters: int = QUOTED_ANSWER) -> str:
    """Leave out the middle of a text that goes on for too long; both ends tell what it is."""
    half = characters // 2
    return text if len(text) <= characters else f"{text[:half]}…{text[-half:]}"
