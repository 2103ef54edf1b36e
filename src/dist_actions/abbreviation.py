"""How much of a long value or list is shown, in one place; pure.

Logs and summaries stay readable, and what a service answers cannot flood them.
"""

#: Hex digits: as git and GitHub abbreviate a commit, and enough to tell two digests apart.
SHORT_SHA, SHORT_SHA256 = 7, 12
#: Entries of a list inside a sentence, inside a table's cell, and in a section of its own.
LISTED_IN_SENTENCE, LISTED_IN_CELL, LISTED_IN_SECTION = 10, 6, 50
#: Characters quoted from a service's answer, and from what somebody typed or named.
QUOTED_ANSWER, QUOTED_NAME = 300, 100


def short_sha(sha: str) -> str:
    """Abbreviate a commit's or tree's SHA as git does."""
    return sha[:SHORT_SHA]


def short_digest(sha256: str) -> str:
    """Abbreviate a file's SHA-256 digest."""
    return sha256[:SHORT_SHA256]
