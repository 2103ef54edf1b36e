"""Pull requests and what is said about them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.pull_requests.reviews import Review

if TYPE_CHECKING:
    from dist_sandbox.github.access.principals import Principal


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
class AutoMerge:
    """A merge that is to happen as soon as nothing stands in its way.

    Attributes:
        method: `merge`, `squash` or `rebase`.
        principal: Who armed it; the merge is theirs.
        title: First line of the commit; None for GitHub's own.
        message: The rest of the commit's message; None for GitHub's own.
    """

    method: str
    principal: "Principal"
    enabled_at: datetime
    title: str | None = None
    message: str | None = None


@dataclass
class PullRequest:
    """A pull request within one repository.

    Attributes:
        head: Short name of the branch with the changes.
        head_sha: That branch's commit while open, the last one after that.
        base: Short name of the branch that takes the changes.
        base_sha: The base's commit when the pull request was made or last merged into.
        computed_for: The head and base whose mergeability was computed; None before the first.
        landed: The commits that its merge put on the base.
        brought: Its commits, and what they were computed for; None before the first question.
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
    brought: tuple[tuple[str, str, str], frozenset[str]] | None = field(default=None, repr=False)

    @property
    def merged(self) -> bool:
        """Whether its changes are in the base by a merge."""
        return self.merged_at is not None

    @property
    def state(self) -> str:
        """`open` or `closed`."""
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
