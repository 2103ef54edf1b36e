"""Versions that hatchling reads from a file of the project.

Spec: https://hatch.pypa.io/latest/version/ and
https://hatch.pypa.io/latest/plugins/version-source/regex/
"""

from typing import Any

from dist_actions.toml import parse_toml, table_at
from dist_actions.versions.constants.python_module import ModuleFinder
from dist_actions.versions.matching import ASSIGNMENT, find_in_text
from dist_actions.versions.project_files import (
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    line_at,
    project_name,
)

_OWN_FILE = "hatch.toml"


def read_hatch(project: ProjectFiles, find_matches: MatchFinder) -> DeclaredVersion | None:
    """`[tool.hatch.version]`: `path` with or without `pattern`, or a constant of a module."""
    told = _settings(project)
    source, path = told.get("source", "regex"), told.get("path")
    if source == "nodejs":
        return _read_package_json(project, str(path or "package.json"))
    if not isinstance(path, str):
        return None
    if source in {"regex", "regex_commit"}:
        return _read_pattern(project, path, told.get("pattern"), find_matches)
    if source == "code" and not told.get("search-paths"):
        return _read_code(project, path, str(told.get("expression", "__version__")))
    return None


def _settings(project: ProjectFiles) -> dict[str, Any]:
    """The table `version` of `hatch.toml`, which wins, or of `pyproject.toml`."""
    text = project.text(_OWN_FILE)
    own = {} if text is None else parse_toml(text, project.location(_OWN_FILE))
    told = table_at(project.pyproject(), "tool", "hatch")
    return dict(table_at(own if "version" in own else told, "version"))


def _read_pattern(
    project: ProjectFiles, path: str, pattern: Any, find_matches: MatchFinder
) -> DeclaredVersion | None:
    text = project.text(path)
    given = pattern if isinstance(pattern, str) else ""
    find = find_matches if given else find_in_text
    matches = find(given or ASSIGNMENT, text or "")
    if not matches or "version" not in matches[0].groups:
        return None
    first = matches[0]
    location = project.location(path, line_at(text or "", first.start))
    return DeclaredVersion(project_name(project), first.groups["version"], "hatch", location)


def _read_code(project: ProjectFiles, path: str, expression: str) -> DeclaredVersion | None:
    module = ModuleFinder(project).parse(path)
    found = module.constant(expression) if module and expression.isidentifier() else None
    if not found or not isinstance(found.value, str):
        return None
    return DeclaredVersion(project_name(project), found.value, "hatch", found.location)


def _read_package_json(project: ProjectFiles, path: str) -> DeclaredVersion | None:
    """The version for Node.js, where it means the same in Python: no pre-release."""
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
