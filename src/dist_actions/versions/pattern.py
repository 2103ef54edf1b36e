"""A version that a regular expression finds in a file that the user names."""

from dist_actions.errors import InputError
from dist_actions.toml import leads_outside
from dist_actions.versions.matching import find_in_text
from dist_actions.versions.project_files import (
    DeclaredVersion,
    MatchFinder,
    ProjectFiles,
    line_at,
    project_name,
)

#: Finds `__version__ = "1.0.0"`, the commonest case, when no pattern is given.
DEFAULT_PATTERN = r"""^__version__\s*(?::\s*\w+\s*)?=\s*["'](?P<version>[^"']+)["']"""


def read_pattern(
    project: ProjectFiles, file: str, pattern: str, find_matches: MatchFinder
) -> DeclaredVersion:
    """The text that `pattern` finds in `file`.

    Args:
        project: The project.
        file: Path below the project's folder.
        pattern: Regular expression in Python's syntax, `^` and `$` matching at lines. Its group
            `version`, or else its first group, or else the whole match is the version. Empty for
            `DEFAULT_PATTERN`.
        find_matches: Applies the user's pattern.

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
    found = find(pattern or DEFAULT_PATTERN, text)
    if len(found) != 1:
        lines = ", ".join(str(line_at(text, match.start)) for match in found[:5])
        raise InputError(
            f"The version-pattern finds {len(found)} places in {location.file}"
            f"{f' (lines {lines})' if found else ''}, not one.",
            why="the version must stand in exactly one place.",
            fix="make version-pattern match that place alone, with the version in a group.",
            location=location,
            anchor="version-pattern",
        )
    line = line_at(text, found[0].start)
    return DeclaredVersion(
        project_name(project), found[0].version, "file", project.location(file, line)
    )
