"""Everything that the checks decide by; pure.

A fact that could not be read is an `Unread`, which says why: a check that needs it is not made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from dist_actions.doctor.findings import NotCheckedError, Problem
from dist_actions.doctor.workflows import Workflow
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.repository_settings.expected import ExpectedSettings
from dist_actions.repository_settings.values import RepositorySettings
from dist_actions.services.github.facts import BranchRules
from dist_actions.versions.project_files import ProjectVersion

T = TypeVar("T")


@dataclass(frozen=True)
class Unread:
    """What could not be read.

    Attributes:
        reason: Why.
        problem: What has to be mended, where it was asked for and refused.
    """

    reason: str
    problem: Problem | None = None


def refusal_of(fact: object) -> Problem | None:
    """Return what has to be mended before a fact can be read; None where nothing was refused."""
    return fact.problem if isinstance(fact, Unread) else None


def known(fact: T | Unread) -> T:
    """Return a fact.

    Raises:
        NotCheckedError: It could not be read.
    """
    if isinstance(fact, Unread):
        raise NotCheckedError(fact.reason)
    return fact


@dataclass(frozen=True)
class PackageFacts:
    """One package of the project.

    Attributes:
        name: Normalised; empty where no file says it.
        path: Its folder.
        tags: The form of its tags; None where it has no usable one.
        version: Its version; None where no file says it.
        deriver: The tool that derives it from git tags; empty for a version that a file says.
        problem: Why its version cannot be read.
    """

    name: str
    path: str
    tags: TagFormat | None = None
    version: ProjectVersion | None = None
    deriver: str = ""
    problem: Problem | None = None


@dataclass(frozen=True)
class ProjectFacts:
    """What the files of the checkout say.

    Attributes:
        settings: The settings of dist-actions; a problem where they cannot be used.
        packages: What is released.
        workflows: The workflow files that can be read.
        unreadable: What is wrong with the others.
        head_sha: Commit of the checkout; empty where it is none.
        second_indexes: Places in the project that name another index beside its own.
    """

    settings: Settings | Problem
    packages: tuple[PackageFacts, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    unreadable: tuple[Problem, ...] = ()
    head_sha: str = ""
    second_indexes: tuple[str, ...] = ()


@dataclass(frozen=True)
class BranchFacts:
    """The branches of the repository on GitHub.

    Attributes:
        default: Name of the default branch.
        workflows: Names of the workflow files on each branch that was asked for; None for a branch
            that does not exist.
        tags: Commits of those tags that were asked for and exist.
    """

    default: str
    workflows: Mapping[str, frozenset[str] | None]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AppFacts:
    """A GitHub App whose key is at hand.

    Attributes:
        problem: Why no token of it can be minted; None where one can.
    """

    name: str
    problem: Problem | None = None


@dataclass(frozen=True)
class StageResult:
    """How far a job came with its ID token on the way into an index.

    Attributes:
        name: The stage: `id-token`, `exchange`, `read` or `write`.
        problem: Why it failed.
    """

    name: str
    problem: Problem | None = None


@dataclass(frozen=True)
class JobFacts:
    """What the job that doctor runs in can do.

    Attributes:
        claims: Of its ID token.
        stages: Of its way into the index, as far as it came.
    """

    claims: Mapping[str, object]
    stages: tuple[StageResult, ...] = ()


@dataclass(frozen=True)
class IndexedFile:
    """A file of a release, and its digests: the release's and the index's."""

    environment: str
    index: str
    name: str
    released_sha256: str
    indexed_sha256: str


@dataclass(frozen=True)
class IndexFacts:
    """What indexes hold.

    Attributes:
        files: Files of the newest releases, as far as their indexes hold them.
        public_names: Names of the project's private packages that PyPI has, too.
    """

    files: tuple[IndexedFile, ...] | Unread = ()
    public_names: frozenset[str] | Unread = frozenset()


@dataclass(frozen=True)
class Facts:
    """All of it."""

    project: ProjectFacts
    branches: BranchFacts | Unread
    settings: RepositorySettings | Unread
    expected: ExpectedSettings | Unread
    rules: Mapping[str, BranchRules] | Unread
    promotion_rules: frozenset[str] | Unread
    apps: Sequence[AppFacts] | Unread
    job: JobFacts | Unread
    indexes: IndexFacts

    @property
    def pipeline(self) -> Settings:
        """Return the project's settings.

        Raises:
            NotCheckedError: They cannot be used.
        """
        settings = self.project.settings
        if isinstance(settings, Problem):
            raise NotCheckedError("the settings of dist-actions cannot be read")
        return settings

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        """Return the workflow files that can be read."""
        return self.project.workflows

    @property
    def own_workflows(self) -> tuple[Workflow, ...]:
        """Return those that use our actions.

        Raises:
            NotCheckedError: There is none.
        """
        workflows = tuple(workflow for workflow in self.workflows if workflow.is_ours)
        if not workflows:
            raise NotCheckedError("no workflow uses dist-actions")
        return workflows

    @property
    def tagging_workflows(self) -> tuple[Workflow, ...]:
        """Return those that make tags.

        Raises:
            NotCheckedError: There is none: people tag, or the project has no environments.
        """
        tagging = tuple(workflow for workflow in self.workflows if workflow.tags)
        if not tagging:
            raise NotCheckedError("no workflow makes tags")
        return tagging

    @property
    def promoting_workflows(self) -> tuple[Workflow, ...]:
        """Return those that promote.

        Raises:
            NotCheckedError: There is none.
        """
        promoting = tuple(workflow for workflow in self.workflows if workflow.promotes)
        if not promoting:
            raise NotCheckedError("no workflow promotes")
        return promoting
