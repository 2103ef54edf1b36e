"""Work out the status of a package from the releases and pull requests of its repository; pure."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise, product
from typing import Literal

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.commands.status.organisation.drift import find_drift
from dist_actions.commands.status.organisation.waiting import (
    Waiting,
    find_waiting,
    has_to_follow,
)
from dist_actions.distributions.companions import is_distribution_name
from dist_actions.distributions.manifest import ManifestFile
from dist_actions.overview.table import EnvironmentStatus
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.github.organisation.facts import (
    BranchFolder,
    ListedRelease,
    ListedRepository,
    ReleaseDetails,
    ReleaseKey,
)

#: What a person would look at first.
State = Literal["drift", "blocked", "waiting", "done", "unknown"]

_PIP = re.compile(r"^(pip install .+)$", re.MULTILINE)
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!]+", re.ASCII)
_INDEX_URL = re.compile(r"https?://[A-Za-z0-9._~:/@%+=,-]+", re.ASCII)


@dataclass(frozen=True)
class ReleasedPackage:
    """A package of a repository, and how its tags are written.

    Attributes:
        name: Its normalised name; empty where the files that were read do not tell it.
        repository: Where it is developed.
        environments: In the order of promotion.
        tags: The form of its tags.
        folder: The one that holds its files; empty for the whole repository.
    """

    name: NormalizedName
    repository: ListedRepository
    environments: EnvironmentMap
    tags: TagFormat
    folder: str = ""

    def versions(self, environment: Environment) -> Mapping[Version, ListedRelease]:
        """List the versions that were released in an environment, as far as GitHub listed them."""
        return self._released.get(environment.suffix, {})

    @cached_property
    def _released(self) -> Mapping[str, Mapping[Version, ListedRelease]]:
        """Map the suffix of each environment to what was released there."""
        released: dict[str, dict[Version, ListedRelease]] = {}
        for release in self.repository.releases:
            if tag := self.tags.parse(release.tag):
                released.setdefault(tag.suffix, {})[tag.version] = release
        return released


@dataclass(frozen=True)
class HistoricRelease:
    """A release in a package's history."""

    environment: str
    version: Version
    published_at: datetime


