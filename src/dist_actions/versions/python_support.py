"""Read which Pythons a project says it runs on, from its own files; never run them.

What only a build backend knows is not asked for: then any Python is taken to do.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dist_actions.errors import InputError, Location
from dist_actions.toml import table_at
from dist_actions.versions import ProjectFiles
from dist_actions.versions.python_versions import ALTERNATIVE, PythonMatrix, python_matrix
from dist_actions.versions.setuptools.configuration import SETUP_CFG, SETUP_PY, read_setup_cfg
from dist_actions.versions.setuptools.setup_py import SetupScript

_POETRY = "tool.poetry.dependencies.python"
_CONDITION = re.compile(r"(\^|~(?!=)|[=<>!~]=|[<>]|)\s*v?(\d+(?:\.\d+)*)((?:\.\*)?)")


@dataclass(frozen=True)
class PythonSupport:
    """What a project says of the Pythons that it runs on.

    Attributes:
        requires_python: PEP 440 specifiers, alternatives separated by `||`; empty for any.
        classifiers: Its trove classifiers.
        location: The file that says it; None where none does.
    """

    requires_python: str = ""
    classifiers: tuple[str, ...] = ()
    location: Location | None = None


def read_python_support(project: ProjectFiles) -> PythonSupport:
    """Ask the project's files in their order; the first that names one of the two decides on it.

    Raises:
        InputError: A file cannot be read, or poetry's constraint is not understood.
    """
    requires, location = "", None
    classifiers: tuple[str, ...] = ()
    for support in _read_all(project):
        if support.requires_python and not requires:
            requires, location = support.requires_python, support.location
        classifiers = classifiers or support.classifiers
    return PythonSupport(requires, classifiers, location)


def read_matrix(project: ProjectFiles) -> PythonMatrix:
    """List the Pythons to test a project on.

    Raises:
        InputError: A file cannot be read, or what it says leaves no maintained Python.
    """
    support = read_python_support(project)
    return python_matrix(support.requires_python, support.classifiers, support.location)


def _read_all(project: ProjectFiles) -> Iterator[PythonSupport]:
    pyproject = project.pyproject()
    location = project.location("pyproject.toml")
    for keys in (("project",), ("tool", "flit", "metadata"), ("tool", "poetry")):
        table = table_at(pyproject, *keys)
        requires = table.get("requires-python", "")
        if keys[-1] == "poetry":
            requires = _read_poetry(table, location)
        elif not isinstance(requires, str):
            raise _not_understood(".".join((*keys, "requires-python")), requires, location)
        yield PythonSupport(requires, _texts(table.get("classifiers")), location)
    yield _read_setup_cfg(project)
    yield _read_setup_py(project)


def _texts(value: object) -> tuple[str, ...]:
    """Take the texts of a list; none of anything else, which the build backend will refuse."""
    elements = value if isinstance(value, (list, tuple)) else ()
    return tuple(element for element in elements if isinstance(element, str))


def _read_poetry(table: Mapping[str, Any], location: Location) -> str:
    constraint = table_at(table, "dependencies").get("python", "")
    if isinstance(constraint, dict):
        constraint = constraint.get("version", "")
    if not isinstance(constraint, str):
        raise _not_understood(_POETRY, constraint, location)
    alternatives = re.split(r"\|\|?", constraint)
    return ALTERNATIVE.join(to_pep440(text, constraint, location) for text in alternatives)


def to_pep440(conditions: str, constraint: str, location: Location) -> str:
    """Write one of poetry's alternatives as PEP 440 does.

    Args:
        constraint: All that stands there, for the message.
        location: Where it stands.

    Raises:
        InputError: It is not understood.

    Spec: https://python-poetry.org/docs/dependency-specification/
    """
    rest = conditions.strip().strip(",")
    if rest in {"", "*"}:
        return ""
    specifiers = []
    while rest:
        match = _CONDITION.match(rest)
        if not match:
            raise _not_understood(_POETRY, constraint, location)
        specifiers.append(_specifier(match[1], match[2], wildcard=bool(match[3])))
        rest = rest[match.end() :].lstrip(" ,")
    return ",".join(specifiers)


def _specifier(operator: str, version: str, *, wildcard: bool) -> str:
    numbers = [int(number) for number in version.split(".")]
    if operator == "^":
        # The first number that is not zero stays, else the last.
        fixed = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
        return f">={version},<{_raised(numbers, fixed)}"
    if operator == "~":
        return f">={version},<{_raised(numbers, min(1, len(numbers) - 1))}"
    if operator in {"", "=="} and len(numbers) < 3:
        return f"=={version}.*"  # `python = "3.12"` means the series, whoever writes it
    return f"{operator or '=='}{version}{'.*' if wildcard else ''}"


def _raised(numbers: list[int], index: int) -> str:
    return ".".join(map(str, [*numbers[:index], numbers[index] + 1]))


def _read_setup_cfg(project: ProjectFiles) -> PythonSupport:
    sections = read_setup_cfg(project)
    classifiers = sections.get("metadata", {}).get("classifiers", "")
    return PythonSupport(
        sections.get("options", {}).get("python_requires", "").strip(),
        tuple(line.strip() for line in classifiers.splitlines() if line.strip()),
        project.location(SETUP_CFG),
    )


def _read_setup_py(project: ProjectFiles) -> PythonSupport:
    """Read what is a constant among the arguments of `setup()`."""
    script = SetupScript.of(project)
    requires = script.constant("python_requires")
    classifiers = script.constant("classifiers")
    return PythonSupport(
        requires.value if requires and isinstance(requires.value, str) else "",
        _texts(classifiers.value if classifiers else None),
        project.location(SETUP_PY),
    )


def _not_understood(key: str, value: object, location: Location) -> InputError:
    return InputError(
        f"{location}: {key} is {value!r}, which is no constraint on versions of Python.",
        why="the test matrix is made from it.",
        fix='correct it, as in python = "^3.10" or requires-python = ">=3.10".',
        location=location,
        anchor="python-versions",
    )
