"""Read a version by a regular expression, from a file that the user or a build tool names."""

import re
from itertools import islice

from dist_actions.errors import InputError
from dist_actions.toml import leads_outside
from dist_actions.versions.project_files import (
    DeclaredVersion,
    MatchFinder,
    PatternMatch,
    ProjectFiles,
    line_at,
    project_name,
)

#: Finds `__version__ = "1.0.0"`, the commonest case, when no pattern is given.
DEFAULT_PATTERN = r"""^__version__\s*(?::\s*\w+\s*)?=\s*["'](?P<version>[^"']+)["']"""
#: `__version__` or `VERSION` in any case, and what is quoted behind it, without a leading v: what
#: hatchling and scikit-build-core look for where a project says no pattern.
ASSIGNMENT = (
    r"""(?i)^(?:__version__|VERSION)(?: ?: ?str)? *= *(?P<quote>["'])v?(?P<version>.+?)(?P=quote)"""
)
#: More places than these are never told apart.
_LIMIT_MATCHES = 6
#: Names of the group that is the version, in this order, before the first group of any name.
_GROUPS = ("version", "value")


def read_pattern(
    project: ProjectFiles, file: str, pattern: str, find_matches: MatchFinder
) -> DeclaredVersion:
    """Read the text that `pattern` finds in `file`.

    Args:
        file: Path below the project's folder.
        pattern: Regular expression in Python's syntax, `^` and `$` matching at lines. Its group
            `version`, or else its first group, or else the whole match is the version. Empty for
            `DEFAULT_PATTERN`.

    Raises:
        InputError: No such file, no such pattern, or not exactly one place matches.
    """
    location = project.location(file)
    path = project.folder / file
    text = None if leads_outside(path, project.workspace) else project.text(file)
    if text is None:
        raise InputError(
            f"The version-file {location.file} does not exist in the repository.",
            why="the path is relative to package-path, and must stay inside the repository.",
            fix="correct version-file, or leave it out to read pyproject.toml.",
            anchor="version-pattern",
        )
    find = find_matches if pattern else find_in_text
    matches = find(pattern or DEFAULT_PATTERN, text)
    if len(matches) != 1:
        lines = ", ".join(str(line_at(text, match.start)) for match in matches[:5])
        raise InputError(
            f"The version-pattern finds {len(matches)} places in {location.file}"
            f"{f' (lines {lines})' if matches else ''}, not one.",
            why="the version must stand in exactly one place.",
            fix="make version-pattern match that place alone, with the version in a group.",
            location=location,
            anchor="version-pattern",
        )
    line = line_at(text, matches[0].start)
    return DeclaredVersion(
        project_name(project), matches[0].version, "file", project.location(file, line)
    )


def find_in_text(pattern: str, text: str) -> list[PatternMatch]:
    """Find the first few places where a pattern matches, `^` and `$` meaning lines.

    A pattern of other people can take exponential time: call this in a process that can be ended.

    Raises:
        re.error: It is no pattern.
    """
    compiled = re.compile(pattern, re.MULTILINE)
    names = (name for name in _GROUPS if name in compiled.groupindex)
    group: str | int = next(names, min(compiled.groups, 1))
    return [
        PatternMatch(
            max(match.start(group), match.start()),
            match[group] or "",
            {name: value or "" for name, value in match.groupdict().items()},
        )
        for match in islice(compiled.finditer(text), _LIMIT_MATCHES)
    ]
