"""What a project's own files say of its version, and the values that all readers answer with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_actions.errors import Location
from dist_actions.toml import line_of_key, read_text, read_toml, table_at


@dataclass(frozen=True)
class Project:
    """A Python project in a repository.

    Attributes:
        workspace: Root of the checkout.
        package_path: The project's folder below it, `.` for the root.
    """

    workspace: Path
    package_path: str = "."

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.workspace / self.package_path

    def location(self, file: str, line: int = 0) -> Location:
        """Where a file of the project stands in the repository."""
        return Location(str(Path(self.package_path, file)), line)

    def pyproject(self) -> dict[str, Any]:
        """The parsed `pyproject.toml`, empty where there is none."""
        return read_toml(self.folder / "pyproject.toml", self.location("pyproject.toml").file) or {}


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
class Declared:
    """A version as a reader found it, not checked yet.

    Attributes:
        name: The project's name as written; empty where this reader does not know it.
        written: The version as written.
        source: The reader: `input`, `file`, `project`, `poetry` or `backend`.
    """

    name: str
    written: str
    source: str
    location: Location


@dataclass(frozen=True)
class VersionFound:
    """A checked version.

    Attributes:
        name: Normalised project name; empty where the project has none.
        written: The version as it stands in its source.
    """

    name: NormalizedName
    version: Version
    written: str
    source: str
    location: Location


def read_pep621(project: Project) -> Declared | None:
    """`[project] version`; None where it is absent or dynamic.

    Spec: https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    return _read_table(project, "project", "project")


def read_poetry(project: Project) -> Declared | None:
    """`[tool.poetry] version`; None where it is absent or poetry-dynamic-versioning sets it."""
    plugin = table_at(project.pyproject(), "tool", "poetry-dynamic-versioning")
    if plugin.get("enable", False):
        return None
    return _read_table(project, "tool.poetry", "poetry")


def project_name(project: Project) -> str:
    """The name in `pyproject.toml`; empty where it holds none."""
    pyproject = project.pyproject()
    for table in (table_at(pyproject, "project"), table_at(pyproject, "tool", "poetry")):
        if isinstance(table.get("name"), str):
            return str(table["name"])
    return ""


def normalised(name: str) -> NormalizedName:
    """A project name in its normal form.

    Spec: https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return canonicalize_name(name)


def _read_table(project: Project, table: str, source: str) -> Declared | None:
    written = table_at(project.pyproject(), *table.split(".")).get("version")
    if not isinstance(written, str):
        return None
    text = read_text(project.folder / "pyproject.toml", "pyproject.toml")
    line = line_of_key(text, table, "version")
    return Declared(
        project_name(project), written, source, project.location("pyproject.toml", line)
    )
