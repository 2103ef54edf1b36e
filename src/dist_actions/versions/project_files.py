"""A project's files, and the values with which all readers of versions answer."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from packaging.version import Version

from dist_actions.errors import InputError, Location
from dist_actions.toml import (
    leads_outside,
    parse_toml,
    read_text,
    refuse_byte_order_mark,
    table_at,
)

if TYPE_CHECKING:  # it loads what tells platforms apart, a third of the time that a literal takes
    from packaging.utils import NormalizedName

PYPROJECT = "pyproject.toml"
#: In bytes. Files that hold a version are small; the largest known `pyproject.toml` has 200 kB.
_LIMIT_BYTES = 2_000_000
#: Spec: https://packaging.python.org/en/latest/specifications/name-normalization/#name-format
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True)
class ProjectFiles:
    """A Python project in a repository.

    Attributes:
        workspace: Root of the checkout.
        package_path: The project's folder below it, `.` for the root.
    """

    workspace: Path
    package_path: str = "."

    @property
    def folder(self) -> Path:
        """Return the project's folder."""
        return self.workspace / self.package_path

    def location(self, file: str, line: int = 0) -> Location:
        """Locate a line of a project's file in the repository."""
        return Location(posixpath.normpath(posixpath.join(self.package_path, file)), line)

    def pyproject(self) -> dict[str, Any]:
        """Return the parsed `pyproject.toml`, empty where there is none.

        Raises:
            InputError: It is not UTF-8 or not TOML, or stands outside the repository.
        """
        return self._pyproject

    def text(self, file: str) -> str | None:
        """Read a file of the repository; None where there is no such file.

        Args:
            file: Path below the project's folder.

        Raises:
            InputError: It stands outside the repository, is not UTF-8, or is very large.
        """
        path = self.path(file)
        return read_text(path, self.location(file).file) if path else None

    def path(self, file: str) -> Path | None:
        """Find a file of the repository; None where there is no such file.

        Raises:
            InputError: It stands outside the repository, or is very large.
        """
        path = self.folder / file
        location = self.location(file)
        if leads_outside(path, self.workspace):
            raise InputError(
                f"{location.file} leads out of the repository.",
                why="the path, or a symbolic link on it, points to a place that no commit holds.",
                fix="keep the file that holds the version inside the repository.",
                location=location,
                anchor="version-not-found",
            )
        if not path.is_file():
            return None
        if path.stat().st_size > _LIMIT_BYTES:
            raise InputError(
                f"{location.file} has {path.stat().st_size} bytes, more than {_LIMIT_BYTES}.",
                why="a file that holds a version is small, so this is another file.",
                fix="name the right file by version-file and version-pattern.",
                location=location,
                anchor="version-not-found",
            )
        return path

    @cached_property
    def _pyproject(self) -> dict[str, Any]:
        text = self.text(PYPROJECT)
        return {} if text is None else parse_toml(text, self.location(PYPROJECT))


@dataclass(frozen=True)
class VersionSource:
    """What the user says of where the version stands; empty values mean "find it".

    Attributes:
        version: The version itself.
        file: A file below the project's folder.
        pattern: Regular expression for that file.
    """

    version: str = ""
    file: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class DeclaredVersion:
    """A version as a project's files declare it, not checked yet.

    Attributes:
        name: The project's name as written; empty where this reader does not know it.
        text: The version as written.
        source: The reader: `input`, `file`, `project`, `poetry`, `backend`, or the build tool
            whose settings led to it, such as `setuptools`; `tag` where only the tag says it.
        location: Where it stands.
    """

    name: str
    text: str
    source: str
    location: Location


@dataclass(frozen=True)
class ComputedVersion:
    """A place that a build has the version from, and that holds no constant: code works it out.

    Attributes:
        location: Where that place is.
        how: What stands there, as the end of a sentence: `it is read from the environment`.
    """

    location: Location
    how: str


@dataclass(frozen=True)
class ProjectVersion:
    """The version of a project, checked.

    Attributes:
        name: Normalised project name; empty where the project has none.
        version: The version.
        text: The version as it stands in its source.
        source: The reader that found it, as in `DeclaredVersion`.
        location: Where it stands.
        derived_by: The tool that derived it from git tags; empty where it is declared.
    """

    name: "NormalizedName"
    version: Version
    text: str
    source: str
    location: Location
    derived_by: str = ""


@dataclass(frozen=True)
class PatternMatch:
    """One place where a pattern matches.

    Attributes:
        start: Offset of the version in the text.
        version: The group `version`, or `value`, else the first group, else the whole match.
        groups: What the named groups matched.
    """

    start: int
    version: str
    groups: dict[str, str]


#: One source of versions: a project → what it declares there, or that it is computed there; None
#: where it says nothing.
Reader = Callable[[ProjectFiles], DeclaredVersion | ComputedVersion | None]
#: The first few places where a pattern (of other people) matches a text, in bounded time:
#: (pattern, text) → matches. It raises InputError where the pattern is none, or takes too long.
MatchFinder = Callable[[str, str], list[PatternMatch]]


def locate_match(project: ProjectFiles, file: str, line: int) -> Location:
    """Locate a version that a build tool finds by the beginning of its line.

    Raises:
        InputError: There is a byte order mark before it, so that the tool does not find it.
    """
    path = project.path(file)
    if path and line == 1:
        text = path.read_text(encoding="utf-8")
        why = "the build tool finds no version in its first line then."
        refuse_byte_order_mark(text, project.location(file), why)
    return project.location(file, line)


def project_name(project: ProjectFiles) -> str:
    """Read the project's name from `pyproject.toml`; empty where it holds none."""
    pyproject = project.pyproject()
    for table in (table_at(pyproject, "project"), table_at(pyproject, "tool", "poetry")):
        if isinstance(table.get("name"), str):
            return str(table["name"])
    older_flit = table_at(pyproject, "tool", "flit", "metadata")
    return str(older_flit.get("dist-name") or older_flit.get("module") or "")


def is_project_name(name: str) -> bool:
    """Tell whether an index would take this as a project's name."""
    return bool(_NAME.fullmatch(name))


def is_built_by(project: ProjectFiles, *backends: str) -> bool:
    """Tell whether one of these build backends builds the project, as far as its files tell.

    A backend in the project's own tree nearly always wraps one of them, so it counts for each.

    Args:
        backends: The beginnings of their import names.
    """
    system = table_at(project.pyproject(), "build-system")
    return has_own_backend(project) or str(system.get("build-backend", "")).startswith(backends)


def describes_package(project: ProjectFiles) -> bool:
    """Tell whether a project's files are about a package, and not about tools or folders alone."""
    pyproject = project.pyproject()
    tools = table_at(pyproject, "tool")
    if "project" in pyproject:
        return True
    if table_at(tools, "poetry").get("package-mode") is False:
        return False
    return (
        bool(table_at(tools, "poetry") or table_at(tools, "flit"))
        or "build-backend" in table_at(pyproject, "build-system")
        or any(project.path(name) for name in ("setup.py", "setup.cfg"))
    )


def has_own_backend(project: ProjectFiles) -> bool:
    """Tell whether the project is built by a backend in its own tree, which may do anything."""
    return "backend-path" in table_at(project.pyproject(), "build-system")


def normalised(name: str) -> "NormalizedName":
    """Normalise a project name.

    Spec: https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return cast("NormalizedName", re.sub(r"[-_.]+", "-", name).lower())


def line_at(text: str, offset: int) -> int:
    """Count the line, from 1, of an offset in a text."""
    return text.count("\n", 0, offset) + 1
