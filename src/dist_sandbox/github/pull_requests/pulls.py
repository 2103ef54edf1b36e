"""Pull requests, the reviews of them, and their places in merge queues."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.principals import Principal

APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED = (
    "APPROVED",
    "CHANGES_REQUESTED",
    "COMMENTED",
    "DISMISSED",
)


@dataclass(frozen=True)
class Comment:
    """A comment on a pull request."""

    comment_id: int
    author: Account
    body: str
    created_at: datetime


@dataclass(frozen=True)
class Label:
    """A label of the repository."""

    label_id: int
    name: str


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
        """Return the review once a push made it stale; a comment stays one."""
        return self if self.state == COMMENTED else replace(self, state=DISMISSED)


def latest_states(reviews: Iterable[Review]) -> dict[str, str]:
    """Map each reviewer's login to the last state; comments change no mind."""
    return {review.author.login: review.state for review in reviews if review.state != COMMENTED}


@dataclass(frozen=True)
class AutoMerge:
    """A merge that is to happen as soon as nothing stands in its way.

    It is the merge of the principal who armed it. Title and message of the commit are None for
    GitHub's own.
    """

    method: str
    principal: Principal
    enabled_at: datetime
    title: str | None = None
    message: str | None = None


@dataclass
class PullRequest:
    """A pull request within one repository.

    `head` and `base` are short names of branches. `head_sha` is the head's commit while the pull
    request is open and the last one after that, `base_sha` the base's when it was made or last
    merged into. `computed_for` holds the head and base whose mergeability was computed, `landed`
    the commits that its merge put on the base, and `cached_commits` all its commits with what
    they were computed for.
    """

    pull_id: int
    number: int
    title: str
    body: str | None
    head: str
    head_sha: str
    base: str
    base_sha: str
    author: Account
    created_at: datetime
    updated_at: datetime
    draft: bool = False
    open: bool = True
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit_sha: str | None = None
    labels: list[Label] = field(default_factory=list)
    reviewers: list[Account] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    computed_for: tuple[str, str] | None = None
    auto_merge: AutoMerge | None = None
    landed: frozenset[str] = frozenset()
    cached_commits: tuple[tuple[str, str, str], frozenset[str]] | None = field(
        default=None, repr=False
    )

    @property
    def merged(self) -> bool:
        """Tell whether its changes are in the base by a merge."""
        return self.merged_at is not None

    @property
    def state(self) -> str:
        """Return `open` or `closed`."""
        return "open" if self.open else "closed"

    def close(self, now: datetime) -> None:
        """End it without a merge."""
        self.open, self.auto_merge = False, None
        self.closed_at = self.updated_at = now

    def merge(self, commit_sha: str, by: Account, now: datetime) -> None:
        """End it by a merge whose commit is on the base."""
        self.open, self.auto_merge = False, None
        self.merge_commit_sha = commit_sha
        self.merged_by = by
        self.merged_at = self.closed_at = self.updated_at = now


@dataclass
class QueueEntry:
    """A pull request in the merge queue of its base.

    The pull request leaves the queue when its head is no longer `head_sha`. `group_sha` is the
    commit that is tested: `base_sha` with the pull request merged. Both are empty before.
    """

    entry_id: int
    pull: PullRequest
    head_sha: str
    enqueuer: Account
    enqueued_at: datetime
    base_sha: str = ""
    group_sha: str = ""

    @property
    def ref(self) -> str:
        """Name the branch of its group."""
        return (
            f"refs/heads/gh-readonly-queue/{self.pull.base}/pr-{self.pull.number}-{self.base_sha}"
        )

    @property
    def state(self) -> str:
        """Return GraphQL's MergeQueueEntryState."""
        return "AWAITING_CHECKS" if self.group_sha else "QUEUED"
