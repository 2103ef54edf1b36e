"""The private packages of an index, as far as they were read; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from packaging.utils import NormalizedName
from packaging.version import Version

from dist_actions.dependencies.metadata import Metadata


@dataclass(frozen=True)
class IndexedVersion:
    """A version that an index holds files of.

    Attributes:
        project: Whose version it is.
        version: Which one.
        environment: Name of the environment whose index holds it.
        yanked: Whether all of its files were yanked.
    """

    project: NormalizedName
    version: Version
    environment: str
    yanked: bool = False

    def __str__(self) -> str:
        return f"{self.project} {self.version}"


class PackageIndex(Protocol):
    """The index of one environment, whose private packages can be listed and read."""

    @property
    def environment(self) -> str:
        """Return the name of the environment whose index it is."""

    def projects(self) -> Mapping[NormalizedName, tuple[IndexedVersion, ...] | None]:
        """List the private projects, with their versions where these are known by that already."""

    def versions(
        self, projects: Sequence[NormalizedName]
    ) -> Mapping[NormalizedName, tuple[IndexedVersion, ...]]:
        """List the versions of some of them, each the newest first."""

    def metadata(self, versions: Sequence[IndexedVersion]) -> Mapping[IndexedVersion, Metadata]:
        """Read the metadata of some of these."""


class NotReadYetError(Exception):
    """Something decides that was not read yet.

    Attributes:
        projects: Whose versions are needed, each with the name of the environment.
        versions: Whose metadata are needed.
    """

    def __init__(
        self,
        projects: Iterable[tuple[str, NormalizedName]] = (),
        versions: Iterable[IndexedVersion] = (),
    ) -> None:
        super().__init__()
        self.projects = tuple(dict.fromkeys(projects))
        self.versions = tuple(dict.fromkeys(versions))

    @classmethod
    def join(cls, errors: Iterable["NotReadYetError"]) -> "NotReadYetError":
        """Ask at once for what several lack."""
        every = tuple(errors)
        return cls(
            (project for error in every for project in error.projects),
            (version for error in every for version in error.versions),
        )

    def __bool__(self) -> bool:
        return bool(self.projects or self.versions)


@dataclass(frozen=True)
class Catalogue:
    """What was read of the private packages of one index.

    Attributes:
        environment: Name of the environment whose index it is.
        projects: Names of all private projects, those that only other indexes hold too.
        versions: By the name of the project; what is missing was not read yet.
        metadata: By the version; what is missing was not read yet.
    """

    environment: str
    projects: frozenset[NormalizedName] = frozenset()
    versions: Mapping[NormalizedName, tuple[IndexedVersion, ...]] = field(default_factory=dict)
    metadata: Mapping[IndexedVersion, Metadata] = field(default_factory=dict)

    def versions_of(self, project: NormalizedName) -> tuple[IndexedVersion, ...]:
        """Return the versions of a project, the newest first; none of one that is not private.

        Raises:
            NotReadYetError: They were not read yet.
        """
        if project not in self.projects:
            return ()
        if project not in self.versions:
            raise NotReadYetError(projects=[(self.environment, project)])
        return self.versions[project]

    def metadata_of(self, version: IndexedVersion) -> Metadata:
        """Return the metadata of a version.

        Raises:
            NotReadYetError: They were not read yet.
        """
        if version not in self.metadata:
            raise NotReadYetError(versions=[version])
        return self.metadata[version]


@dataclass(frozen=True)
class JoinedCatalogue:
    """What the target's index holds, and after it what only the source's does."""

    target: Catalogue
    source: Catalogue

    @cached_property
    def projects(self) -> frozenset[NormalizedName]:
        """List the private projects of both."""
        return self.target.projects | self.source.projects

    def versions_of(self, project: NormalizedName) -> tuple[IndexedVersion, ...]:
        """Return the versions of a project, those of the target first.

        Raises:
            NotReadYetError: They were not read yet.
        """
        in_target = self.target.versions_of(project)
        usable = {version.version for version in in_target if not version.yanked}
        in_source = self.source.versions_of(project)
        return (*in_target, *(other for other in in_source if other.version not in usable))

    def metadata_of(self, version: IndexedVersion) -> Metadata:
        """Return the metadata of a version.

        Raises:
            NotReadYetError: They were not read yet.
        """
        is_in_target = version.environment == self.target.environment
        return (self.target if is_in_target else self.source).metadata_of(version)
