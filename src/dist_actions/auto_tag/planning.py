"""Decide whether a push is tagged, and how; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from packaging.version import Version

from dist_actions.abbreviation import short_sha
from dist_actions.auto_tag.bumping import FIRST_VERSION, Bump, Proposal
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED, Level, Location
from dist_actions.job.event import Event
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.packages import PackageFolder
from dist_actions.pipeline.tags import TagFormat
from dist_actions.versions import Deriver, ProjectVersion
from dist_actions.versions.project_files import normalised

Reason = Literal[
    "created",
    "exists-same",
    "exists-other",
    "unchanged",
    "nothing-to-release",
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
#: What repositories call the branch that they began with.
_DEFAULT_BRANCHES = frozenset({"main", "master"})
_TREE_TRAILER = "Tree: "


@dataclass(frozen=True)
class NothingToDo:
    """Why there is nothing to tag in this run."""

    reason: Reason
    message: str


@dataclass(frozen=True)
class Candidate:
    """A tag that this run may create for a commit; `tree_sha` is the folder's tree there.

    Where the version is proposed, `proposal` says why. If it proposes none, version and tag are
    those of the last release.
    """

    environment: Environment
    version: ProjectVersion
    tag: str
    commit_sha: str
    tree_sha: str
    folder: PackageFolder = field(default_factory=PackageFolder)
    proposal: Proposal | None = None

    @property
    def message(self) -> str:
        """Write the annotated tag's message; its trailers spare later runs a request."""
        return (
            f"{self.tag}\n\nVersion: {self.version.version}\n"
            f"Environment: {self.environment.name}\n{_TREE_TRAILER}{self.tree_sha}\n"
        )


@dataclass(frozen=True)
class UnversionedCandidate:
    """A candidate whose version is derived from tags.

    Only a tag in the previous environment, from which the package comes, tells the version. In the
    first environment, which has no previous one, it is proposed as `bump` says.
    """

    deriver: Deriver
    environment: Environment
    previous: Environment | None
    tags: TagFormat
    commit_sha: str
    tree_sha: str
    folder: PackageFolder = field(default_factory=PackageFolder)
    bump: Bump = ""

    def with_version(self, version: Version, proposal: Proposal | None = None) -> Candidate:
        """Return the candidate for the tag of a version."""
        name, location = normalised(self.tags.name), self.deriver.location
        source = "bump" if proposal else "promotion"
        return Candidate(
            self.environment,
            ProjectVersion(name, version, str(version), source, location),
            self.tags.format(version, self.environment.suffix),
            self.commit_sha,
            self.tree_sha,
            self.folder,
            proposal,
        )

    def as_proposed(self, proposal: Proposal, last: "TaggedVersion | None" = None) -> Candidate:
        """Return the candidate that a proposal makes of it, after the last release."""
        if last and proposal.version is None:
            return replace(self.with_version(last.version, proposal), tag=last.tag)
        return self.with_version(proposal.version or FIRST_VERSION, proposal)


@dataclass(frozen=True)
class TaggedVersion:
    """A version of a package, and its tag in one environment, which has this suffix."""

    version: Version
    tag: str
    suffix: str


@dataclass(frozen=True)
class ExistingTag:
    """A tag with a candidate's name; its tree is empty where it was not read.

    `only_exempt` tells that all that changed since is exempt from a new version.
    """

    commit_sha: str
    tree_sha: str = ""
    only_exempt: bool = False


@dataclass(frozen=True)
class TagPlan:
    """What to do about a candidate, and the run's exit status if nothing fails."""

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
    plan: TagPlan

    @property
    def created(self) -> bool:
        """Tell whether this run creates the tag."""
        return self.plan.create and self.plan.reason == "created"


def triage(
    event: Event, environments: EnvironmentMap, *, dry_run: bool = False
) -> Environment | NothingToDo:
    """Find the environment that a push belongs to, or say why there is nothing to do.

    A dry run also takes a pull request, as if it were merged.
    """
    merged = dry_run and event.previews_merge
    branch = event.base_branch if merged else event.branch
    if (event.name not in _BRANCH_EVENTS and not merged) or not branch:
        text = f"{event.name} of {event.ref or 'nothing'} is not tagged."
        hint = " Only a dry run looks at it." if event.previews_merge else ""
        return NothingToDo("not-a-push", text + hint)
    if event.deleted:
        return NothingToDo("not-a-push", f"The branch {branch} was deleted.")
    environment = environments.of_branch(branch)
    if environment is None:
        return NothingToDo("unmapped-branch", _unmapped(branch, environments))
    return environment


