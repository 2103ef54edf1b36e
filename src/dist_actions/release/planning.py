"""Decides what a tag releases; pure."""

from dataclasses import dataclass

from packaging.utils import NormalizedName
from packaging.version import Version

from dist_actions.environments import Environment, EnvironmentMap
from dist_actions.errors import InputError, Location, ReleaseError
from dist_actions.event import Event
from dist_actions.tags import ParsedTag, TagFormat, is_ref_name
from dist_actions.versions import VersionFound


@dataclass(frozen=True)
class ReleasePlan:
    """What one tag releases.

    Attributes:
        commit_sha: What the tag points to, peeled, 40 hex digits.
        production: Whether its environment is the last one.
    """

    found: VersionFound
    environment: Environment
    tag: str
    commit_sha: str
    production: bool
    tags: TagFormat

    @property
    def version(self) -> Version:
        """The version without the tag's suffix."""
        return self.found.version


def choose_tag(event: Event, given: str) -> str:
    """The tag that this run releases: the input `tag`, else the event's.

    Raises:
        InputError: There is none, because the run is for a branch.
    """
    if given and not is_ref_name(given):
        raise InputError(
            f"The input tag is {given!r}, which is no tag name.",
            why="it holds characters that tags of releases do not have.",
            fix="give the name alone, such as v1.4.0.",
            anchor="not-a-tag",
        )
    tag = given or event.tag
    if not tag:
        raise InputError(
            f"{event.ref or 'This run'} is not a tag.",
            why=f"the workflow was started by {event.name} of a branch, and branches are never "
            "released.",
            fix="start it with `on: push: tags:`, or give the input tag.",
            anchor="not-a-tag",
        )
    return tag


def version_of_tag(
    tag: str,
    name: NormalizedName,
    location: Location,
    *,
    tag_format: str,
    environments: EnvironmentMap,
) -> VersionFound:
    """The version that the tag itself says, for a project that derives its version from tags.

    Args:
        tag: Its name.
        name: The project's name; empty where its files do not tell it.
        location: Where the project asks for the derivation.
        tag_format: Template of tags.
        environments: The chain.

    Raises:
        InputError: The tag is not of the format.
    """
    parsed = _parse(tag, TagFormat(tag_format, name, environments.suffixes))
    return VersionFound(name, parsed.version, str(parsed.version), "tag", location)


def plan(
    tag: str,
    commit_sha: str,
    found: VersionFound,
    *,
    tag_format: str,
    environments: EnvironmentMap,
) -> ReleasePlan:
    """Work out environment and version from a tag, and check that the package agrees.

    Args:
        tag: Its name.
        commit_sha: What is checked out.
        found: The version that the package declares there.
        tag_format: Template of tags.
        environments: The chain.

    Raises:
        InputError: The tag is not of the format.
        ReleaseError: Tag and package name different versions.
    """
    tags = TagFormat(tag_format, found.name, environments.suffixes)
    parsed = _parse(tag, tags)
    if parsed.version != found.version:
        raise ReleaseError(
            f"The tag {tag} says {parsed.version}, but {found.location} says {found.version}.",
            why="the tag was made by hand, or on another commit than the version's.",
            fix="let auto-tag make tags; this one can be deleted, nothing was published.",
            location=found.location,
            anchor="tag-version",
        )
    environment = environments.of_suffix(parsed.suffix)
    return ReleasePlan(
        found, environment, tag, commit_sha, environment == environments.production, tags
    )


def _parse(tag: str, tags: TagFormat) -> ParsedTag:
    parsed = tags.parse(tag)
    if parsed is None:
        suffixes = ", ".join(suffix or "(none)" for suffix in tags.suffixes)
        raise InputError(
            f"The tag {tag} is not of the form {tags.template}.",
            why=f"the suffixes of the environments are {suffixes}.",
            fix="let auto-tag make the tag, or set tag-format to the form of your tags.",
            anchor="tag-format",
        )
    return parsed


def require_on_branch(plan: ReleasePlan, *, on_branch: bool) -> None:
    """Refuse a tag whose commit never was on its environment's branch.

    Raises:
        ReleaseError: It is not.
    """
    if not on_branch:
        branch = plan.environment.branch
        raise ReleaseError(
            f"The tag {plan.tag} is on {plan.commit_sha[:7]}, which is not on the branch {branch}.",
            why=f"{plan.environment.name} releases only what was merged into {branch}.",
            fix=f"merge the commit into {branch}; auto-tag then makes the tag there.",
            anchor="tag-branch",
        )


def require_same_commit(tag: str, tag_commit: str, checked_out: str) -> None:
    """Refuse a checkout that is not the tag's commit.

    Raises:
        ReleaseError: It is another one.
    """
    if tag_commit != checked_out:
        raise ReleaseError(
            f"The tag {tag} points to {tag_commit[:7]}, but {checked_out[:7]} is checked out.",
            why="another ref was checked out, or the tag was moved since the run began.",
            fix=f"give `ref: refs/tags/{tag}` to actions/checkout.",
            anchor="checkout",
        )
