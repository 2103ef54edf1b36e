"""Read versions where build tools would read them, without running any project code."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from dist_actions.toml import table_at
from dist_actions.versions.build_tools.cargo import read_maturin, uses_maturin
from dist_actions.versions.build_tools.hatch import read_hatch
from dist_actions.versions.build_tools.meson import read_meson, uses_meson
from dist_actions.versions.constants.folding import declare_constant
from dist_actions.versions.constants.python_module import ModuleFinder
from dist_actions.versions.pattern import ASSIGNMENT, find_in_text
from dist_actions.versions.project_files import (
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    Reader,
    line_at,
    project_name,
)
from dist_actions.versions.setuptools.configuration import read_setuptools
from dist_actions.versions.setuptools.setup_py import read_setup_py

_REGEX_PROVIDER = "scikit_build_core.metadata.regex"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def read_static(project: ProjectFiles, find_matches: MatchFinder) -> list[DeclaredVersion]:
    """Collect everything that the project's files say of its version.

    Raises:
        InputError: A file that should hold it is outside the repository, or cannot be read.
    """
    return list(_read_all(project, find_matches))


def has_costly_backend(project: ProjectFiles) -> bool:
    """Tell whether asking the backend would compile, or fetch what the project depends on."""
    return uses_maturin(project) or uses_meson(project)


def _read_all(project: ProjectFiles, find_matches: MatchFinder) -> Iterator[DeclaredVersion]:
    # The surest first.
    readers: tuple[Reader, ...] = (
        read_maturin,
        read_meson,
        partial(_read_scikit_build, find_matches=find_matches),
        partial(read_hatch, find_matches=find_matches),
        _read_flit,
        _read_pdm,
        read_setuptools,
        read_setup_py,
    )
    for reader in readers:
        with suppress(RecursionError):  # an expression of absurd depth is no constant
            declared = reader(project)
            if declared and declared.text:
                yield declared


def _read_flit(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `__version__` of the module that flit packs.

    Spec: https://flit.pypa.io/en/stable/pyproject_toml.html#version-and-description
    """
    pyproject = project.pyproject()
    backend = str(table_at(pyproject, "build-system").get("build-backend", ""))
    if not backend.startswith("flit"):
        return None
    old = table_at(pyproject, "tool", "flit", "metadata")
    module_name = table_at(pyproject, "tool", "flit", "module").get("name") or old.get("module")
    name = project_name(project) or str(old.get("dist-name") or module_name or "")
    module = ModuleFinder(project).find(str(module_name or name.replace("-", "_")))
    return declare_constant(module, "__version__", project=name, source="flit")


def _read_pdm(project: ProjectFiles) -> DeclaredVersion | None:
    """Read `[tool.pdm.version]` with the source `file`, in older projects `from`.

    Spec: https://backend.pdm-project.org/metadata/#dynamic-project-version
    """
    table = table_at(project.pyproject(), "tool", "pdm", "version")
    path = table.get("path") if table.get("source") == "file" else table.get("from")
    if not isinstance(path, str):
        return None
    module = ModuleFinder(project).parse(path)
    return declare_constant(module, "__version__", project=project_name(project), source="pdm")


def _read_scikit_build(project: ProjectFiles, find_matches: MatchFinder) -> DeclaredVersion | None:
    """Read what scikit-build-core's provider for regular expressions finds in a file.

    Spec: https://scikit-build-core.readthedocs.io/en/latest/configuration/dynamic.html
    """
    table = _scikit_build_table(project)
    file = table.get("input")
    if table.get("provider") != _REGEX_PROVIDER or not isinstance(file, str) or table.get("remove"):
        return None
    text = project.text(file) or ""
    regex = table.get("regex")
    matches = find_matches(str(regex), text) if regex else find_in_text(ASSIGNMENT, text)
    if not matches:
        return None
    first = matches[0]
    groups = {"value": first.version, **first.groups}
    result = str(table.get("result") or "{value}")
    if not set(_PLACEHOLDER.findall(result)) <= set(groups):
        return None
    version = _PLACEHOLDER.sub(lambda place: groups[place[1]], result)
    location = project.location(file, line_at(text, first.start))
    return DeclaredVersion(project_name(project), version, "scikit-build-core", location)


def _scikit_build_table(project: ProjectFiles) -> Mapping[str, Any]:
    """Find what is said of the version, under the older name of the table or the newer one."""
    pyproject = project.pyproject()
    old = table_at(pyproject, "tool", "scikit-build", "metadata", "version")
    return old or table_at(pyproject, "tool", "dynamic-metadata", "version")
