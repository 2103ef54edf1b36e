"""Read versions written as literals in `pyproject.toml`."""

from dist_actions.toml import line_of_key, table_at
from dist_actions.versions.project_files import (
    PYPROJECT,
    DeclaredVersion,
    ProjectFiles,
    project_name,
)
from dist_actions.versions.setuptools.configuration import builds_another_version


def read_pep621(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `[project] version`; None where it is absent, dynamic, or setuptools would add to it.

    Spec: https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    declared = _read_table(project, "project", "project")
    return None if declared and builds_another_version(project) else declared


def read_poetry(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `[tool.poetry] version`; None where it is absent, or poetry does not build from it.

    poetry-dynamic-versioning replaces it: it is a placeholder then. A table that was left behind
    by a change to another build backend says nothing.

    Spec: https://python-poetry.org/docs/pyproject/#version
    """
    pyproject = project.pyproject()
    if table_at(pyproject, "tool", "poetry-dynamic-versioning").get("enable", False):
        return None
    backend = table_at(pyproject, "build-system").get("build-backend", "poetry")
    return _read_table(project, "tool.poetry", "poetry") if "poetry" in str(backend) else None


def _read_table(project: ProjectFiles, table: str, source: str) -> DeclaredVersion | None:
    text = table_at(project.pyproject(), *table.split(".")).get("version")
    if not isinstance(text, str):
        return None
    line = line_of_key(project.text(PYPROJECT) or "", table, "version")
    return DeclaredVersion(project_name(project), text, source, project.location(PYPROJECT, line))
