"""Decide what a tag releases; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from packaging.utils import NormalizedName
from packaging.version import Version

from dist_actions.abbreviation import short_sha
from dist_actions.errors import InputError, Location, ReleaseError
from dist_actions.job.event import Event
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.packages import (
    Package,
    PackageFolder,
    folder_of,
    other_project_name,
    package_of_tag,
)
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import ParsedTag, TagFormat, is_ref_name
from dist_actions.versions import ProjectFiles, ProjectVersion, VersionSource
from dist_actions.versions.project_files import is_project_name, normalised


@dataclass(frozen=True)
class ReleasedPackage:
    """What a tag is of: the repository's only package, or one of several.

    Attributes:
        tag_format: Template of its tags.
        name: Normalised name in the settings; empty for the only package.
        folder: Where its files are.
        source: Where its version stands, if the settings or inputs say it.
        leading: Whether its production releases are the repository's latest one.
    """

    tag_format: str
    name: str = ""
    folder: PackageFolder = field(default_factory=PackageFolder)
    source: VersionSource = field(default_factory=VersionSource)
    leading: bool = True


@dataclass(frozen=True)
class Trees:
    """Trees of one commit, 40 hex digits.

    Attributes:
        commit: Tree of the whole commit.
        package: Tree of the package's folder, if the repository holds several packages; empty
            otherwise, and where nothing tells it.
    """

    commit: str
    package: str = ""

    @property
    def compared(self) -> str:
        """Choose the tree that decides: the package's own, else that of the whole repository."""
        return self.package or self.commit


@dataclass(frozen=True)
class ReleasePlan:
    """What one tag, and the commit that it points to, release.

    `production` tells whether the environment is the last one; `earlier` lists the environments
    before it, the nearest first; `github_environments` names those of all environments.
    """

    declared: ProjectVersion
    environment: Environment
    tag: str
    commit_sha: str
    production: bool
    tags: TagFormat
    package: ReleasedPackage
    trees: Trees
    earlier: tuple[Environment, ...] = ()
    github_environments: tuple[str, ...] = ()

    @property
    def earlier_tags(self) -> dict[str, str]:
        """Map the names of earlier environments to this version's tags there."""
        return {
            environment.name: self.tags.format(self.version, environment.suffix)
            for environment in self.earlier
        }

    @property
    def version(self) -> Version:
        """Return the version without the tag's suffix."""
        return self.declared.version


def choose_tag(event: Event, tag_input: str) -> str:
    """Choose the tag that this run releases: the event's, else the input `tag`.

    Raises:
        InputError: There is none, because the run is for a branch; or the two differ.
    """
    if tag_input and not is_ref_name(tag_input):
        raise InputError(
            f"The input tag is {tag_input!r}, which is no tag name.",
            why="it holds characters that tags of releases do not have.",
            fix="give the name alone, such as v1.4.0.",
            anchor="not-a-tag",
        )
    if event.tag and tag_input not in {"", event.tag}:
        raise InputError(
            f"This run is for the tag {event.tag}, but the input tag is {tag_input}.",
            why="a run that is for a tag releases that one, whatever another job says.",
            fix="leave the input tag out, or start the workflow on a branch.",
            anchor="not-a-tag",
        )
    tag = event.tag or tag_input
    if not tag:
        raise InputError(
            f"{event.ref or 'This run'} is not a tag.",
            why=f"the workflow was started by {event.name} of a branch, and branches are never "
            "released.",
            fix="start it with `on: push: tags:`, or give the input tag.",
            anchor="not-a-tag",
        )
    return tag


def choose_package(
    settings: Settings, tag: str, package_path: str, source: VersionSource
) -> ReleasedPackage:
    """Choose the package that a tag releases.

    Args:
        package_path: The input of that name; `.` where it is not given.
        source: The inputs version-file and version-pattern; they win over the settings'.

    Raises:
        InputError: The tag is of no package, or of another one than the input's.
    """
    if not settings.packages:
        folder = PackageFolder(package_path)
        return ReleasedPackage(settings.tag_format, folder=folder, source=source)
    package = package_of_tag(settings.packages, settings.environments.suffixes, tag)
    if package is None:
        raise _no_package(settings, tag)
    if str(PurePosixPath(package_path)) not in {".", package.path}:
        raise InputError(
            f"The tag {tag} is of {package.name} in {package.path}, "
            f"but the input package-path is {package_path}.",
            why="the tag alone says which package is released.",
            fix="leave package-path out.",
            anchor="packages",
        )
    return ReleasedPackage(
        tag_format=package.tag_format,
        name=package.name,
        folder=folder_of(package, settings.packages),
        source=source if source != VersionSource() else package.version_source,
        leading=package == _leading_package(settings.packages),
    )


