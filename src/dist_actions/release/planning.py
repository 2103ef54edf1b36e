"""Decides what a tag releases; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from packaging.utils import NormalizedName
from packaging.version import Version

from dist_actions.errors import InputError, Location, ReleaseError
from dist_actions.job.event import Event
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.packages import Package, package_of_tag
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import ParsedTag, TagFormat, is_ref_name
from dist_actions.versions import ProjectVersion, VersionSource


@dataclass(frozen=True)
class Subject:
    """What a tag is of: the repository's only package, or one of several.

    Attributes:
        name: Normalised name in the settings; empty for the only package.
        path: Its folder below the repository's root, `.` for the root.
        tag_format: Template of its tags.
        source: Where its version stands, if the settings or inputs say it.
        several: Whether the repository holds other packages.
        leading: Whether its production releases are the repository's latest one.
        without: Folders of other packages, where this one is the root around them.
    """

    tag_format: str
    name: str = ""
    path: str = "."
    source: VersionSource = field(default_factory=VersionSource)
    several: bool = False
    leading: bool = True
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReleasePlan:
    """What one tag releases.

    Attributes:
        commit_sha: What the tag points to, peeled, 40 hex digits.
        production: Whether its environment is the last one.
        earlier: The environments before its own, the nearest first.
    """

    found: ProjectVersion
    environment: Environment
    tag: str
    commit_sha: str
    production: bool
    tags: TagFormat
    subject: Subject
    earlier: tuple[Environment, ...] = ()

    @property
    def earlier_tags(self) -> dict[str, str]:
        """This version's tags in the earlier environments, by the environment's name."""
        return {one.name: self.tags.format(self.version, one.suffix) for one in self.earlier}

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


def choose_subject(
    settings: Settings, tag: str, package_path: str, source: VersionSource
) -> Subject:
    """The package that a tag releases.

    Args:
        settings: The repository's.
        tag: Its name.
        package_path: The input of that name; `.` where it is not given.
        source: The inputs version-file and version-pattern; they win over the settings'.

    Raises:
        InputError: The tag is of no package, or of another one than the input's.
    """
    if not settings.packages:
        return Subject(settings.tag_format, path=package_path, source=source)
    package = package_of_tag(settings.packages, settings.environments.suffixes, tag)
    if package is None:
        raise _no_package(settings, tag)
    path = str(PurePosixPath(package_path))
    if path not in {".", package.path}:
        raise InputError(
            f"The tag {tag} is of {package.name} in {package.path}, "
            f"but the input package-path is {package_path}.",
            why="the tag alone says which package is released.",
            fix="leave package-path out.",
            anchor="packages",
        )
    return Subject(
        tag_format=package.tag_format,
        name=package.name,
        path=package.path,
        source=source if source != VersionSource() else package.version_source,
        several=True,
        leading=package == _leading(settings.packages),
        without=_others(package, settings.packages),
    )


def version_of_tag(
    tag: str,
    name: NormalizedName,
    location: Location,
    *,
    tag_format: str,
    environments: EnvironmentMap,
) -> ProjectVersion:
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
    return ProjectVersion(name, parsed.version, str(parsed.version), "tag", location)


def plan(
    tag: str,
    commit_sha: str,
    found: ProjectVersion,
    *,
    subject: Subject,
    environments: EnvironmentMap,
) -> ReleasePlan:
    """Work out environment and version from a tag, and check that the package agrees.

    Args:
        tag: Its name.
        commit_sha: What is checked out.
        found: The version that the package declares there.
        subject: The package that the tag belongs to.
        environments: The chain.

    Raises:
        InputError: The tag is not of the format.
        ReleaseError: Tag and package name different versions.
    """
    if subject.name and found.name != subject.name:
        raise InputError(
            f"{found.location} names the project {found.name}, the settings name it "
            f"{subject.name}.",
            why="tags, files and index would carry different names.",
            fix=f"write the same name in both places, such as [packages.{found.name}].",
            location=found.location,
            anchor="packages",
        )
    tags = TagFormat(subject.tag_format, found.name, environments.suffixes)
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
    production = environment == environments.production
    position = environments.stages.index(environment)
    earlier = tuple(reversed(environments.stages[:position]))
    return ReleasePlan(found, environment, tag, commit_sha, production, tags, subject, earlier)


def _others(package: Package, packages: Sequence[Package]) -> tuple[str, ...]:
    """What lies in a package's folder and is another one's: only in the root others can."""
    return tuple(one.path for one in packages if one.path != ".") if package.path == "." else ()


def _leading(packages: Sequence[Package]) -> Package:
    """The package in the root, else the first in the settings.

    GitHub shows one release of a repository as its latest. Were it the newest of any package, that
    place, its badge and its download links would name another package after each release.
    """
    return next((one for one in packages if one.path == "."), packages[0])


def _no_package(settings: Settings, tag: str) -> InputError:
    forms = ", ".join(
        f"{one.tag_format.replace('{name}', one.name)} of {one.name}" for one in settings.packages
    )
    suffixes = ", ".join(suffix or "(none)" for suffix in settings.environments.suffixes)
    return InputError(
        f"The tag {tag} is of none of this repository's packages.",
        why=f"their tags have the forms {forms}; the suffixes of the environments are {suffixes}.",
        fix="let auto-tag make the tag, or add the package to the settings.",
        anchor="packages",
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