def _unmapped(branch: str, environments: EnvironmentMap) -> str:
    branches = ", ".join(stage.branch for stage in environments.stages)
    text = f"{branch} is no environment's branch (those are {branches})."
    if branch in _DEFAULT_BRANCHES and environments.production.branch in _DEFAULT_BRANCHES:
        name = environments.production.name
        text += (
            f' If it is the branch of {name}, set branch = "{branch}" for {name} in the settings.'
        )
    return text


def plan_tag(
    candidate: Candidate, existing: ExistingTag | None, *, on_unbumped: OnUnbumped, dry_run: bool
) -> TagPlan:
    """Decide what to do about a candidate: tags are created, never moved.

    `on_unbumped` says what a push means whose version is already tagged at another commit.
    """
    proposal = candidate.proposal
    if existing is None:
        result = "would be created" if dry_run else "is created"
        return TagPlan(
            create=not dry_run,
            reason="dry-run" if dry_run else "created",
            level="notice",
            message=f"Tag {candidate.tag} {result} on {short_sha(candidate.commit_sha)}"
            f"{f': {proposal.reason}' if proposal else '.'}",
        )
    if existing.commit_sha == candidate.commit_sha:
        return TagPlan(
            create=False,
            reason="exists-same",
            level="notice",
            message=f"Tag {candidate.tag} exists on this commit.",
        )
    if proposal:
        return _plan_proposed(candidate, proposal)
    return _plan_unbumped(candidate, existing, on_unbumped)


def tagged_versions(candidate: UnversionedCandidate, tags: Iterable[str]) -> list[TaggedVersion]:
    """Sort a package's versions in all environments with their tags, highest first."""
    parsed_tags = ((candidate.tags.parse(tag), tag) for tag in tags)
    versions = [
        TaggedVersion(parsed.version, tag, parsed.suffix) for parsed, tag in parsed_tags if parsed
    ]
    return sorted(versions, key=lambda tagged: (tagged.version, tagged.tag), reverse=True)


def tree_in_message(message: str) -> str:
    """Read the tree that auto-tag wrote into a tag's message; empty where there is none."""
    lines = (line for line in message.splitlines() if line.startswith(_TREE_TRAILER))
    return next(lines, "").removeprefix(_TREE_TRAILER).strip()


def _plan_proposed(candidate: Candidate, proposal: Proposal) -> TagPlan:
    """Decide about a proposal whose tag is there: it proposes nothing, or another run was first."""
    if proposal.version is None:
        message = f"Nothing to release. {proposal.reason}"
        return TagPlan(False, "nothing-to-release", "notice", message)
    return TagPlan(
        create=False,
        reason="exists-other",
        level="error",
        message=f"Tag {candidate.tag} exists on another commit by now.\nWhy: another run for this "
        "branch proposed the same version meanwhile.\nFix: run this job again, which proposes the "
        "next one; and give the workflow a `concurrency:` group for the branch.",
        exit_status=EXIT_REFUSED,
    )


def _plan_unbumped(candidate: Candidate, existing: ExistingTag, on_unbumped: OnUnbumped) -> TagPlan:
    """Decide about a candidate whose version is tagged on another commit."""
    position = f"Tag {candidate.tag} exists on {short_sha(existing.commit_sha)}"
    if existing.tree_sha == candidate.tree_sha or existing.only_exempt:
        since = "which holds the same files"
        if existing.only_exempt:
            since = "and only files changed since that need no new version"
        return TagPlan(
            create=False,
            reason="unchanged" if candidate.folder.several else "exists-other",
            level="notice",
            message=f"{position}, {since}. Nothing to tag.",
        )
    subject = f"{candidate.folder.path} changed, and " if candidate.folder.several else ""
    levels: dict[OnUnbumped, Level] = {"fail": "error", "warn": "warning", "ok": "notice"}
    return TagPlan(
        create=False,
        reason="exists-other",
        level=levels[on_unbumped],
        message=f"{position}, not on {short_sha(candidate.commit_sha)}.\n"
        f"Why: {subject}the version was not raised since then.\n"
        f"Fix: if this push should be released, raise {candidate.version.version} and push again; "
        "tags are never moved.",
        exit_status=EXIT_REFUSED if on_unbumped == "fail" else EXIT_DONE,
        location=candidate.version.location,
    )
