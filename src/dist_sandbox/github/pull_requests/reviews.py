"""Reviews of pull requests, and which of them count."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from dist_sandbox.github.access.accounts import Account

APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED = (
    "APPROVED",
    "CHANGES_REQUESTED",
    "COMMENTED",
    "DISMISSED",
)


@dataclass(frozen=True)
class Review:
    """What somebody with write access said of a pull request."""

    review_id: int
    author: Account
    state: str
    body: str
    sha: str
    submitted_at: datetime

    def dismiss(self) -> "Review":
        """The review once a push made it stale; a comment stays one."""
        return self if self.state == COMMENTED else replace(self, state=DISMISSED)


def standing(reviews: Iterable[Review]) -> dict[str, str]:
    """The last word of each reviewer; comments change no mind."""
    return {one.author.login: one.state for one in reviews if one.state != COMMENTED}
