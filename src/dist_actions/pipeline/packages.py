"""The packages of a repository: the table `packages` of its settings, and what it says of each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path, PurePosixPath

from packaging.utils import NormalizedName, canonicalize_name

from dist_actions.errors import InputError, Location
from dist_actions.pipeline.settings_table import SettingsTable
from dist_actions.pipeline.tag_shapes import find_clash
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, HOW_TO_WRITE, TagFormat, find_problem
from dist_actions.toml import leads_outside
from dist_actions.versions import VersionSource

#: Tags of a repository with several packages, where its settings name no other form.
DEFAULT_PACKAGE_TAG_FORMAT = "{name}-v{version}{suffix}"

_KEYS = ("path", "tag-format", "version-file", "version-pattern")
#: Spec: https://packaging.python.org/en/latest/specifications/name-normalization/
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)
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
        """Return the form of its tags, in a pipeline with these suffixes."""
        return TagFormat(self.tag_format, self.name, suffixes)


@dataclass(frozen=True)
class PackageFolder:
    """The folder that holds the files of a package.

    Attributes:
        path: Below the repository's root, `.` for the root.
        without: Folders of other packages, where this one is the root around them.
        several: Whether the repository holds several packages.
    """

    path: str = "."
    without: tuple[str, ...] = ()
    several: bool = False

    @property
    def compared(self) -> str:
        """Name the folder whose changes matter: a package's own, else the whole repository."""
        return self.path if self.several else "."

    def holds(self, path: str) -> bool:
        """Tell whether a file, below the repository's root, is one whose changes matter."""
        inside = self.compared == "." or path.startswith(f"{self.compared}/")
        return inside and not any(path.startswith(f"{folder}/") for folder in self.without)


def package_of_tag(
    packages: Sequence[Package], suffixes: tuple[str, ...], tag: str
) -> Package | None:
    """Find the package that a tag belongs to; None for a tag of no package.

    The settings are refused where two packages could share a tag, so there is never a second.
    """
    return next((package for package in packages if package.tags(suffixes).parse(tag)), None)


def folder_of(package: Package, packages: Sequence[Package]) -> PackageFolder:
    """Describe the folder of one package of several; only the root holds folders of others."""
    without = tuple(folder.path for folder in packages if folder.path != ".")
    return PackageFolder(package.path, without if package.path == "." else (), several=True)


def other_project_name(name_in_settings: str, name: str, location: Location) -> InputError:
    """Explain that a project has another name than the settings give it."""
    return InputError(
        f"{location} names the project {name}, the settings name it {name_in_settings}.",
        why="tags, files and index would carry different names.",
        fix=f"write the same name in both places, such as [packages.{name}].",
        location=location,
        anchor="packages",
    )


def parse_packages(
    settings: SettingsTable, tag_format: str, suffixes: tuple[str, ...], workspace: Path
) -> tuple[Package, ...]:
    """Read the table `packages`: each key a name, each value a table, in the order given.

    Args:
        settings: The table that holds it: `packages.shop-core = { path = "packages/core" }` and
            so on. Its `tag-format` is that of packages that set none.
        tag_format: The input of that name, which goes before the settings' own; or empty.
        suffixes: Every suffix of the environments.
        workspace: The repository's root; a package's folder may be absent, but not outside.

    Raises:
        InputError: A name, key or value is unusable, or two packages share a name, a folder or
            a tag.
    """
    table = settings.table("packages")
    default = tag_format or settings.text_at("tag-format", DEFAULT_PACKAGE_TAG_FORMAT)
    packages = {key: _parse_package(table, key, default) for key in table.values}
    for key, package in packages.items():
        package_table = table.table(key)
        _refuse_outside(package_table, workspace, package.path)
        sets_format = "tag-format" in package_table.values or bool(tag_format)
        format_table = package_table if sets_format else settings
        require_usable(format_table, package.tag_format, package.name, suffixes)
    shapes = {key: package.tags(suffixes).shapes.values() for key, package in packages.items()}
    for first, second in combinations(packages, 2):
        _refuse_sharing(table, first, second, packages)
        clashes = (find_clash(*pair) for pair in product(shapes[first], shapes[second]))
        if shortest := min(
            filter(None, clashes), key=lambda pair: len("".join(pair)), default=None
        ):
            raise _clash(table, first, second, shortest)
    return tuple(packages.values())


