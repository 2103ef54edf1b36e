"""Where a project lists what its tests need, in all the places of the field; pure.

Each place is a source: what pip is given for it, and the names that it brings. The best is the one
that lacks fewest of what the tests import; of equal ones, the one that is meant for tests alone.
"""

import ast
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from dist_actions.commands.init.files import FileList
from dist_actions.commands.init.tests import parse_python, read_ini
from dist_actions.errors import InputError, Location
from dist_actions.toml import leads_outside, table_at
from dist_actions.versions.project_files import ProjectFiles, is_project_name, normalised
from dist_actions.versions.python_support import to_pep440
from dist_actions.versions.setuptools.configuration import read_setup_cfg
from dist_actions.versions.setuptools.setup_py import SetupScript, find_name

#: Names of groups, extras and environments, the likeliest first.
_FOR_TESTS = ("test", "tests", "testing", "pytest", "unittest", "unit-test", "unit")
_FOR_DEVELOPERS = ("dev", "develop", "development", "develop-test", "all", "ci")
_FILES = (
    # Where there are two, the one that people edit: pins of another day may not fit a new Python.
    "requirements/{}.in", "requirements/{}.txt", "requirements-{}.txt", "requirements_{}.txt",
    "{}-requirements.txt", "{}_requirements.txt", "requirements/requirements-{}.txt",
    "{}/requirements.txt", "ci/requirements-{}.txt",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A place that lists what tests need.

    Attributes:
        label: How the summary calls it: `the extra test`.
        names: Normalised names of what it brings.
        arguments: What `pip install` is given for it: requirements, and options with their values.
        extra: The extra of the project that it is; empty for others.
        for_tests: Whether it is meant for tests, and not for all that developers do.
    """

    label: str
    names: frozenset[str]
    arguments: tuple[tuple[str, ...], ...] = ()
    extra: str = ""
    for_tests: bool = True


def choose_source(
    project: ProjectFiles, files: FileList, needed: frozenset[str], group_file: str
) -> Source | None:
    """Choose the source that lacks fewest of what the tests need; None where none has any.

    Args:
        needed: Normalised names of distributions.
        group_file: The `pyproject.toml` that pip is to read groups from; empty for that in the
            folder in which it runs.
    """
    sources = [source for source in _list_sources(project, files, group_file) if source.names]
    tests = needed | {"pytest"}
    useful = [source for source in sources if source.names & tests or source.for_tests]
    if not useful:
        return None
    # `min` keeps the first of equal ones, and they are listed by likeliness.
    return min(
        useful, key=lambda source: (len(missing_names(needed, source.names)), not source.for_tests)
    )


def _list_sources(project: ProjectFiles, files: FileList, group_file: str) -> Iterator[Source]:
    for names, for_tests in ((_FOR_TESTS, True), (_FOR_DEVELOPERS, False)):
        readers: tuple[Callable[[], Iterator[tuple[str, Source]]], ...] = (
            lambda: _groups(project, group_file),
            lambda: _extras(project),
            lambda: _tool_groups(project),
            lambda: _hatch_environments(project),
        )
        for name in names:
            for reader in readers:
                for key, source in reader():
                    if normalised(key) == name:
                        yield _meant(source, for_tests=for_tests)
        yield from (_meant(source, for_tests=for_tests) for source in _files(project, files, names))
        if for_tests:
            yield from _runners(project)


def _meant(source: Source, *, for_tests: bool) -> Source:
    return Source(source.label, source.names, source.arguments, source.extra, for_tests)


def _groups(project: ProjectFiles, group_file: str) -> Iterator[tuple[str, Source]]:
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
        name: _lines(value)
        for name, value in chain.from_iterable(table.items() for table in tables)
        if is_project_name(name)  # else no build has it
    }


def _extras(project: ProjectFiles) -> Iterator[tuple[str, Source]]:
    extras = _extra_lines(project)
    for name, lines in extras.items():
        yield name, Source(f"the extra {name}", _brought(project, lines), extra=name)


def _brought(project: ProjectFiles, lines: Iterable[str]) -> frozenset[str]:
    """Name what requirements bring, also by naming extras of the project itself."""
    extras, own_name = _extra_lines(project), normalised(find_name(project))
    names: set[str] = set()
    waiting, known = list(lines), set[str]()
    while waiting:
        requirement = _requirement(waiting.pop())
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


def _tool_groups(project: ProjectFiles) -> Iterator[tuple[str, Source]]:
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
        groups[f"pdm's group {name}"] = _lines(lines)
    groups["uv's group dev"] = _lines(table_at(tool, "uv").get("dev-dependencies"))
    features = table_at(tool, "pixi", "feature")
    for name in features:
        tables = (table_at(features, name, key) for key in ("dependencies", "pypi-dependencies"))
        groups[f"pixi's feature {name}"] = [key for table in tables for key in table]
    for label, lines in groups.items():
        yield label.rsplit(" ", 1)[1], _inline(label, lines)


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


def _hatch_environments(project: ProjectFiles) -> Iterator[tuple[str, Source]]:
    """Read the environments of hatch; `hatch-test` is the one of `hatch test`.

    Spec: https://hatch.pypa.io/latest/config/environment/overview/
    """
    for name, environment in table_at(project.pyproject(), "tool", "hatch", "envs").items():
        lines = [
            *_lines(environment.get("dependencies")),
            *_lines(environment.get("extra-dependencies")),
        ] if isinstance(environment, dict) else []  # fmt: skip
        if name == "hatch-test":
            lines.append("pytest")
        for key in ("test", "dev") if name in {"hatch-test", "default"} else (name,):
            yield key, _inline(f"hatch's environment {name}", lines)


def _files(project: ProjectFiles, files: FileList, names: Sequence[str]) -> Iterator[Source]:
    for pattern in _FILES:
        for path in files.named(*(pattern.format(name) for name in names)):
            lines = list(_read_requirements(project, path, ()))
            label = f"the file {path}"
            # A file that installs the project itself would put the checkout in the wheel's place.
            if any(re.match(r"(-e|--editable)\b|\.(?:\[|$|\s)", line) for line in lines):
                yield _inline(label, lines)
            else:
                yield Source(label, _names(lines), (_file_argument(project, path),))


def _file_argument(project: ProjectFiles, path: str) -> tuple[str, ...]:
    """Return what pip, which runs in the repository's root, is given for a file of requirements."""
    return "-r", project.location(path).file


def _read_requirements(project: ProjectFiles, path: str, seen: tuple[str, ...]) -> Iterator[str]:
    path = posixpath.normpath(path)
    is_outside = leads_outside(project.folder / path, project.workspace)
    text = project.text(path) if path not in seen and not is_outside else None
    for line in (text or "").splitlines():
        stripped = re.sub(r"(^|\s)#.*", "", line).strip().rstrip("\\").strip()
        if match := re.match(r"(?:-r|--requirement)[\s=]*(\S+)", stripped):
            folder = path.rpartition("/")[0]
            yield from _read_requirements(
                project, f"{folder}/{match[1]}" if folder else match[1], (*seen, path)
            )
        elif stripped:
            yield stripped


def _runners(project: ProjectFiles) -> Iterator[Source]:
    """Read the environments of tox, and what sessions of nox install."""
    yield from _tox(project)
    tree = parse_python(project, "noxfile.py")
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef) and re.match(r"(unit_?)?tests?\b|pytest", node.name):
            lines = [line for call in ast.walk(node) for line in _installed_by(call)]
            yield _inline(f"nox's session {node.name}", lines)


