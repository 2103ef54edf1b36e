"""Read what tests need from the tables of a project's own files: groups, extras, environments."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from dist_actions.commands.init.testing.sources import (
    Source,
    inline_source,
    lines_of,
    parse_requirement,
)
from dist_actions.errors import InputError, Location
from dist_actions.toml import table_at
from dist_actions.versions.project_files import ProjectFiles, is_project_name, normalised
from dist_actions.versions.python_support import to_pep440
from dist_actions.versions.setuptools.configuration import read_setup_cfg
from dist_actions.versions.setuptools.setup_py import SetupScript, find_name


def read_groups(project: ProjectFiles, group_file: str) -> Iterator[tuple[str, Source]]:
    """Read dependency groups.

    Spec: https://packaging.python.org/en/latest/specifications/dependency-groups/
    """
    groups = table_at(project.pyproject(), "dependency-groups")
    for name in groups:
        lines = tuple(_expand(groups, name, ()))
        argument = f"{group_file}:{name}" if group_file else name
        yield (
            name,
            Source(
                f"the dependency group {name}", _brought(project, lines), (("--group", argument),)
            ),
        )


def _expand(groups: Mapping[str, Any], name: str, path: tuple[str, ...]) -> Iterator[str]:
    by_name = {normalised(key): value for key, value in groups.items()}
    entries = by_name.get(normalised(name), [])
    for entry in entries if isinstance(entries, list) and name not in path else []:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
            yield from _expand(groups, entry["include-group"], (*path, name))


def _extra_lines(project: ProjectFiles) -> dict[str, list[str]]:
    """Read the requirements of each extra."""
    pyproject = project.pyproject()
    tables: list[Mapping[str, Any]] = [
        table_at(pyproject, "project", "optional-dependencies"),
        table_at(pyproject, "tool", "poetry", "extras"),
        table_at(pyproject, "tool", "flit", "metadata", "requires-extra"),
        read_setup_cfg(project).get("options.extras_require", {}),
        _extras_of_script(project),
    ]
    return {
        name: lines_of(value)
        for name, value in chain.from_iterable(table.items() for table in tables)
        if is_project_name(name)  # else no build has it
    }


def read_extras(project: ProjectFiles) -> Iterator[tuple[str, Source]]:
    """Read the extras, each by its name."""
    extras = _extra_lines(project)
    for name, lines in extras.items():
        yield name, Source(f"the extra {name}", _brought(project, lines), extra=name)


def _brought(project: ProjectFiles, lines: Iterable[str]) -> frozenset[str]:
    """Name what requirements bring, also by naming extras of the project itself."""
    extras, own_name = _extra_lines(project), normalised(find_name(project))
    names: set[str] = set()
    waiting, known = list(lines), set[str]()
    while waiting:
        requirement = parse_requirement(waiting.pop())
        if requirement is None:
            continue
        names.add(normalised(requirement.name))
        if normalised(requirement.name) == own_name:
            new = set(requirement.extras) - known
            known |= new
            waiting += [line for extra in new for line in extras.get(extra, [])]
    return frozenset(names)


def _extras_of_script(project: ProjectFiles) -> Mapping[str, Any]:
    """Read `extras_require` of setup.py where it is a literal, at least by its keys."""
    extras = SetupScript.of(project).arguments.get("extras_require")
    if not isinstance(extras, ast.Dict):
        return {}
    return {
        key.value: _literal(value)
        for key, value in zip(extras.keys, extras.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return []


def read_tool_groups(project: ProjectFiles) -> Iterator[tuple[str, Source]]:
    """Read groups of poetry, pdm, uv and pixi, which pip cannot be pointed to: by their names."""
    tool = table_at(project.pyproject(), "tool")
    poetry = table_at(tool, "poetry")
    groups: dict[str, list[str]] = {}
    for name in table_at(poetry, "group"):
        table = table_at(poetry, "group", name, "dependencies")
        groups[f"poetry's group {name}"] = _poetry_lines(table)
    groups["poetry's group dev"] = groups.get("poetry's group dev", []) + _poetry_lines(
        table_at(poetry, "dev-dependencies")
    )
    for name, lines in table_at(tool, "pdm", "dev-dependencies").items():
        groups[f"pdm's group {name}"] = lines_of(lines)
    groups["uv's group dev"] = lines_of(table_at(tool, "uv").get("dev-dependencies"))
    features = table_at(tool, "pixi", "feature")
    for name in features:
        tables = (table_at(features, name, key) for key in ("dependencies", "pypi-dependencies"))
        groups[f"pixi's feature {name}"] = [key for table in tables for key in table]
    for label, lines in groups.items():
        yield label.rsplit(" ", 1)[1], inline_source(label, lines)


def _poetry_lines(table: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}{_specifier(constraint)}"
        for name, constraint in table.items()
        if name != "python" and not (isinstance(constraint, dict) and "path" in constraint)
    ]


def _specifier(constraint: object) -> str:
    """Write a constraint of poetry as pip reads it; empty where it cannot be written so."""
    text = constraint.get("version", "") if isinstance(constraint, dict) else constraint
    try:
        return to_pep440(str(text), str(text), Location("pyproject.toml"))
    except InputError:
        return ""


def read_hatch_environments(project: ProjectFiles) -> Iterator[tuple[str, Source]]:
    """Read the environments of hatch; `hatch-test` is the one of `hatch test`.

    Spec: https://hatch.pypa.io/latest/config/environment/overview/
    """
    for name, environment in table_at(project.pyproject(), "tool", "hatch", "envs").items():
        lines = [
            *lines_of(environment.get("dependencies")),
            *lines_of(environment.get("extra-dependencies")),
        ] if isinstance(environment, dict) else []  # fmt: skip
        if name == "hatch-test":
            lines.append("pytest")
        for key in ("test", "dev") if name in {"hatch-test", "default"} else (name,):
            yield key, inline_source(f"hatch's environment {name}", lines)
