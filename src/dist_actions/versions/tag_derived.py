"""Projects whose version is derived from git tags: which tool does it, and how it is told one."""

import re
from dataclasses import dataclass

from dist_actions.errors import InputError, Location
from dist_actions.toml import table_at
from dist_actions.versions.declared import Project

#: Packages that derive a version from tags, by what names them in `pyproject.toml`.
_TOOLS = (
    "setuptools-scm",
    "setuptools_scm",
    "hatch-vcs",
    "vcs-versioning",
    "poetry-dynamic-versioning",
    "uv-dynamic-versioning",
    "versioneer",
)


@dataclass(frozen=True)
class Deriver:
    """The tool that derives a project's version from git tags.

    Attributes:
        tool: Its name, as on its page: `setuptools-scm`.
        location: Where the project asks for it.
    """

    tool: str
    location: Location


def find_deriver(project: Project) -> Deriver | None:
    """The tool that derives the project's version; None where the version is declared."""
    pyproject = project.pyproject()
    if isinstance(table_at(pyproject, "project").get("version"), str):
        return None  # build backends then leave it alone
    tool = table_at(pyproject, "tool")
    requires = table_at(pyproject, "build-system").get("requires", [])
    requires = requires if isinstance(requires, list) else []
    requirements = [re.split(r"[^A-Za-z0-9_-]", str(item))[0].lower() for item in requires]
    derived = next((name for name in _TOOLS if name in requirements or name in tool), "")
    if not derived and table_at(tool, "pdm", "version").get("source") == "scm":
        derived = "pdm-backend"
    return Deriver(derived, project.location("pyproject.toml")) if derived else None


def refuse_derived(deriver: Deriver) -> InputError:
    """Why a version that is derived from tags cannot be tagged."""
    return InputError(
        f"{deriver.location}: {deriver.tool} derives the version from git tags.",
        why="the tag is to be made from the version, so there is nothing to start from.",
        fix="write a literal version in pyproject.toml, or give the input version.",
        location=deriver.location,
        anchor="version",
    )
