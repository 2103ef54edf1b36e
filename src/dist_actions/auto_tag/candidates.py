"""Works out the tags that a push stands for, offline and without a secret."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import NormalizedName

from dist_actions.auto_tag.inputs import AutoTagInputs
from dist_actions.auto_tag.planning import Candidate, Folder, Underived
from dist_actions.auto_tag.selection import select_packages
from dist_actions.errors import DistActionsError, InputError
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.packages import Package
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.versions import (
    MetadataReader,
    Project,
    VersionSource,
    find_deriver,
    find_name,
    read_version,
    require_releasable,
)
from dist_actions.versions.declared import normalised


@dataclass(frozen=True)
class Push:
    """What is pushed, and what is set for it."""

    workspace: Path
    environment: Environment
    settings: Settings
    commit_sha: str

    @property
    def production(self) -> str:
        """Name of the production environment if this is it, else empty."""
        environment = self.environment
        return environment.name if environment == self.settings.environments.production else ""


def find_candidates(
    push: Push, inputs: AutoTagInputs, git: Git, read_metadata: MetadataReader
) -> tuple[Candidate | Underived, ...]:
    """The tags of all packages that this run is about; of the only one where there are no others.

    There are none where no package has come to this branch yet.

    Raises:
        InputError: A version is missing or must not be tagged; nothing at all is tagged then.
        BuildError: A build backend was asked for a version, and failed.
    """
    require_checked_out(git.head_commit(), push.commit_sha)
    packages = select_packages(push.settings.packages, inputs.package, inputs.package_path)
    if not packages:
        project = Project(push.workspace, inputs.package_path)
        tree_sha = git.tree(push.commit_sha)
        template = push.settings.tag_format
        folder = Folder(inputs.package_path)
        reading = _Reading(push, project, inputs.version_source, template, folder, tree_sha)
        return (reading.find(inputs, read_metadata),)
    if not inputs.package:
        packages = _present(packages, push)
    source = inputs.version_source
    if len(packages) > 1 and source != VersionSource():
        raise _one_version_for_all(packages)
    readings = [_reading(push, package, source, git) for package in packages]
    return _find_all(readings, packages, inputs, read_metadata)


def require_checked_out(head: str, commit_sha: str) -> None:
    """Refuse a checkout whose version may be another one than the pushed commit's.

    Raises:
        InputError: It is at another commit.
    """
    if head != commit_sha:
        raise InputError(
            f"The checkout is at {head[:7]}, but this run is for {commit_sha[:7]}.",
            why="a step before checked out another commit, so the version may be another one.",
            fix="leave out `ref:` in actions/checkout, or give the commit as the input sha.",
            anchor="checkout",
        )


def _present(packages: tuple[Package, ...], push: Push) -> tuple[Package, ...]:
    """Those whose folder is on this branch: a promotion of one package brings no other along.

    In the first environment, where packages come from, a folder that is missing is a mistake.
    """
    if push.settings.environments.before(push.environment) is None:
        return packages
    return tuple(one for one in packages if (push.workspace / one.path).is_dir())


@dataclass(frozen=True)
class _Reading:
    """One package, before its version is known."""

    push: Push
    project: Project
    source: VersionSource
    template: str
    folder: Folder
    tree_sha: str
    name: NormalizedName | None = None

    def find(self, inputs: AutoTagInputs, read_metadata: MetadataReader) -> Candidate | Underived:
        explicit = self.source.version or self.source.file
        deriver = None if explicit else find_deriver(self.project)
        environments = self.push.settings.environments
        environment = self.push.environment
        previous = environments.before(environment)
        if deriver and previous:
            name = self.name or normalised(find_name(self.project))
            tags = TagFormat(self.template, name, environments.suffixes)
            place = (self.push.commit_sha, self.tree_sha, self.folder)
            return Underived(deriver, environment, previous, tags, *place)
        found = read_version(self.project, self.source, read_metadata, find_matches)
        require_releasable(
            found, allow_prerelease=inputs.allow_prerelease, environment=self.push.production
        )
        if self.name and found.name and found.name != self.name:
            raise _other_name(self.name, found.name, self.project)
        found = replace(found, name=self.name or found.name)
        tags = TagFormat(self.template, found.name, environments.suffixes)
        tag = tags.format(found.version, environment.suffix)
        commit_sha = self.push.commit_sha
        return Candidate(environment, found, tag, commit_sha, self.tree_sha, self.folder)


def _reading(push: Push, package: Package, source: VersionSource, git: Git) -> _Reading:
    folder = folder_of(package, push.settings.packages)
    project = Project(push.workspace, package.path)
    tree_sha = git.subtree(push.commit_sha, folder.compared, without=folder.without)
    given = source if source != VersionSource() else package.version_source
    return _Reading(push, project, given, package.tag_format, folder, tree_sha, package.name)


def folder_of(package: Package, packages: Sequence[Package]) -> Folder:
    """The files of a package; what other packages in its folder hold is not its own."""
    others = tuple(one.path for one in packages if one.path != ".") if package.path == "." else ()
    return Folder(package.path, others, several=True)


def _find_all(
    readings: Sequence[_Reading],
    packages: Sequence[Package],
    inputs: AutoTagInputs,
    read_metadata: MetadataReader,
) -> tuple[Candidate | Underived, ...]:
    """Read every package before refusing any, so that one run shows all that is wrong."""
    found: list[Candidate | Underived] = []
    bad: list[tuple[Package, DistActionsError]] = []
    for reading, package in zip(readings, packages, strict=True):
        try:
            found.append(reading.find(inputs, read_metadata))
        except DistActionsError as error:
            bad.append((package, error))
    if bad:
        raise _name_packages(bad)
    return tuple(found)


def _name_packages(bad: Sequence[tuple[Package, DistActionsError]]) -> DistActionsError:
    """The first package's error, with what is wrong with the others too."""
    error = bad[0][1]
    error.what = " ".join(f"Package {package.name}: {one.what}" for package, one in bad)
    error.why = " ".join(dict.fromkeys(one.why for _, one in bad))
    fixes = " ".join(dict.fromkeys(one.fix for _, one in bad))
    error.fix = f"{fixes} Until then no package is tagged."
    return error


def _one_version_for_all(packages: Sequence[Package]) -> InputError:
    names = ", ".join(package.name for package in packages)
    return InputError(
        "The inputs version, version-file and version-pattern are for one package, "
        f"but this run is about {len(packages)}: {names}.",
        why="each package has a version of its own.",
        fix="name one by the input package, or set version-file for each in the settings.",
        anchor="packages",
    )


def _other_name(name: str, found: str, project: Project) -> InputError:
    location = project.location("pyproject.toml")
    return InputError(
        f"{location} names the project {found}, the settings name it {name}.",
        why="tags, files and index would carry different names.",
        fix=f"write the same name in both places, such as [packages.{found}].",
        location=location,
        anchor="packages",
    )
