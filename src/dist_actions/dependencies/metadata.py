"""Read what a distribution requires from its metadata; pure.

Spec: https://packaging.python.org/en/latest/specifications/core-metadata/
"""

from dataclasses import dataclass
from functools import cached_property

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.errors import PromotionError

#: Fields that must be understood, as the parser calls them where it does not understand them.
_FIELDS = ("name", "version", "requires-python", "requires-dist")
#: What reading or comparing versions, specifiers and markers raises.
_MISFITS = (ValueError, UndefinedComparison, UndefinedEnvironmentName, RecursionError)


@dataclass(frozen=True)
class Metadata:
    """What one version of a project says of itself.

    Attributes:
        project: Its normalised name.
        version: Its version.
        requirements: What it requires, whether or not a marker or extra wants it.
        requires_python: The Pythons that it can be installed on; as written, empty for any.
        classifiers: Its trove classifiers.
    """

    project: NormalizedName
    version: Version
    requirements: tuple[Requirement, ...] = ()
    requires_python: str = ""
    classifiers: tuple[str, ...] = ()

    @cached_property
    def by_project(self) -> tuple[tuple[NormalizedName, str, Requirement], ...]:
        """List the requirements with the normalised names and the specifiers, to be compared."""
        return tuple(
            (canonicalize_name(requirement.name), str(requirement.specifier), requirement)
            for requirement in self.requirements
        )


def parse_metadata(data: bytes, file_name: str) -> Metadata:
    """Read a METADATA or PKG-INFO.

    Args:
        data: The file's content.
        file_name: The distribution that it comes from, for messages.

    Raises:
        PromotionError: It cannot be read.
    """
    raw, unparsed = parse_email(data)
    for field in _FIELDS:
        if field in unparsed:
            raise broken_metadata(file_name, f"its field {field} cannot be read")
    requires_python = raw.get("requires_python", "")
    try:
        _require_comparable(SpecifierSet(requires_python))
        return Metadata(
            canonicalize_name(raw["name"], validate=True),
            Version(raw["version"]),
            tuple(_parse_requirement(text) for text in raw.get("requires_dist", ())),
            requires_python,
            tuple(raw.get("classifiers", ())),
        )
    except KeyError as error:
        raise broken_metadata(file_name, f"it has no {error.args[0]}") from error
    except _MISFITS as error:
        raise broken_metadata(file_name, " ".join(str(error).split())[:200]) from error


def _parse_requirement(text: str) -> Requirement:
    """Read a requirement, and try what a parser leaves for later: its comparisons."""
    requirement = Requirement(text)
    _require_comparable(requirement.specifier)
    try:
        if requirement.marker:
            requirement.marker.evaluate({"extra": ""})
    except KeyError as error:
        raise ValueError(f"{text}: metadata have no variable {error.args[0]}") from error
    return requirement


def _require_comparable(specifier: SpecifierSet) -> None:
    """Compare once: numbers that are too long fail only then."""
    for part in specifier:
        part.contains("1", prereleases=True)


def require_identity(
    metadata: Metadata, project: NormalizedName, version: Version, file_name: str
) -> Metadata:
    """Return metadata that are those of a version.

    Raises:
        PromotionError: They say that they are another one's.
    """
    if (metadata.project, metadata.version) != (project, version):
        problem = f"it says that it is {metadata.project} {metadata.version}"
        raise broken_metadata(file_name, problem)
    return metadata


def broken_metadata(file_name: str, problem: str) -> PromotionError:
    """Explain that a distribution does not say what it requires."""
    return PromotionError(
        f"The metadata of {file_name} cannot be read: {problem}.",
        why="what it requires is read from there, and an installer would refuse it too.",
        fix="build it again with a current build backend, raise the version, and release that.",
        anchor="promote-dependencies",
    )
