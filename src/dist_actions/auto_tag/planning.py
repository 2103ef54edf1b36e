"""Decides whether a push is tagged, and how; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

from dist_actions.errors import EXIT_DONE, EXIT_REFUSED, Level, Location
from dist_actions.job.event import Event
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.tags import TagFormat
from dist_actions.versions import Deriver, VersionFound
from dist_actions.versions.declared import normalised

Reason = Literal[
    "created",
    "exists-same",
    "exists-other",
    "unchanged",
    "no-package",
    "unmapped-branch",
    "not-a-push",
    "no-credentials",
    "dry-run",
]
OnUnbumped = Literal["warn", "ok", "fail"]
#: What it means that a promotion brought another tree than it promised.
OnOtherTree = Literal["fail", "warn", "off"]

#: Heading of annotations and summaries.
TITLE = "auto-tag"
#: Events whose run stands for the tip of a branch.
_BRANCH_EVENTS = frozenset({"push", "workflow_dispatch"})
_TREE_TRAILER = "Tree: "


@dataclass(frozen=True)
class Idle:
    """There is nothing to tag in this run."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class Folder:
    """The files of one package.

    Attributes:
        path: Below the repository's root, `.` for the root.
        without: Folders of other packages, where this one is the root around them.
        several: Whether the repository holds several packages.
    """

    path: str = "."
    without: tuple[str, ...] = ()
    several: bool = False

    @property
    def compared(self) -> str:
        """The folder whose changes matter: a package's own, else the whole repository."""
        return self.path if self.several else "."


@dataclass(frozen=True)
class Candidate:
    """A tag that this run stands for.

    Attributes:
        commit_sha: What it is to point to, 40 hex digits.
        tree_sha: Tree of the folder at that commit.
    """

    environment: Environment
    version: VersionFound
    tag: str
    commit_sha: str
    tree_sha: str
    folder: Folder = Folder()

    @property
    def message(self) -> str:
        """The annotated tag's message; its trailers spare later runs a request."""
        return (
            f"{self.tag}\n\nVersion: {self.version.version}\n"
            f"Environment: {self.environment.name}\n{_TREE_TRAILER}{self.tree_sha}\n"
        )


@dataclass(frozen=True)
class Underived:
    """A package whose version is derived from tags, so that it is known only from an earlier tag.

    Attributes:
        previous: The environment that it comes from.
        tags: The form of its tags.
        commit_sha: What its tag is to point to.
        tree_sha: Tree of the folder at that commit.
    """

    deriver: Deriver
    environment: Environment
    previous: Environment
    tags: TagFormat
    commit_sha: str
    tree_sha: str
    folder: Folder = Folder()

    def at(self, version: Version) -> Candidate:
        """The tag of that version."""
        found = VersionFound(
            normalised(self.tags.name), version, str(version), "promotion", self.deriver.location
        )
        return Candidate(
            self.environment,
            found,
            self.tags.format(version, self.environment.suffix),
            self.commit_sha,
            self.tree_sha,
            self.folder,
        )


@dataclass(frozen=True)
class Existing:
    """A tag of that name that is already there.

    Attributes:
        tree_sha: Tree of the package's files there; empty where it was not asked for.
    """

    commit_sha: str
    tree_sha: str = ""


@dataclass(frozen=True)
class Plan:
    """What to do about a candidate.

    Attributes:
        create: Whether the tag is to be made.
        exit_status: Of the run, if nothing fails.
    """

    create: bool
    reason: Reason
    level: Level
    message: str
    exit_status: int = EXIT_DONE
    location: Location | None = None


@dataclass(frozen=True)
class Decision:
    """A candidate with what is done about it."""

    candidate: Candidate
    plan: Plan

    @property
    def created(self) -> bool:
        """Whether this run makes the tag."""
        return self.plan.create and self.plan.reason == "created"


def triage(event: Event, environments: EnvironmentMap) -> Environment | Idle:
    """The environment that this run's push belongs to, or why there is nothing to do."""
    if event.name not in _BRANCH_EVENTS or event.branch is None:
        return Idle("not-a-push", f"{event.name} of {event.ref or 'nothing'} is not tagged.")
    if event.deleted:
        return Idle("not-a-push", f"The branch {event.branch} was deleted.")
    environment = environments.of_branch(event.branch)
    if environment is None:
        branches = ", ".join(stage.branch for stage in environments.stages)
        return Idle(
            "unmapped-branch", f"{event.branch} is no environment's branch (those are {branches})."
        )
    return environment


def plan(
    candidate: Candidate, existing: Existing | None, *, on_unbumped: OnUnbumped, dry_run: bool
) -> Plan:
    """Decide: tags are created, never moved.

    Args:
        candidate: The tag to make.
        existing: The tag of that name, if there is one.
        on_unbumped: What a push means whose version is already tagged at another commit.
        dry_run: Only say what would be done.
    """
    if existing is None:
        reason: Reason = "dry-run" if dry_run else "created"
        would = "would be created" if dry_run else "is created"
        return Plan(
            create=not dry_run,
            reason=reason,
            level="notice",
            message=f"Tag {candidate.tag} {would} on {candidate.commit_sha[:7]}.",
        )
    if existing.commit_sha == candidate.commit_sha:
        return Plan(
            create=False,
            reason="exists-same",
            level="notice",
            message=f"Tag {candidate.tag} exists on this commit.",
        )
    return _plan_unbumped(candidate, existing, on_unbumped)


def promoted_tags(underived: Underived, tags: Iterable[str]) -> list[tuple[Version, str]]:
    """The versions of a package in its previous environment with their tags, highest first.

    Args:
        underived: The package.
        tags: Names of tags, in any order.
    """
    parsed = ((underived.tags.parse(tag), tag) for tag in tags)
    suffix = underived.previous.suffix
    found = [(one.version, tag) for one, tag in parsed if one and one.suffix == suffix]
    return sorted(found, reverse=True)


def tree_in_message(message: str) -> str:
    """The tree that auto-tag wrote into a tag's message; empty where there is none."""
    lines = (line for line in message.splitlines() if line.startswith(_TREE_TRAILER))
    return next(lines, "").removeprefix(_TREE_TRAILER).strip()


def _plan_unbumped(candidate: Candidate, existing: Existing, on_unbumped: OnUnbumped) -> Plan:
    stands = f"Tag {candidate.tag} exists on {existing.commit_sha[:7]}"
    if existing.tree_sha == candidate.tree_sha:
        return Plan(
            create=False,
            reason="unchanged" if candidate.folder.several else "exists-other",
            level="notice",
            message=f"{stands}, which holds the same files. Nothing to tag.",
        )
    subject = f"{candidate.folder.path} changed, and " if candidate.folder.several else ""
    fail = on_unbumped == "fail"
    level: Level = "error" if fail else "notice" if on_unbumped == "ok" else "warning"
    return Plan(
        create=False,
        reason="exists-other",
        level=level,
        message=f"{stands}, not on {candidate.commit_sha[:7]}. "
        f"Why: {subject}the version was not raised since then. "
        f"Fix: if this push should be released, raise {candidate.version.version} and push again; "
        "tags are never moved.",
        exit_status=EXIT_REFUSED if fail else EXIT_DONE,
        location=candidate.version.location,
    )
