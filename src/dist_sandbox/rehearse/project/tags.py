"""Read the tags of a project: package, version and environment of each. It is pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.packages import Package, package_of_tag
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import TagFormat
from dist_sandbox.organisation import tag_pattern

_BRANCHES, _TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True)
class TagReading:
    """A tag of the project, taken apart.

    Attributes:
        package: Normalised name; empty in a repository of one package.
        version: None where the tag does not fit the settings, because a workflow gives tag-format
            as an input.
        environment: The environment whose suffix the tag has.
    """

    package: str
    version: Version | None
    environment: Environment


@dataclass(frozen=True)
class ProjectTags:
    """How the project's tags are read.

    Attributes:
        environments: The project's environments.
        tag_format: Of a repository with one package.
        packages: Of a repository with several; else empty.
        staged: Whether versions go from stage to stage; else tags on one branch are all there is.
    """

    environments: EnvironmentMap
    tag_format: TagFormat
    packages: tuple[Package, ...] = ()
    staged: bool = True

    @classmethod
    def of(cls, settings: Settings, name: str) -> "ProjectTags":
        """Derive how tags are read from a project's settings and its normalised name, if any."""
        # Without a name a {name} fits nothing, and only the suffix tells tags apart.
        suffixes = settings.environments.suffixes
        tag_format = TagFormat(settings.tag_format, name or "project", suffixes)
        return cls(settings.environments, tag_format, settings.packages)

    @property
    def package_names(self) -> tuple[str, ...]:
        """Name the packages; one empty name for a repository of one package."""
        return tuple(str(package.name) for package in self.packages) or ("",)

    @property
    def package_paths(self) -> tuple[str, ...]:
        """List the folder of each package, below the repository's root."""
        return tuple(package.path for package in self.packages) or (".",)

    @property
    def formats(self) -> tuple[TagFormat, ...]:
        """Return the form of each package's tags."""
        suffixes = self.environments.suffixes
        return tuple(package.tags(suffixes) for package in self.packages) or (self.tag_format,)

    def patterns(self, environment: Environment) -> tuple[str, ...]:
        """Write regular expressions of an environment's tags, for the conditions of providers."""
        shapes = [tag_format.shapes[environment.suffix] for tag_format in self.formats]
        return tuple(
            tag_pattern(shape.prefix, shape.postfix, shape.separator.strip(".")) for shape in shapes
        )

    def read(self, tag: str) -> TagReading | None:
        """Take a tag apart; None for one that belongs to no package or no stage."""
        suffixes = self.environments.suffixes
        package = package_of_tag(self.packages, suffixes, tag)
        parsed = (package.tags(suffixes) if package else self.tag_format).parse(tag)
        if parsed and (package or not self.packages):
            environment = self.environments.of_suffix(parsed.suffix)
            return TagReading(str(package.name) if package else "", parsed.version, environment)
        if self.packages:
            return None
        # The longest suffix first: production's is empty and fits every tag.
        longest = sorted(suffixes, key=len, reverse=True)
        fitting = next((suffix for suffix in longest if tag.endswith(suffix)), None)
        if fitting is None:
            return None
        return TagReading("", None, self.environments.of_suffix(fitting))

    def environment_of(self, ref: str) -> Environment | None:
        """Find the environment of a branch or tag; None for one that belongs to no stage."""
        if ref.startswith(_BRANCHES):
            return self.environments.of_branch(ref[len(_BRANCHES) :])
        reading = self.read_ref(ref)
        return reading.environment if reading else None

    def read_ref(self, ref: str) -> TagReading | None:
        """Take the tag of a full ref apart; None for anything else."""
        return self.read(ref[len(_TAGS) :]) if ref.startswith(_TAGS) else None

    def versions(self, tags: Iterable[str], environment: Environment) -> set[tuple[str, str]]:
        """List package and version of each of these tags that belongs to an environment."""
        readings = [self.read(tag) for tag in tags]
        return {
            (reading.package, str(reading.version or ""))
            for reading in readings
            if reading and reading.environment == environment
        }
