"""Read the version in `meson.build`, for projects that meson-python builds.

Its backend has no hook for metadata: asked for the version, it would compile the project.

Spec: https://mesonbuild.com/Reference-manual_functions.html#project
"""

import re
from collections.abc import Iterator

from dist_actions.toml import table_at
from dist_actions.versions.project_files import (
    ComputedVersion,
    DeclaredVersion,
    ProjectFiles,
    line_at,
    project_name,
)

_FILE = "meson.build"
_TOKEN = re.compile(
    r"(?P<blank>\s+|#[^\n]*)"
    r"|'''(?P<long>.*?)'''"
    r"|'(?P<text>(?:[^'\\\n]|\\.)*)'"
    r"|(?P<word>\w+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_Token = tuple[str, str, int]


def uses_meson(project: ProjectFiles) -> bool:
    """Tell whether meson-python builds the project."""
    backend = table_at(project.pyproject(), "build-system").get("build-backend", "")
    return str(backend).startswith("mesonpy")


def read_meson(project: ProjectFiles) -> DeclaredVersion | ComputedVersion | None:
    """Read `project(…, version: …)`, a text or `files(…)`; it can also be what a command prints."""
    text = project.text(_FILE) if uses_meson(project) else None
    arguments = list(_arguments_of_project(text or ""))
    for at, token in enumerate(arguments):
        if token[:2] == ("word", "version") and arguments[at + 1 : at + 2]:
            value = _expression(arguments[at + 2 :])
            name = project_name(project)
            if len(value) == 1 and value[0][0] == "text":
                location = project.location(_FILE, line_at(text or "", value[0][2]))
                return DeclaredVersion(name, value[0][1], "meson", location)
            location = project.location(_FILE, line_at(text or "", token[2]))
            return _read_file(project, name, value) or ComputedVersion(
                location, "it is neither a text nor the first line of a file"
            )
    return None


def _read_file(project: ProjectFiles, name: str, value: list[_Token]) -> DeclaredVersion | None:
    """Read `files('VERSION')`, in older builds `['VERSION']`: the first line of a file."""
    kinds = [kind for kind, _, _ in value]
    words = [text for kind, text, _ in value if kind == "word"]
    if words not in (["files"], []) or kinds.count("text") != 1 or kinds.count("mark") != 2:
        return None
    file = next(text for kind, text, _ in value if kind == "text")
    lines = (project.text(file) or "").splitlines()
    return (
        DeclaredVersion(name, lines[0].strip(), "meson", project.location(file, 1))
        if lines
        else None
    )


def _arguments_of_project(text: str) -> Iterator[_Token]:
    """List the tokens at the top level of `project(…)`, which must be a file's first statement."""
    tokens = _tokens(text)
    if [token[1] for token in (next(tokens, None), next(tokens, None)) if token] != [
        "project",
        "(",
    ]:
        return
    depth = 1
    for token in tokens:
        if token[0] == "mark":
            depth += (token[1] in "([{") - (token[1] in ")]}")
        if depth == 0:
            return
        yield token


def _expression(tokens: list[_Token]) -> list[_Token]:
    """Take what stands before the next comma that is not inside brackets."""
    depth = 0
    for at, (kind, text, _) in enumerate(tokens):
        if kind == "mark":
            depth += (text in "([{") - (text in ")]}")
            if text == "," and depth == 0:
                return tokens[:at]
    return tokens


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind != "blank":
            yield ("text" if kind == "long" else kind), match[kind], match.start()
