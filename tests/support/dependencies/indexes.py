"""Indexes in memory, by what their versions require."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from dist_actions.dependencies.catalogue import IndexedVersion
from dist_actions.dependencies.metadata import Metadata, parse_metadata


def metadata_text(name: str, version: str, *fields: str) -> str:
    """Write metadata; a field without a name is a requirement."""
    lines = [field if ": " in field else f"Requires-Dist: {field}" for field in fields]
    return "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines, ""])


def describe_version(name: str, version: str, *fields: str) -> Metadata:
    """Make the metadata of a version, as a distribution would have them."""
    return parse_metadata(metadata_text(name, version, *fields).encode(), f"{name}-{version}.whl")


@dataclass
class MemoryIndex:
    """The index of an environment.

    Attributes:
        environment: Its name.
        contents: By `name version`, what such a version requires.
        yanked: Those that were yanked.
        reads: What was read, in the order of reading.
    """

    environment: str
    contents: Mapping[str, Sequence[str]]
    yanked: Iterable[str] = ()
    reads: list[str] = field(default_factory=list)

    def projects(self) -> Mapping[NormalizedName, None]:
        """List the names."""
        return dict.fromkeys(canonicalize_name(key.split()[0]) for key in self.contents)

    def versions(
        self, projects: Sequence[NormalizedName]
    ) -> Mapping[NormalizedName, tuple[IndexedVersion, ...]]:
        """List the versions of some, each the newest first."""
        self.reads += projects
        versions = []
        for key in self.contents:
            name, version = key.split()
            project = canonicalize_name(name)
            is_yanked = key in self.yanked
            versions.append(IndexedVersion(project, Version(version), self.environment, is_yanked))
        versions.sort(key=lambda version: version.version, reverse=True)
        return {
            project: tuple(version for version in versions if version.project == project)
            for project in projects
        }

    def metadata(self, versions: Sequence[IndexedVersion]) -> Mapping[IndexedVersion, Metadata]:
        """Read the metadata of some."""
        self.reads += map(str, versions)
        return {
            version: describe_version(
                str(version.project), str(version.version), *self.contents[str(version)]
            )
            for version in versions
        }


def wheel_names(contents: Iterable[str]) -> list[str]:
    """Name the wheels of some versions."""
    names = [f"{key.replace('-', '_').replace(' ', '-')}-py3-none-any.whl" for key in contents]
    for name in names:
        parse_wheel_filename(name)
    return names
