"""One difference, and how its values are written."""

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Literal

#: What differs. `archive header` stands for fields of the tar or ZIP that no other cause names,
#: `generator` for the version of the build backend, `missing` and `additional` for what only the
#: other or only our build holds.
Cause = Literal[
    "mtime",
    "mode",
    "owner",
    "order",
    "gzip header",
    "archive header",
    "compression",
    "generator",
    "content",
    "missing",
    "additional",
]
#: Of a value in a text.
_SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class Difference:
    """One cause in one place.

    Attributes:
        file: Name of the distribution.
        member: Path in it; empty where the archive as a whole differs.
        cause: What differs.
        text: Both values, ours first; plain text from the archives, to be escaped where shown.
    """

    file: str
    member: str
    cause: Cause
    text: str

    @property
    def shown_member(self) -> str:
        """The path as a line of a log can hold it."""
        plain = self.member.isprintable() and len(self.member) <= _SHOWN_CHARACTERS
        return self.member if plain else quoted(self.member)

    def __str__(self) -> str:
        where = f"{self.file}: {self.shown_member}" if self.member else self.file
        return f"{where}: {self.cause}: {self.text}"


def quoted(text: str) -> str:
    """A value from an archive in one line, shortened."""
    short = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
    return repr(short)


def time_text(seconds: float) -> str:
    """A time in UTC; the number itself where it is no time."""
    try:
        time = datetime.fromtimestamp(seconds, tz=timezone.utc)
        return time.replace(tzinfo=None).isoformat(" ", "seconds")
    except (OverflowError, ValueError, OSError):
        return f"{seconds}"
