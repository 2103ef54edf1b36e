"""The command `dist-actions version`: which version a checkout has, and where it stands."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from dist_actions.errors import DistActionsError
from dist_actions.versions.declared import Project, VersionFound, VersionSource


def add_version_command(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("path", nargs="?", default=".", help="the project's folder")
    parser.add_argument(
        "--json",
        action="store_true",
        help="print name, version, source, file and line, and derived_by where tags give it",
    )
    parser.add_argument("--version-file", default="", help="file below PATH that holds the version")
    parser.add_argument("--version-pattern", default="", help="regular expression for that file")
    parser.set_defaults(run=show_version)


def show_version(arguments: argparse.Namespace) -> int:
    """Print the version on standard output, and everything else on standard error."""
    from dist_actions.edges.runner import Runner  # noqa: PLC0415 - `--help` needs none of this

    runner = Runner.from_environ(os.environ, sys.stderr)
    try:
        found = _find(arguments, runner.log)
    except DistActionsError as error:
        where = str(error.location or "")
        shown = str(error) if where in str(error) else f"{where}: {error}"
        runner.log(f"dist-actions: {shown}")
        return error.exit_status
    print(_as_json(found) if arguments.json else found.version)
    return 0


def _find(arguments: argparse.Namespace, log: Callable[[str], None]) -> VersionFound:
    from dist_actions.edges.git_history import require_history  # noqa: PLC0415 - as above
    from dist_actions.edges.metadata_reading import metadata_reader  # noqa: PLC0415
    from dist_actions.edges.pattern_matching import find_matches  # noqa: PLC0415
    from dist_actions.versions.reading import read_current_version  # noqa: PLC0415

    return read_current_version(
        _project(Path(arguments.path).absolute()),
        VersionSource(file=arguments.version_file, pattern=arguments.version_pattern),
        metadata_reader(os.environ, log),
        find_matches,
        lambda project: require_history(project, os.environ),
    )


def _project(folder: Path) -> Project:
    """The project in its repository, which is the nearest folder with `.git`, else the project."""
    folder = Path(os.path.normpath(folder))
    for root in (folder, *folder.parents):
        if (root / ".git").exists():
            return Project(root, str(folder.relative_to(root)))
    return Project(folder)


def _as_json(found: VersionFound) -> str:
    shown = {
        "name": found.name,
        "version": str(found.version),
        "source": found.source,
        "file": found.location.file,
        "line": found.location.line or None,
        **({"derived_by": found.derived_by} if found.derived_by else {}),
    }
    # A runner would take a command of its older form for one anywhere in a line.
    return json.dumps(shown).replace("##[", "##\\u005b")
