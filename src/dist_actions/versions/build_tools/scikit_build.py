"""The version that scikit-build-core finds in a file by a regular expression.

Spec: https://scikit-build-core.readthedocs.io/en/latest/configuration/dynamic.html
"""

import re

from dist_actions.toml import table_at
from dist_actions.versions.matching import ASSIGNMENT, find_in_text
from dist_actions.versions.project_files import (
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    line_at,
    project_name,
)

_PROVIDER = "scikit_build_core.metadata.regex"
_PLACE = re.compile(r"\{(\w+)\}")


def read_scikit_build(project: ProjectFiles, find_matches: MatchFinder) -> DeclaredVersion | None:
    """`[tool.scikit-build.metadata.version]` with the provider for regular expressions."""
    told = _settings(project)
    file = told.get("input")
    if told.get("provider") != _PROVIDER or not isinstance(file, str) or told.get("remove"):
        return None
    text = project.text(file) or ""
    regex = told.get("regex")
    matches = find_matches(str(regex), text) if regex else find_in_text(ASSIGNMENT, text)
    if not matches:
        return None
    first = matches[0]
    groups = {"value": first.version, **first.groups}
    result = str(told.get("result") or "{value}")
    if not set(_PLACE.findall(result)) <= set(groups):
        return None
    version = _PLACE.sub(lambda place: groups[place[1]], result)
    location = project.location(file, line_at(text, first.start))
    return DeclaredVersion(project_name(project), version, "scikit-build-core", location)


def _settings(project: ProjectFiles) -> dict[str, object]:
    """What is said of the version, under the older name of the table or the newer one."""
    pyproject = project.pyproject()
    old = table_at(pyproject, "tool", "scikit-build", "metadata", "version")
    return dict(old or table_at(pyproject, "tool", "dynamic-metadata", "version"))
