"""Read what tests need from files of requirements, and from the settings of tox and nox."""

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from dist_actions.commands.init.files import FileList
from dist_actions.commands.init.testing.project_tables import read_extras
from dist_actions.commands.init.testing.sources import (
    Source,
    inline_source,
    lines_of,
    names_of,
    without_options,
)
from dist_actions.commands.init.testing.test_files import parse_python, read_ini
from dist_actions.toml import leads_outside, table_at
from dist_actions.versions.project_files import ProjectFiles

#: Where requirements of a name stand.
_FILES = (
    # Where there are two, the one that people edit: pins of another day may not fit a new Python.
    "requirements/{}.in", "requirements/{}.txt", "requirements-{}.txt", "requirements_{}.txt",
    "{}-requirements.txt", "{}_requirements.txt", "requirements/requirements-{}.txt",
    "{}/requirements.txt", "ci/requirements-{}.txt",
)  # fmt: skip


def read_files(project: ProjectFiles, files: FileList, names: Sequence[str]) -> Iterator[Source]:
    """Read the files of requirements that are called by one of these names."""
    for pattern in _FILES:
        for path in files.named(*(pattern.format(name) for name in names)):
            lines = list(_read_requirements(project, path, ()))
            label = f"the file {path}"
            # A file that installs the project itself would put the checkout in the wheel's place.
            if any(re.match(r"(-e|--editable)\b|\.(?:\[|$|\s)", line) for line in lines):
                yield inline_source(label, lines)
            else:
                yield Source(label, names_of(lines), (_file_argument(project, path),))


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


def read_runners(project: ProjectFiles) -> Iterator[Source]:
    """Read the environments of tox, and what sessions of nox install."""
    yield from _tox(project)
    tree = parse_python(project, "noxfile.py")
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef) and re.match(r"(unit_?)?tests?\b|pytest", node.name):
            lines = [line for call in ast.walk(node) for line in _installed_by(call)]
            yield inline_source(f"nox's session {node.name}", lines)


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
    extras = lines_of(base.get("extras"))
    yield from _tox_source(project, lines_of(base.get("deps")), extras[0] if extras else "")


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
        elif names_of([line]):
            lines.append(line)
            arguments.append((without_options(line),))
    if not lines and not extra:
        return
    by_extra = dict(read_extras(project)).get(extra)
    brought = names_of(lines) | (by_extra.names if by_extra else frozenset())
    yield Source("tox's environment", brought, tuple(arguments), extra if by_extra else "")
