"""Read versions as hatchling does, from a file of the project.

Spec: https://hatch.pypa.io/latest/version/ and
https://hatch.pypa.io/latest/plugins/version-source/regex/
"""

from collections.abc import Mapping
from typing import Any

from dist_actions.toml import line_of, parse_toml, table_at
from dist_actions.versions.constants.folding import declare_constant
from dist_actions.versions.constants.python_module import ModuleFinder
from dist_actions.versions.pattern import ASSIGNMENT, find_in_text
from dist_actions.versions.project_files import (
    PYPROJECT,
    ComputedVersion,
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    is_built_by,
    line_at,
    locate_match,
    project_name,
)

_HATCH_TOML = "hatch.toml"


def read_hatch(
    project: ProjectFiles, find_matches: MatchFinder
) -> DeclaredVersion | ComputedVersion | None:
    """Read `[tool.hatch.version]`: `path` with or without `pattern`, or a constant of a module."""
    if not is_built_by(project, "hatchling"):
        return None  # a table that was left behind says nothing
    table, file, keys = _version_table(project)
    if not table:
        return None
    location = project.location(file, line_of(project.text(file) or "", keys))
    return _read_source(project, table, find_matches) or ComputedVersion(
        location, f"its source {str(table.get('source', 'regex'))!r} finds no constant"
    )


def _read_source(
    project: ProjectFiles, table: Mapping[str, Any], find_matches: MatchFinder
) -> DeclaredVersion | None:
    source, path = table.get("source", "regex"), table.get("path")
    if source == "nodejs":
        return _read_package_json(project, str(path or "package.json"))
    if not isinstance(path, str):
        return None
    if source in {"regex", "regex_commit"}:
        return _read_pattern(project, path, table.get("pattern"), find_matches)
    if source == "code" and not table.get("search-paths"):
        return _read_code(project, path, str(table.get("expression", "__version__")))
    return None


def _version_table(project: ProjectFiles) -> tuple[Mapping[str, Any], str, tuple[str, ...]]:
    """Find the table `version` of `hatch.toml`, which wins, or of `pyproject.toml`.

    Returns:
        The table, its file, and its keys there.
    """
    text = project.text(_HATCH_TOML)
    hatch = {} if text is None else parse_toml(text, project.location(_HATCH_TOML))
    if "version" in hatch:
        return table_at(hatch, "version"), _HATCH_TOML, ("version",)
    keys = ("tool", "hatch", "version")
    return table_at(project.pyproject(), *keys), PYPROJECT, keys


def _read_pattern(
    project: ProjectFiles, path: str, pattern: Any, find_matches: MatchFinder
) -> DeclaredVersion | None:
    text = project.text(path)
    if isinstance(pattern, str) and pattern:
        matches = find_matches(pattern, text or "")
    else:
        matches = find_in_text(ASSIGNMENT, text or "")
    if not matches or "version" not in matches[0].groups:
        return None
    first = matches[0]
    location = locate_match(project, path, line_at(text or "", first.start))
    return DeclaredVersion(project_name(project), first.groups["version"], "hatch", location)


def _read_code(project: ProjectFiles, path: str, expression: str) -> DeclaredVersion | None:
    module = ModuleFinder(project).parse(path) if expression.isidentifier() else None
    return declare_constant(module, expression, project=project_name(project), source="hatch")


def _read_package_json(project: ProjectFiles, path: str) -> DeclaredVersion | None:
    """Read a version for Node.js, where it means the same in Python: no pre-release."""
    import json  # noqa: PLC0415 - few projects need it

    text = project.text(path)
    try:
        content = json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
    version = content.get("version") if isinstance(content, dict) else None
    if not isinstance(version, str) or not version.replace(".", "").isdigit():
        return None
    at = (text or "").find('"version"')
    location = project.location(path, line_at(text or "", at))
    return DeclaredVersion(project_name(project), version, "hatch-nodejs-version", location)
