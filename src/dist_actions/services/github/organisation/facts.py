"""What GitHub tells of many repositories at once, for others to decide on; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ListedRelease:
    """A published release, as a list tells it."""

    tag: str
    url: str
    published_at: datetime


@dataclass(frozen=True)
class OpenPull:
    """An open pull request.

    Attributes:
        url: Its page.
        base: Branch that it would be merged into.
        head: Branch that it would merge.
        draft: Whether it is a draft.
        mergeable: GitHub's `MERGEABLE`, `CONFLICTING` or `UNKNOWN`.
        merge_state: What GitHub says stands in the way: `BLOCKED`, `BEHIND`, `CLEAN` and so on.
        review: GitHub's `APPROVED`, `CHANGES_REQUESTED` or `REVIEW_REQUIRED`; empty for none.
        checks: State of all checks of its last commit, such as `FAILURE`; empty where none ran.
    """

    url: str
    base: str
    head: str
    draft: bool = False
    mergeable: str = ""
    merge_state: str = ""
    review: str = ""
    checks: str = ""


@dataclass(frozen=True)
class ListedRepository:
    """A repository with what its packages' status follows from.

    Attributes:
        name: `owner/name`.
        url: Its page.
        private: Whether it is private or internal.
        files: Those that hold its settings and its name: their texts, by path.
        releases: The newest ones, without drafts, the newest first; the latest is among them.
        complete: Whether it has no others.
        pulls: The open pull requests.
    """

    name: str
    url: str
    private: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    releases: tuple[ListedRelease, ...] = ()
    complete: bool = True
    pulls: tuple[OpenPull, ...] = ()


@dataclass(frozen=True)
class ListedAsset:
    """A file of a release; its sha256 is empty where GitHub does not tell it."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class BranchFolder:
    """A folder of a branch, from the repository's root; empty for all of it."""

    branch: str
    path: str = ""


@dataclass(frozen=True)
class ReleaseDetails:
    """What a release consists of, with its notes; the commit is empty where its tag is gone.

    `branches` are those, of the ones asked about, that hold its commit or the same files.
    """

    notes: str = ""
    commit_sha: str = ""
    assets: tuple[ListedAsset, ...] = ()
    branches: frozenset[str] = frozenset()


#: A release: `owner/name` and tag.
ReleaseKey = tuple[str, str]
