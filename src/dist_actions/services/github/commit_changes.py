"""A commit as release notes tell it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A commit that changed a package.

    Attributes:
        subject: First line of its message, as its author wrote it.
        url: Its page.
    """

    commit_sha: str
    subject: str
    url: str
