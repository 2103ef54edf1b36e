"""Read versions where build tools would read them, without running any project code."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from dist_actions.toml import line_of, table_at
from dist_actions.versions.build_tools.cargo import read_maturin, uses_maturin
from dist_actions.versions.build_tools.hatch import read_hatch
from dist_actions.versions.build_tools.meson import read_meson, uses_meson
from dist_actions.versions.constants.folding import declare_constant
from dist_actions.versions.constants.python_module import ModuleFinder
from dist_actions.versions.pattern import ASSIGNMENT, find_in_text
from dist_actions.versions.project_files import (
    PYPROJECT,
    ComputedVersion,
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    Reader,
    is_built_by,
    line_at,
    locate_match,
    project_name,
)
from dist_actions.versions.setuptools.configuration import read_setuptools
from dist_actions.versions.setuptools.setup_py import read_setup_py

_REGEX_PROVIDER = "scikit_build_core.metadata.regex"
_OTHER_BACKENDS = (
    *("hatchling", "maturin", "mesonpy", "pdm", "poetry", "scikit_build_core", "setuptools"),
    "uv_build",
)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class StaticReading:
    """Everything that a project's files say of its version, the surest first.

    Attributes:
        declared: The constants. They need not agree.
        computed: The places that hold none although a build has the version from there.
    """

    declared: tuple[DeclaredVersion, ...]
    computed: tuple[ComputedVersion, ...]


def read_static(project: ProjectFiles, find_matches: MatchFinder) -> StaticReading:
    """Collect everything that the project's files say of its version; nothing of them runs.

    Raises:
        InputError: A file that should hold it is outside the repository, or cannot be read.
    """
    answers = list(_read_all(project, find_matches))
    return StaticReading(
        tuple(answer for answer in answers if isinstance(answer, DeclaredVersion)),
        tuple(answer for answer in answers if isinstance(answer, ComputedVersion)),
    )


def has_costly_backend(project: ProjectFiles) -> bool:
    """Tell whether asking the backend would compile, or fetch what the project depends on."""
    return uses_maturin(project) or uses_meson(project)


def _read_all(
    project: ProjectFiles, find_matches: MatchFinder
) -> Iterator[DeclaredVersion | ComputedVersion]:
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
            answer = reader(project)
            if isinstance(answer, ComputedVersion) or (answer and answer.text):
                yield answer


def _read_flit(project: ProjectFiles) -> DeclaredVersion | ComputedVersion | None:
    """Read `__version__` of the module that flit packs.

    Spec: https://flit.pypa.io/en/stable/pyproject_toml.html#version-and-description
    """
    pyproject = project.pyproject()
    old = table_at(pyproject, "tool", "flit", "metadata")
    backend = str(table_at(pyproject, "build-system").get("build-backend", ""))
    # Another backend may hand over to flit, but a table that was left behind says nothing.
    if not backend.startswith("flit") and (not old or backend.startswith(_OTHER_BACKENDS)):
        return None
    module_name = table_at(pyproject, "tool", "flit", "module").get("name") or old.get("module")
    name = project_name(project) or str(module_name or "")
    module = ModuleFinder(project).find(str(module_name or name.replace("-", "_")))
    if module is None:
        return None
    return declare_constant(module, "__version__", project=name, source="flit") or ComputedVersion(
        project.location(module.file), "its __version__ is no constant"
    )


def _read_pdm(project: ProjectFiles) -> DeclaredVersion | ComputedVersion | None:
    """Read `[tool.pdm.version]` with the source `file`, in older projects `from`.

    Spec: https://backend.pdm-project.org/metadata/#dynamic-project-version
    """
    table = table_at(project.pyproject(), "tool", "pdm", "version")
    if not table or not is_built_by(project, "pdm"):
        return None
    path = table.get("path") if table.get("source") == "file" else table.get("from")
    name = project_name(project)
    module = ModuleFinder(project).parse(path) if isinstance(path, str) else None
    declared = declare_constant(module, "__version__", project=name, source="pdm")
    if declared and module:
        locate_match(project, module.file, declared.location.line)
    return declared or ComputedVersion(
        project.location(
            PYPROJECT, line_of(project.text(PYPROJECT) or "", ("tool", "pdm", "version"))
        ),
        "it names no file with a constant __version__",
    )


def _read_scikit_build(
    project: ProjectFiles, find_matches: MatchFinder
) -> DeclaredVersion | ComputedVersion | None:
    """Read what scikit-build-core's provider for regular expressions finds in a file.

    Spec: https://scikit-build-core.readthedocs.io/en/latest/configuration/dynamic.html
    """
    table, keys = _scikit_build_table(project)
    if not table or not is_built_by(project, "scikit_build_core"):
        return None
    location = project.location(PYPROJECT, line_of(project.text(PYPROJECT) or "", keys))
    return _read_regex_provider(project, table, find_matches) or ComputedVersion(
        location, "no constant is found by what it says"
    )


def _read_regex_provider(
    project: ProjectFiles, table: Mapping[str, Any], find_matches: MatchFinder
) -> DeclaredVersion | None:
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
    location = locate_match(project, file, line_at(text, first.start))
    return DeclaredVersion(project_name(project), version, "scikit-build-core", location)


def _scikit_build_table(project: ProjectFiles) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Find what is said of the version, under the older name of the table or the newer one."""
    older = ("tool", "scikit-build", "metadata", "version")
    newer = ("tool", "dynamic-metadata", "version")
    keys = older if table_at(project.pyproject(), *older) else newer
    return table_at(project.pyproject(), *keys), keys