def _installed_by(node: ast.AST) -> list[str]:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return []
    if node.func.attr != "install":
        return []
    texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    return [text for text in texts if isinstance(text, str)]


def _tox(project: ProjectFiles) -> Iterator[Source]:
    """Read the base environment of tox.

    Spec: https://tox.wiki/en/latest/config.html
    """
    tool = table_at(project.pyproject(), "tool", "tox")
    legacy = tool.get("legacy_tox_ini")
    for text in (project.text("tox.ini"), legacy if isinstance(legacy, str) else None):
        section = dict(read_ini(text)["testenv"]) if text and "testenv" in read_ini(text) else {}
        extra = section.get("extras", "").split("\n")[0].strip()
        yield from _tox_source(project, section.get("deps", "").splitlines(), extra)
    base = table_at(tool, "env_run_base")
    extras = _lines(base.get("extras"))
    yield from _tox_source(project, _lines(base.get("deps")), extras[0] if extras else "")


def _tox_source(project: ProjectFiles, deps: Iterable[str], extra: str) -> Iterator[Source]:
    lines: list[str] = []
    arguments: list[tuple[str, ...]] = []
    for dep in deps:
        # What only some environments install stands behind their factors.
        line = dep.strip()
        if match := re.match(r"-r\s*(?:\{toxinidir\}/|\{tox_root\}/)?(\S+)", line):
            names = list(_read_requirements(project, match[1], ()))
            lines += names
            arguments += [_file_argument(project, match[1])] if names else []
        elif _names([line]):
            lines.append(line)
            arguments.append((_without_options(line),))
    if not lines and not extra:
        return
    by_extra = dict(_extras(project)).get(extra)
    brought = _names(lines) | (by_extra.names if by_extra else frozenset())
    yield Source("tox's environment", brought, tuple(arguments), extra if by_extra else "")


def _inline(label: str, lines: Iterable[str]) -> Source:
    """Make a source whose requirements are given to pip one by one."""
    usable = tuple(line for line in lines if _names([line]))
    arguments = dict.fromkeys((_without_options(line),) for line in usable)
    return Source(label, _names(usable), tuple(arguments))


def _lines(value: object) -> list[str]:
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return (
        [line for line in value if isinstance(line, str)]
        if isinstance(value, (list, tuple))
        else []
    )


def _requirement(line: str) -> Requirement | None:
    """Parse a line; None where it is an option, or no requirement."""
    try:
        return Requirement(_without_options(line))
    except InvalidRequirement:
        return None


def _without_options(line: str) -> str:
    """Leave out what only a file of requirements may say of one, such as its hashes."""
    return " ".join(line.split(" --", maxsplit=1)[0].split())


def _names(lines: Iterable[str]) -> frozenset[str]:
    """Name what requirements are for; lines that are none are left out."""
    requirements = (_requirement(line) for line in lines)
    return frozenset(normalised(each.name) for each in requirements if each)


def missing_names(needed: frozenset[str], names: frozenset[str]) -> frozenset[str]:
    """Name what is needed and not among these names.

    What is imported is often called like a part of its distribution: `wsgiadapter` is brought by
    `requests-wsgi-adapter`.
    """
    squashed = [name.replace("-", "") for name in names]
    return frozenset(
        name
        for name in needed - names
        if not any(name.replace("-", "") in other for other in squashed)
    )