def require_usable(
    table: SettingsTable, tag_format: str, name: str, suffixes: tuple[str, ...]
) -> None:
    """Refuse an unusable tag-format, naming its line.

    Args:
        table: The settings or the package that may hold it; else it came as an input.

    Raises:
        InputError: It cannot be used.
    """
    problem = find_problem(tag_format, name, suffixes)
    if problem and table.values.get("tag-format") == tag_format:
        raise table.refusal(
            "tag-format", f"is {tag_format!r}, which cannot be used: {problem}", HOW_TO_WRITE
        )
    TagFormat(tag_format, name, suffixes)


def _parse_package(table: SettingsTable, key: str, tag_format: str) -> Package:
    below = table.table(key)
    below.refuse_unknown(_KEYS)
    if not _NAME.fullmatch(key):
        raise table.refusal(
            key, "is no name of a distribution", "write it with letters, digits, - _ and . alone."
        )
    if "version-pattern" in below.values and "version-file" not in below.values:
        raise below.refusal(
            "version-pattern", "stands without version-file", "name the file that it searches."
        )
    source = VersionSource(
        file=below.text_at("version-file"), pattern=below.text_at("version-pattern")
    )
    return Package(
        canonicalize_name(key), _folder(below), source, below.text_at("tag-format", tag_format)
    )


def _refuse_sharing(
    table: SettingsTable, first: str, second: str, packages: Mapping[str, Package]
) -> None:
    path, path_of_second = packages[first].path, packages[second].path
    if packages[first].name == packages[second].name:
        problem = f"is the same name as {first}"
        raise table.refusal(second, problem, "give each package its own name.")
    if _share_folder(path, path_of_second):
        raise table.table(second).refusal(
            "path",
            f"is {path_of_second}, which overlaps {path}, the path of {first}",
            "give each package a folder of its own; only the root may hold others.",
        )


def _clash(table: SettingsTable, first: str, second: str, clash: tuple[str, str]) -> InputError:
    if clash[0] == clash[1]:
        problem = f"shares tags with {first}: {clash[0]} would be a tag of both"
    else:
        problem = f"gets in the way of {first}: git cannot hold {clash[1]} beside {clash[0]}"
    package_table = table.table(second)
    sets_format = "tag-format" in package_table.values
    return (package_table if sets_format else table).refusal(
        "tag-format" if sets_format else second,
        problem,
        "give each package a tag-format of its own, such as {name}-v{version}{suffix}.",
    )


def _refuse_outside(table: SettingsTable, workspace: Path, path: str) -> None:
    if leads_outside(workspace / path, workspace):
        raise table.refusal(
            "path",
            f"is {path}, which leads out of the repository",
            "name a folder of the repository; a symbolic link must not leave it.",
        )


def is_package_folder(text: str) -> bool:
    """Tell whether the settings may name this as the folder of a package."""
    path = PurePosixPath(text)
    return bool(_PATH.fullmatch(text)) and not path.is_absolute() and ".." not in path.parts


def _folder(table: SettingsTable) -> str:
    if "path" not in table.values:
        raise table.refusal("", "has no path", 'write path = "…", its folder from the root.')
    text = table.text_at("path")
    if not is_package_folder(text):
        raise table.refusal(
            "path",
            f"is {text!r}, which is no folder below the repository's root",
            "write it with forward slashes and without .. , as in packages/core.",
        )
    return str(PurePosixPath(text))


def _share_folder(first: str, second: str) -> bool:
    paths = PurePosixPath(first), PurePosixPath(second)
    if "." in (first, second):
        return first == second
    return first == second or paths[0] in paths[1].parents or paths[1] in paths[0].parents
