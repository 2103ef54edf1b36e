"""PyPI's rules for what is inside an archive; pure.

Spec: https://packaging.python.org/en/latest/specifications/entry-points/ and
https://peps.python.org/pep-0639/
"""

import configparser
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from packaging.metadata import Metadata

from dist_actions.distributions.checks.errors import quoted
from dist_actions.distributions.pypi_rules.problems import Problem

_SCRIPTS = ("console_scripts", "gui_scripts")
_SCRIPT_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Contents:
    """What the rules look at in an archive.

    Attributes:
        filename: Of the archive.
        root: The folder in which it keeps what it says of itself, without a slash at the end: an
            sdist's only folder, a wheel's `.dist-info`.
        members: Names of all files and folders in it, without slashes at their ends.
        entry_points: A wheel's `entry_points.txt`; None where there is none, and for sdists.
    """

    filename: str
    root: str
    members: Collection[str]
    entry_points: bytes | None = None


def find_content_problems(contents: Contents, metadata: Metadata) -> tuple[Problem, ...]:
    """Find what PyPI refuses in an archive's contents."""
    return (
        *_information(contents),
        *_license_files(contents, metadata),
        *_entry_points(contents),
    )


def _information(contents: Contents) -> Iterator[Problem]:
    """Look for a wheel's `.dist-info` where the file's name says, to the letter."""
    expected = f"{'-'.join(contents.filename.split('-')[:2])}.dist-info"
    if contents.filename.endswith(".whl") and contents.root != expected:
        yield Problem(
            "filename",
            f"Invalid distribution file. WHEEL not found at {expected}/WHEEL",
            "do not rename what the build backend wrote: it holds the folder "
            f"{contents.root}, spelled otherwise",
        )


def _license_files(contents: Contents, metadata: Metadata) -> Iterator[Problem]:
    is_wheel = contents.filename.endswith(".whl")
    folder = f"{contents.root}/licenses" if is_wheel else contents.root
    for license_file in metadata.license_files or ():
        path = f"{folder}/{license_file}"
        if path not in contents.members:
            yield Problem(
                "license-file",
                f"License-File {license_file} does not exist in distribution file "
                f"{contents.filename} at {path}",
                "let the build include each file of license-files, as git and the backend's "
                "settings see it",
            )


def _entry_points(contents: Contents) -> Iterator[Problem]:
    if contents.entry_points is None:
        return
    if finding := _entry_points_finding(contents.entry_points):
        yield Problem(
            "entry-points",
            f"Wheel {contents.filename!r} has invalid entry points defined in the "
            "entry_points.txt file",
            f"correct [project.scripts] and [project.entry-points]: {finding}",
        )


def _entry_points_finding(content: bytes) -> str:
    """Say what is wrong with the file; empty where nothing is."""
    parser = _Parser(delimiters=("=",))
    try:
        parser.read_string(content.decode())
        names = [name for kind in _SCRIPTS if kind in parser for name in parser[kind]]
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except configparser.Error as error:
        return f"it is no INI file with '=' ({' '.join(str(error).split())[:120]})"
    wrong = next((name for name in names if not _SCRIPT_NAME.fullmatch(name)), None)
    return "" if wrong is None else f"{quoted(wrong)} is no name of a command"


class _Parser(configparser.ConfigParser):
    """A parser that leaves names as they are."""

    def optionxform(self, optionstr: str) -> str:
        """Return a name with its capital letters."""
        return optionstr
