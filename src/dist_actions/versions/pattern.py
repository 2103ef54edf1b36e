"""A version that a regular expression finds in a file that the user names."""

import re

from dist_actions.errors import InputError
from dist_actions.toml import read_text
from dist_actions.versions.declared import Declared, Project, project_name

#: Finds `__version__ = "1.0.0"`, the commonest case, when no pattern is given.
DEFAULT_PATTERN = r"""^__version__\s*(?::\s*\w+\s*)?=\s*["'](?P<version>[^"']+)["']"""
#: A version file is a small module or text; a bound keeps a careless pattern from running for ever.
_LIMIT_CHARACTERS = 100_000


def read_pattern(project: Project, file: str, pattern: str) -> Declared:
    """The text that `pattern` finds in `file`.

    Args:
        project: The project.
        file: Path below the project's folder.
        pattern: Regular expression in Python's syntax, `^` and `$` matching at lines. Its group
            `version`, or else its first group, or else the whole match is the version. Empty for
            `DEFAULT_PATTERN`.

    Raises:
        InputError: No such file, no such pattern, or not exactly one place matches.
    """
    location = project.location(file)
    path = project.folder / file
    if not path.resolve().is_relative_to(project.workspace.resolve()) or not path.is_file():
        raise InputError(
            f"The version-file {location.file} does not exist in the repository.",
            why="the path is relative to package-path, and must stay inside the repository.",
            fix="correct version-file, or leave it out to read pyproject.toml.",
        )
    text = read_text(path, location.file)[:_LIMIT_CHARACTERS]
    found = list(_compile(pattern or DEFAULT_PATTERN).finditer(text))
    if len(found) != 1:
        lines = ", ".join(str(_line(text, match.start())) for match in found[:5])
        raise InputError(
            f"The version-pattern finds {len(found)} places in {location.file}"
            f"{f' (lines {lines})' if found else ''}, not one.",
            why="the version must stand in exactly one place.",
            fix="make version-pattern match that place alone, with the version in a group.",
            location=location,
        )
    match = found[0]
    group: str | int = "version" if "version" in match.re.groupindex else min(match.re.groups, 1)
    return Declared(
        project_name(project),
        match[group] or "",
        "file",
        project.location(file, _line(text, match.start(group))),
    )


def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise InputError(
            f"The version-pattern {pattern!r} is no regular expression: {error}.",
            why="it is read in the syntax of Python's `re` module.",
            fix='correct it; for `__version__ = "1.0.0"` leave it out.',
        ) from error


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
