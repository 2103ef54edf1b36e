"""The packages of a repository: where each lies, where its version stands, how its tags look."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from packaging.utils import NormalizedName

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
