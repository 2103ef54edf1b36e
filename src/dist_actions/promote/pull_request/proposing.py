"""Open pull requests, or bring those that are there up to date."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from dist_actions.errors import DistActionsError
from dist_actions.services.github.pulls import PullRequest, PullRequests

#: Says something on the run's page that stops nothing.
Warn = Callable[[str], None]


@dataclass(frozen=True)
class Proposal:
    """A pull request as it should be, its text with what people wrote around ours.

    `present` is the one that is there, open or not; None for none.
    """

    head: str
    base: str
    title: str
    body: str
    present: PullRequest | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool = False

    @property
    def open_pull(self) -> PullRequest | None:
        """Return the pull request that is open."""
        return self.present if self.present and self.present.state == "open" else None

    @property
    def up_to_date(self) -> bool:
        """Tell whether it is open and reads as it should."""
        pull = self.open_pull
        return (
            pull is not None
            and pull.title == self.title
            and pull.body.replace("\r\n", "\n") == self.body
            and pull.labels >= set(self.labels)
        )


def propose(
    proposal: Proposal, pulls: PullRequests, warn: Warn
) -> tuple[Literal["created", "updated", "nothing"], PullRequest | None]:
    """Make the pull request as it should be; what is right already is left alone.

    Returns:
        What was done, and the pull request; `nothing` and None where the base holds the head by
        now.
    """
    if proposal.up_to_date:
        return "nothing", proposal.open_pull
    if pull := proposal.open_pull:
        if (pull.title, pull.body.replace("\r\n", "\n")) != (proposal.title, proposal.body):
            pulls.update(pull, title=proposal.title, body=proposal.body)
        _label(proposal, pull, pulls, warn)
        return "updated", pull
    pull = pulls.create(
        head=proposal.head,
        base=proposal.base,
        title=proposal.title,
        body=proposal.body,
        draft=proposal.draft,
    )
    if pull is None:
        return "nothing", None
    _label(proposal, pull, pulls, warn)
    if proposal.reviewers:
        _try(partial(pulls.request_reviews, pull, proposal.reviewers), warn)
    return "created", pull


def _label(proposal: Proposal, pull: PullRequest, pulls: PullRequests, warn: Warn) -> None:
    missing = [label for label in proposal.labels if label not in pull.labels]
    if missing:
        _try(lambda: pulls.label(pull, missing), warn)


def _try(embellish: Callable[[], None], warn: Warn) -> None:
    """Try something optional, such as labels; failure does not stop the promotion."""
    try:
        embellish()
    except DistActionsError as error:
        warn(str(error))
