"""Hold the files of a set-up beside those of a folder, and write them."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from dist_actions.commands.init.changes import Change
from dist_actions.commands.init.repository import WORKFLOW_FOLDER
from dist_actions.commands.init.settings import settings_file, write_settings
from dist_actions.commands.init.setup import Setup
from dist_actions.errors import InputError
from dist_actions.services.git.checkout import Git
from dist_actions.toml import leads_outside


def plan_changes(folder: Path, setup: Setup) -> tuple[Change, ...]:
    """Hold what a set-up writes beside what stands in the folder."""
    changes = [
        _change(folder, f"{WORKFLOW_FOLDER}/{name}", text) for name, text in setup.workflows.items()
    ]
    if setup.settings:
        path = settings_file(setup.settings, _read(folder / "pyproject.toml"))
        existing = _read(folder / path)
        text = write_settings(existing or "", setup.settings, in_pyproject=path == "pyproject.toml")
        changes.append(Change(path, _with_line_ends(text, existing), existing, adds=True))
    return tuple(changes)


def write_changes(folder: Path, changes: Sequence[Change], *, replace: bool = False) -> None:
    """Write the files that are new, those that are only added to, and others where asked to.

    Raises:
        InputError: A file or a folder on the way leads out of the repository, or is none.
    """
    written = [
        change
        for change in changes
        if change.state == "new" or (change.state == "differs" and (change.adds or replace))
    ]
    for change in written:
        path = folder / change.path
        if leads_outside(path, folder):
            raise InputError(
                f"{path} leads out of the repository.",
                why="it is, or stands behind, a symbolic link.",
                fix="make it a file of the repository.",
            )
        if os.path.lexists(path) and not path.is_file():
            raise _cannot_write(path, "what stands there is no file.")
    for change in written:
        path = folder / change.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(change.text, encoding="utf-8", newline="")
        except OSError as error:
            raise _cannot_write(path, f"the system says: {error.strerror}.") from error


def require_committed(folder: Path, changes: Sequence[Change]) -> None:
    """Refuse to replace a file whose text git does not keep.

    Raises:
        InputError: One of them is not committed.
    """
    for change in changes:
        if change.state == "differs" and not change.adds and not is_committed(folder, change):
            raise InputError(
                f"{change.path} is not committed, so it is not replaced.",
                why="what you changed in it would be lost.",
                fix="commit it, then run the command again.",
            )


def is_committed(folder: Path, change: Change) -> bool:
    """Tell whether a file is committed as it stands in the folder."""
    git = Git.asking(folder, os.environ)
    is_tracked = git.succeeds("ls-files", "--error-unmatch", "--", change.path)
    return is_tracked and git.succeeds("diff", "--quiet", "HEAD", "--", change.path)


def _change(folder: Path, path: str, text: str) -> Change:
    existing = _read(folder / path)
    return Change(path, _with_line_ends(text, existing), existing)


def _with_line_ends(text: str, existing: str | None) -> str:
    """Write a text with the line ends of what stands there, as a checkout on Windows has them."""
    first_line = (existing or "").partition("\n")[0]
    return re.sub(r"\r?\n", "\r\n", text) if first_line.endswith("\r") else text


def _read(path: Path) -> str | None:
    if not path.is_file():
        return None
    return path.read_bytes().decode("utf-8", errors="replace")


def _cannot_write(path: Path, why: str) -> InputError:
    return InputError(
        f"{path} cannot be written.", why=why, fix="move away what is there, or allow to write it."
    )
