"""The command `dist-actions init`: look, decide, show, and write."""

import argparse
import os
import posixpath
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from dist_actions.commands.init.changes import Change
from dist_actions.commands.init.explanation import Choice
from dist_actions.commands.init.files import FileList
from dist_actions.commands.init.repository import (
    WORKFLOW_FOLDER,
    GitFacts,
    Repository,
    read_repository,
)
from dist_actions.commands.init.settings import settings_file, write_settings
from dist_actions.commands.init.setup import Setup, decide
from dist_actions.commands.init.shell import quote
from dist_actions.commands.init.starters import read_starters, starters_folder
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED, DistActionsError, GitError, InputError
from dist_actions.printable import printable_lines
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.toml import leads_outside

_SKIPPED = frozenset(
    {".git", ".hg", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "site-packages"}
)


def run_init(arguments: argparse.Namespace) -> int:
    """Set a repository up, or show what would be written; the exit status is the answer."""
    try:
        folder = _repository_folder(Path(arguments.path))
        if not (arguments.dry_run or arguments.check):
            _require_root(folder)
        package_path = posixpath.normpath(arguments.package_path or ".")
        repository = look_at(folder, package_path if arguments.package_path else "")
        setup = decide(repository, read_starters(starters_folder()), arguments.starter)
        changes = plan_changes(folder, setup)
        if arguments.replace:
            _require_committed(folder, changes)
        if not (arguments.dry_run or arguments.check):
            write_changes(folder, changes, replace=arguments.replace)
    except DistActionsError as error:
        print(f"dist-actions: {error}", file=sys.stderr)
        return error.exit_status
    print(_table(setup.choices))
    if arguments.dry_run or arguments.check:
        return _show(changes, failing=arguments.check)
    _say_what_became(changes, replaced=arguments.replace)
    print("\nBy hand:\n" + "\n".join(_item(step) for step in setup.by_hand))
    return EXIT_DONE


def look_at(folder: Path, package_path: str = "") -> Repository:
    """Read what a repository is.

    Raises:
        InputError: It holds no Python package, or a file that decides cannot be used.
    """
    git = Git.asking(folder, os.environ)
    return read_repository(
        folder, FileList.of(_list_files(folder, git)), _ask_git(git), find_matches, package_path
    )


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


def _cannot_write(path: Path, why: str) -> InputError:
    return InputError(
        f"{path} cannot be written.", why=why, fix="move away what is there, or allow to write it."
    )


def _repository_folder(path: Path) -> Path:
    folder = path.resolve()
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {path}.",
            why="init looks at the files of a repository.",
            fix="name the folder that holds it, or leave it out for the current one.",
        )
    return folder


def _require_root(folder: Path) -> None:
    """Refuse to write workflows where GitHub does not look for them.

    Raises:
        InputError: The folder is one of a repository.
    """
    git = Git.asking(folder, os.environ)
    if not git.list_paths("ls-files", "-z", "--", "."):
        return
    prefix = git.run("rev-parse", "--show-prefix").rstrip("\n").rstrip("/")
    if prefix:
        raise InputError(
            f"{folder} is not the root of its repository.",
            why="GitHub reads only the workflows in the root.",
            fix=f"run it there, with --package-path {quote(prefix)} for this package alone.",
        )


def _list_files(folder: Path, git: Git) -> list[str]:
    """List what git knows or would add, with the files of submodules; else all files."""
    listed = git.list_paths("ls-files", "-z", "-co", "--exclude-standard", "--", ".")
    if not listed:
        return list(_walk(folder, folder))
    paths = []
    for path in listed:
        full = folder / path
        # A submodule is one entry of the index.
        paths += _walk(folder, full) if full.is_dir() and not full.is_symlink() else [path]
    return [path for path in paths if (folder / path).is_file()]


def _walk(root: Path, folder: Path) -> list[str]:
    paths = []
    for parent, names, files in os.walk(folder):
        names[:] = sorted(set(names) - _SKIPPED)
        paths += [(Path(parent) / name).relative_to(root).as_posix() for name in files]
    return paths


def _ask_git(git: Git) -> GitFacts:
    try:
        refs = git.run("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin")
        tags = git.run(
            "for-each-ref", "--sort=-creatordate", "--format=%(refname:strip=2)", "refs/tags"
        )
    except GitError:
        return GitFacts()
    branches = {re.sub(r"^refs/(heads|remotes/origin)/", "", ref) for ref in refs.split()}
    return GitFacts(frozenset(branches), tuple(tags.split()))


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


def _require_committed(folder: Path, changes: Sequence[Change]) -> None:
    """Refuse to replace a file whose text git does not keep.

    Raises:
        InputError: One of them is not committed.
    """
    git = Git.asking(folder, os.environ)
    for change in changes:
        if change.state != "differs" or change.adds:
            continue
        is_tracked = git.succeeds("ls-files", "--error-unmatch", "--", change.path)
        committed = is_tracked and git.succeeds("diff", "--quiet", "HEAD", "--", change.path)
        if not committed:
            raise InputError(
                f"{change.path} is not committed, so it is not replaced.",
                why="what you changed in it would be lost.",
                fix="commit it, then run the command again.",
            )


def _show(changes: Sequence[Change], *, failing: bool) -> int:
    different = [change for change in changes if change.state != "same"]
    print("".join(f"\n{change.diff}" for change in different) or "\nNothing would change.")
    if failing and different:
        names = ", ".join(change.path for change in different)
        print(f"dist-actions: not as init would write it: {names}.", file=sys.stderr)
        return EXIT_REFUSED
    return EXIT_DONE


def _say_what_became(changes: Sequence[Change], *, replaced: bool) -> None:
    for change in changes:
        if change.state == "differs" and not (change.adds or replaced):
            print(f"\nKept {change.path}, which differs; --replace writes this into it:")
            print(change.diff)
        else:
            word = {"new": "Wrote", "same": "Unchanged:", "differs": "Changed"}[change.state]
            print(f"{word} {change.path}")


def _table(choices: Sequence[Choice]) -> str:
    """Write the choices as a table that fits the terminal."""
    rows = [("", "seen", "decided", "why")]
    for choice in choices:
        subject, seen, decision, why = map(
            _shown, (choice.subject, choice.seen, choice.decision, choice.why)
        )
        rows.append((subject, seen, decision, why))
    total = max(80, min(shutil.get_terminal_size((120, 24)).columns, 160))
    first = max(len(row[0]) for row in rows)
    width = (total - first - 6) // 3
    lines = []
    for row in rows:
        cells = [[row[0]], *(textwrap.wrap(cell, width) or [""] for cell in row[1:])]
        for number in range(max(map(len, cells))):
            parts = [cell[number] if number < len(cell) else "" for cell in cells]
            padded = [parts[0].ljust(first), *(part.ljust(width) for part in parts[1:])]
            lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _shown(text: str) -> str:
    """Leave out what a terminal obeys or cannot show, as names of files may hold it."""
    return " ".join(printable_lines(text)).encode(errors="replace").decode()


def _item(text: str) -> str:
    # Addresses and names of files stay whole.
    wrapper = textwrap.TextWrapper(
        100,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.fill(_shown(text))
