"""The packages of a repository: where each lies, where its version stands, how its tags look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import PurePosixPath

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from dist_actions.settings_table import SettingsTable
from dist_actions.tags import DEFAULT_TAG_FORMAT, TagFormat
from dist_actions.versions import VersionSource

#: Tags of a repository with several packages, where its settings name no other form.
DEFAULT_PACKAGE_TAG_FORMAT = "{name}-v{version}{suffix}"

_KEYS = ("path", "tag-format", "version-file", "version-pattern")
_PATH = re.compile(r"[A-Za-z0-9._ @+/-]{1,200}", re.ASCII)


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


def parse_packages(table: SettingsTable, tag_format: str) -> tuple[Package, ...]:
    """Read the table of packages: each key a name, each value a table, in the order given.

    Args:
        table: `shop-core = { path = "packages/core" }` and so on.
        tag_format: Template of packages that set none; empty for `DEFAULT_PACKAGE_TAG_FORMAT`.

    Raises:
        InputError: A name, key or value is unusable, or two packages share a name or folder.
    """
    read = {key: _parse_package(table, key, tag_format) for key in table.values}
    for (key, one), (other_key, other) in combinations(read.items(), 2):
        if one.name == other.name:
            raise table.refusal(
                other_key, f"is the same name as {key}", "give each package its own name."
            )
        if _share_folder(one.path, other.path):
            raise table.table(other_key).refusal(
                "path",
                f"is {other.path}, which overlaps the folder {one.path} of {key}",
                "give each package a folder of its own; only the root may hold others.",
            )
    return tuple(read.values())


def _parse_package(table: SettingsTable, key: str, tag_format: str) -> Package:
    below = table.table(key)
    below.refuse_unknown(_KEYS)
    try:
        name = canonicalize_name(key, validate=True)
    except InvalidName:
        raise table.refusal(
            key, "is no name of a distribution", "write it with letters, digits, - _ and . alone."
        ) from None
    if "version-pattern" in below.values and "version-file" not in below.values:
        raise below.refusal(
            "version-pattern", "stands without version-file", "name the file that it searches."
        )
    file = below.text_at("version-file")
    return Package(
        name,
        _folder(below),
        VersionSource(file=file, pattern=below.text_at("version-pattern")),
        below.text_at("tag-format", tag_format or DEFAULT_PACKAGE_TAG_FORMAT),
    )


def _folder(table: SettingsTable) -> str:
    if "path" not in table.values:
        raise table.refusal("", "has no path", 'write path = "…", its folder from the root.')
    written = table.text_at("path")
    path = PurePosixPath(written)
    if not _PATH.fullmatch(written) or path.is_absolute() or ".." in path.parts:
        raise table.refusal(
            "path",
            f"is {written!r}, which is no folder below the repository's root",
            "write it with forward slashes and without .. , as in packages/core.",
        )
    return str(path)


def _share_folder(one: str, other: str) -> bool:
    paths = PurePosixPath(one), PurePosixPath(other)
    if "." in (one, other):
        return one == other
    return one == other or paths[0] in paths[1].parents or paths[1] in paths[0].parents
