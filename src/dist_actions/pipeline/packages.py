"""The packages of a repository: where each lies, where its version stands, how its tags look."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from packaging.utils import NormalizedName

from dist_actions.errors import InputError, Location
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat
from dist_actions.versions import VersionSource

#: Tags of a repository with several packages, where its settings name no other form.
DEFAULT_PACKAGE_TAG_FORMAT = "{name}-v{version}{suffix}"


@dataclass(frozen=True)
class Package:
    """One package of a repository that holds several.

    Attributes:
        name: Normalised name of the distribution, which is also its key in the settings.
        path: Its folder below the repository's root, `.` for the root.
        version_source: Where its version stands, if the settings say it.
        tag_format: Template of its tags.
    """

    name: NormalizedName
    path: str
    version_source: VersionSource = field(default_factory=VersionSource)
    tag_format: str = DEFAULT_TAG_FORMAT

    def tags(self, suffixes: tuple[str, ...]) -> TagFormat:
        """The form of its tags in a chain with these suffixes."""
        return TagFormat(self.tag_format, self.name, suffixes)


def package_of_tag(
    packages: Sequence[Package], suffixes: tuple[str, ...], tag: str
) -> Package | None:
    """The package that a tag belongs to; None for a tag of no package.

    The settings are refused where two packages could share a tag, so there is never a second.
    """
    return next((one for one in packages if one.tags(suffixes).parse(tag)), None)


def folders_of_others(package: Package, packages: Sequence[Package]) -> tuple[str, ...]:
    """List the folders of other packages inside a package's own: only the root has such."""
    if package.path != ".":
        return ()
    return tuple(other.path for other in packages if other.path != ".")


def other_project_name(name_in_settings: str, name: str, location: Location) -> InputError:
    """Explain that a project has another name than the settings give it.

    Args:
        name_in_settings: The package's name in the settings.
        name: The project's own name.
        location: Where the project's name is written.
    """
    return InputError(
        f"{location} names the project {name}, the settings name it {name_in_settings}.",
        why="tags, files and index would carry different names.",
        fix=f"write the same name in both places, such as [packages.{name}].",
        location=location,
        anchor="packages",
    )