@dataclass(frozen=True)
class PackageStatus:
    """A package with everything that is shown of it.

    Attributes:
        name: Of the package; of its repository where that is all that is known.
        repository: `owner/name`.
        url: Page of the repository.
        environments: What stands in each, in the order of promotion.
        waiting: What waits for a promotion.
        drift: What is not as promotion leaves it, a sentence each.
        history: Its releases, the oldest first.
        problem: Why nothing else is known; empty where it is.
    """

    name: str
    repository: str
    url: str
    environments: tuple[EnvironmentStatus, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    drift: tuple[str, ...] = ()
    history: tuple[HistoricRelease, ...] = ()
    problem: str = ""

    @property
    def state(self) -> State:
        """Return what a person would look at first."""
        if self.problem:
            return "unknown"
        if self.drift:
            return "drift"
        if any(waiting.state == "blocked" for waiting in self.waiting):
            return "blocked"
        return "waiting" if self.waiting else "done"

    @property
    def waits_since(self) -> datetime | None:
        """Return since when something waits; None where nothing does."""
        return min((waiting.since for waiting in self.waiting), default=None)

    @property
    def released_at(self) -> datetime | None:
        """Return when it was last released in any environment."""
        return max((release.published_at for release in self.history), default=None)


@dataclass(frozen=True)
class OrganisationStatus:
    """The status of many packages.

    Attributes:
        title: Of the organisation, or of the repositories.
        read_at: When it was read.
        packages: In the order of their names.
        others: How many repositories were looked at that have no package with a release.
    """

    title: str
    read_at: datetime
    packages: tuple[PackageStatus, ...]
    others: int = 0

    def count(self, *states: str) -> int:
        """Count the packages in these states."""
        return sum(package.state in states for package in self.packages)


def releases_to_read(package: ReleasedPackage) -> dict[ReleaseKey, tuple[BranchFolder, ...]]:
    """Name the releases whose files matter: what stands in each environment, and its first one.

    Returns:
        With each, the branch that it has to reach next.
    """
    branches: dict[str, tuple[BranchFolder, ...]] = {}
    stages = package.environments.stages
    newest = {stage: max(package.versions(stage), default=None) for stage in stages}
    for number, stage in enumerate(stages):
        for earlier in stages[: number + 1]:
            version = newest[stage]
            if version and (release := package.versions(earlier).get(version)):
                branches.setdefault(release.tag, ())
    for source, target in pairwise(stages):
        version = newest[source]
        if version and has_to_follow(version, newest[target]):
            tag = package.versions(source)[version].tag
            branches[tag] += (BranchFolder(target.branch, package.folder),)
    return {(package.repository.name, tag): folders for tag, folders in branches.items()}


def describe_package(
    package: ReleasedPackage, details: Mapping[ReleaseKey, ReleaseDetails]
) -> PackageStatus:
    """Work out the status of a package.

    Args:
        details: Those of `releases_to_read`, as far as they are there.
    """
    stages, repository = package.environments.stages, package.repository
    name = package.name or _name_of_files(details, package)
    package = replace(package, name=name)
    statuses = tuple(_describe_newest(package, stage, details) for stage in stages)
    history = sorted(
        (
            HistoricRelease(stage.name, version, release.published_at)
            for stage in stages
            for version, release in package.versions(stage).items()
        ),
        key=lambda release: release.published_at,
    )
    return PackageStatus(
        name=name or repository.name.partition("/")[2],
        repository=repository.name,
        url=repository.url,
        environments=statuses,
        waiting=find_waiting(
            package.environments,
            package.tags,
            statuses,
            repository.pulls,
            [_read(details, repository, status.tag).branches for status in statuses],
        ),
        drift=find_drift(
            statuses,
            {
                stage.name: {
                    version: _digests(details.get((repository.name, release.tag)))
                    for version, release in package.versions(stage).items()
                }
                for stage in stages
            },
            complete=repository.complete,
        ),
        history=tuple(history),
    )


def _describe_newest(
    package: ReleasedPackage, stage: Environment, details: Mapping[ReleaseKey, ReleaseDetails]
) -> EnvironmentStatus:
    versions = package.versions(stage)
    newest = max(versions, default=None)
    if newest is None:
        return EnvironmentStatus(stage.name, package=package.name)
    release = versions[newest]
    read = _read(details, package.repository, release.tag)
    return EnvironmentStatus(
        environment=stage.name,
        tag=release.tag,
        version=newest,
        commit_sha=read.commit_sha,
        files=tuple(
            ManifestFile(asset.name, asset.size_bytes, asset.sha256)
            for asset in read.assets
            if is_distribution_name(asset.name) and asset.sha256
        ),
        package=package.name,
        url=release.url,
        published_at=release.published_at,
        install=find_install_command(read.notes, package.name, newest),
    )


def _read(
    details: Mapping[ReleaseKey, ReleaseDetails], repository: ListedRepository, tag: str
) -> ReleaseDetails:
    return details.get((repository.name, tag), ReleaseDetails())


def _digests(details: ReleaseDetails | None) -> Mapping[str, str]:
    return {
        asset.name: asset.sha256
        for asset in (details.assets if details else ())
        if is_distribution_name(asset.name) and asset.sha256
    }


def _name_of_files(
    details: Mapping[ReleaseKey, ReleaseDetails], package: ReleasedPackage
) -> NormalizedName:
    """Take a package's name from a wheel of its releases; empty where there is none."""
    keys = product([package.repository.name], (row.tag for row in package.repository.releases))
    assets = (asset.name for key in keys if key in details for asset in details[key].assets)
    wheels: Sequence[str] = [name for name in assets if name.endswith(".whl")]
    return canonicalize_name(wheels[0].partition("-")[0]) if wheels else canonicalize_name("")


def find_install_command(notes: str, name: str, version: Version) -> str:
    """Find pip's command in the notes of a release; empty where they have none of the usual form.

    Anybody who may edit the notes may write a command there. Only what installs exactly this
    version is taken, from one index or from PyPI, and without a character that a shell obeys.
    """
    for line in _PIP.findall(notes):
        try:
            words = shlex.split(line)[2:]
        except ValueError:
            continue
        words = [word for word in words if word != "--no-deps"]
        url = words[1] if words[:1] == ["--index-url"] and len(words) == 3 else ""
        requirement = words[-1] if url or len(words) == 1 else ""
        if not _REQUIREMENT.fullmatch(requirement) or (url and not _INDEX_URL.fullmatch(url)):
            continue
        project, _, pinned = requirement.partition("==")
        if canonicalize_name(project) == name and pinned == str(version):
            return shlex.join(shlex.split(line))
    return ""
