"""The command `dist-actions version`: which version a checkout has, and where it stands."""

import argparse
import os
import sys
from pathlib import Path

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.errors import DistActionsError, GitError, InputError
from dist_actions.printable import json_line
from dist_actions.versions.project_files import (
    PYPROJECT,
    PatternMatch,
    ProjectFiles,
    ProjectVersion,
    VersionSource,
)
from dist_actions.versions.setuptools.configuration import SETUP_PY


def add_version_command(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("path", nargs="?", default=".", help="the project's folder")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print name, version, source, file and line, and derived_by where tags give it",
    )
    parser.add_argument(
        "--static",
        action="store_true",
        help="read files alone, as auto-tag does, and run nothing of the project",
    )
    parser.add_argument("--version-file", default="", help="file below PATH that holds the version")
    parser.add_argument("--version-pattern", default="", help="regular expression for that file")
    parser.set_defaults(run=show_version)


def show_version(arguments: argparse.Namespace) -> int:
    """Print the version on standard output, and everything else on standard error."""
    try:
        version = _find_version(arguments)
    except DistActionsError as error:
        place = str(error.location or "")
        message = error.lines if place in error.lines else f"{place}: {error.lines}"
        _log(f"dist-actions: {message}")
        return error.exit_status
    print(_as_json(version) if arguments.json else version.version)
    return 0


def _find_version(arguments: argparse.Namespace) -> ProjectVersion:
    project = _project(Path(arguments.path).absolute())
    _require_project(project, arguments)
    source = VersionSource(file=arguments.version_file, pattern=arguments.version_pattern)
    if arguments.static:
        from dist_actions.versions.reading import read_version  # noqa: PLC0415 - see _log

        return read_version(project, source, _find_matches)
    from dist_actions.versions.built import read_current_version  # noqa: PLC0415 - see _log

    return read_current_version(project, source, _read_metadata, _find_matches, _require_history)


def _require_project(project: ProjectFiles, arguments: argparse.Namespace) -> None:
    """Refuse a folder without a project by the name that was given.

    Raises:
        InputError: There is no such folder, or nothing in it that could say a version.
    """
    folder = Path(arguments.path)
    if arguments.version_file or any(map(project.path, (PYPROJECT, SETUP_PY))):
        return
    missing = "pyproject.toml and setup.py are missing there"
    raise InputError(
        f"There is no Python project in {str(folder)[:QUOTED_NAME]!r}.",
        why=f"{missing}." if folder.is_dir() else "there is no such folder.",
        fix="name the folder of a project, or leave it out for the current one.",
        anchor="version",
    )


def _log(text: str) -> None:
    # Each edge is loaded when it is needed: most projects need none of them.
    from dist_actions.services.runner import Runner  # noqa: PLC0415

    Runner.from_environ(os.environ, sys.stderr).log(text)


def _read_metadata(project: ProjectFiles) -> tuple[str, str]:
    from dist_actions.services.foreign_code.metadata_reading import metadata_reader  # noqa: PLC0415 - see _log

    return metadata_reader(os.environ, _log)(project)


def _find_matches(pattern: str, text: str) -> list[PatternMatch]:
    from dist_actions.services.foreign_code.pattern_matching import find_matches  # noqa: PLC0415 - see _log

    return find_matches(pattern, text)


def _require_history(project: ProjectFiles) -> None:
    """Refuse a checkout that would derive a wrong version from its tags.

    Raises:
        InputError: It is no repository, a shallow one, or none of its tags is behind HEAD.
    """
    from dist_actions.services.git.checkout import Git  # noqa: PLC0415 - see _log

    git = Git.asking(project.folder, os.environ)
    try:
        if git.run("rev-parse", "--is-shallow-repository") == "true":
            raise _incomplete_history("it is shallow, so tags and commits are missing")
        if not git.run("tag", "--merged", "HEAD"):
            raise _incomplete_history("no tag is reachable from HEAD")
    except GitError as error:
        raise _incomplete_history("it is no git repository with a commit") from error


def _incomplete_history(reason: str) -> InputError:
    return InputError(
        f"The version is derived from git tags, and this checkout has not what it needs: {reason}.",
        why="the tool would then make up another version, such as 0.1.dev1, without a word.",
        fix="get the whole history: `git fetch --unshallow --tags`, or `fetch-depth: 0` of "
        "actions/checkout in a workflow.",
        anchor="derived-version",
    )


def _project(folder: Path) -> ProjectFiles:
    """Find the project in its repository: the nearest folder with `.git`, else the project's."""
    folder = Path(os.path.normpath(folder))
    for root in (folder, *folder.parents):
        if (root / ".git").exists():
            return ProjectFiles(root, str(folder.relative_to(root)))
    return ProjectFiles(folder)


def _as_json(version: ProjectVersion) -> str:
    document = {
        "name": version.name,
        "version": str(version.version),
        "source": version.source,
        "file": version.location.file,
        "line": version.location.line or None,
        **({"derived_by": version.derived_by} if version.derived_by else {}),
    }
    return json_line(document)
