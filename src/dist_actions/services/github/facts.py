"""What GitHub tells of branches, commits and pull requests, for others to decide on; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

#: GitHub's three merge buttons.
MergeMethod = Literal["merge", "squash", "rebase"]
MERGE_METHODS: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")


@dataclass(frozen=True)
class MergedPull:
    """A merged pull request that brought a commit to a branch.

    Attributes:
        number: Its number in the repository.
        url: Its page.
        head: Name of its head branch, which may be gone.
        head_sha: The last commit of that branch.
        body: As written, by us and by people.
    """

    number: int
    url: str
    head: str
    head_sha: str
    body: str


#: Tells by which merged pull request each of some commits came to its branch; a commit that came
#: by none is left out.
PullsOfCommits = Callable[[Sequence[str]], Mapping[str, MergedPull]]


@dataclass(frozen=True)
class BranchRules:
    """What GitHub lets happen to a branch.

    Attributes:
        methods: Merge buttons that the repository's settings and the branch's rules leave.
        merge_queue: Whether pull requests go through a merge queue.
        auto_merge: Whether the repository allows auto-merge.
        required_checks: Names of checks that must pass.
        approvals: How many approving reviews are required.
    """

    methods: frozenset[MergeMethod] = frozenset(MERGE_METHODS)
    merge_queue: bool = False
    auto_merge: bool = False
    required_checks: tuple[str, ...] = ()
    approvals: int = 0


@dataclass(frozen=True)
class Commit:
    """A commit of a history.

    Attributes:
        sha: 40 hex digits.
        message: As its author wrote it, and so is the author's name.
        url: Its page.
        parents: SHAs of the commits before it, of which a merge has several.
    """

    sha: str
    message: str
    url: str
    author: str = ""
    parents: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """Return the first line of the message."""
        return self.message.strip().partition("\n")[0].rstrip()