def require_name(project: ProjectFiles, name: str, package: ReleasedPackage) -> NormalizedName:
    """Take the name that a project's files say, else that of the settings.

    Args:
        name: What the files say; empty where they do not.

    Raises:
        InputError: Neither says a name.
    """
    name = name or package.name
    if not is_project_name(name):
        raise InputError(
            f"No file in {project.package_path!r} says the project's name"
            f"{f': {name[:80]!r} is none' if name else ''}.",
            why="what is published is held against that name, and no code of the project runs "
            "where that is decided.",
            fix="write `[project]` with `name` in pyproject.toml, or `name` in setup.cfg or, as a "
            "literal, in setup.py; or list the package in the settings, as [packages.NAME].",
            anchor="project-without-a-name",
        )
    return normalised(name)


def version_of_tag(tag: str, tags: TagFormat, location: Location) -> ProjectVersion:
    """Read the version from the tag, for a project that derives its version from tags.

    Raises:
        InputError: The tag is not of the format.
    """
    version = _parse(tag, tags).version
    return ProjectVersion(normalised(tags.name), version, str(version), "tag", location)


def plan_release(
    tag: str,
    commit_sha: str,
    declared: ProjectVersion,
    *,
    package: ReleasedPackage,
    environments: EnvironmentMap,
    trees: Trees,
) -> ReleasePlan:
    """Work out environment and version from a tag, and check that the package agrees.

    Commit, trees and the declared version are those of the tag's commit. The plan's version is as
    the tag writes it.

    Raises:
        InputError: The tag is not of the format.
        ReleaseError: Tag and package name different versions.
    """
    if package.name and declared.name != package.name:
        raise other_project_name(package.name, declared.name, declared.location)
    tags = TagFormat(package.tag_format, declared.name, environments.suffixes)
    parsed = _parse(tag, tags)
    if parsed.version != declared.version:
        raise _other_version(tag, parsed.version, declared)
    environment = environments.of_suffix(parsed.suffix)
    production = environment == environments.production
    position = environments.stages.index(environment)
    earlier = tuple(reversed(environments.stages[:position]))
    # `1.0` and `1.0.0` are equal; every job must write the same one.
    declared = replace(declared, version=parsed.version)
    return ReleasePlan(
        declared,
        environment,
        tag,
        commit_sha,
        production,
        tags,
        package,
        trees,
        earlier,
        tuple(stage.github_environment for stage in environments.stages),
    )


def require_on_branch(plan: ReleasePlan, *, on_branch: bool) -> None:
    """Refuse a tag whose commit never was on its environment's branch.

    Raises:
        ReleaseError: It is not.
    """
    if not on_branch:
        branch, commit = plan.environment.branch, short_sha(plan.commit_sha)
        raise ReleaseError(
            f"The tag {plan.tag} is on {commit}, which is not on the branch {branch}.",
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
            f"The tag {tag} points to {short_sha(tag_commit)}, but {short_sha(checked_out)} is "
            "checked out.",
            why="another ref was checked out, or the tag was moved since the run began.",
            fix=f"give `ref: refs/tags/{tag}` to actions/checkout.",
            anchor="checkout",
        )


def _leading_package(packages: Sequence[Package]) -> Package:
    """Choose the package in the root, else the first in the settings.

    GitHub shows one release of a repository as its latest. Were it the newest of any package, that
    place, its badge and its download links would name another package after each release.
    """
    return next((package for package in packages if package.path == "."), packages[0])


def _parse(tag: str, tags: TagFormat) -> ParsedTag:
    parsed = tags.parse(tag)
    if parsed is None:
        raise InputError(
            f"The tag {tag} is not of the form {tags.template}.",
            why=f"the suffixes of the environments are {_list_suffixes(tags.suffixes)}.",
            fix="let auto-tag make the tag, or set tag-format to the form of your tags.",
            anchor="tag-format",
        )
    return parsed


def _no_package(settings: Settings, tag: str) -> InputError:
    forms = ", ".join(
        f"{package.tag_format.replace('{name}', package.name)} of {package.name}"
        for package in settings.packages
    )
    suffixes = _list_suffixes(settings.environments.suffixes)
    return InputError(
        f"The tag {tag} is of none of this repository's packages.",
        why=f"their tags have the forms {forms}; the suffixes of the environments are {suffixes}.",
        fix="let auto-tag make the tag, or add the package to the settings.",
        anchor="packages",
    )


def _list_suffixes(suffixes: Sequence[str]) -> str:
    return ", ".join(suffix or "(none)" for suffix in suffixes)


def _other_version(tag: str, version: Version, declared: ProjectVersion) -> ReleaseError:
    return ReleaseError(
        f"The tag {tag} says {version}, but {declared.location} says {declared.version}.",
        why="the tag was made by hand, or on another commit than the version's.",
        fix="let auto-tag make tags; this one can be deleted, nothing was published.",
        location=declared.location,
        anchor="tag-version",
    )
