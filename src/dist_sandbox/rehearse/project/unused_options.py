"""Refuse options that name what no workflow of the projects uses."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dist_actions.commands.init.repository import WORKFLOW_FOLDER
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.options import Options

#: What hands on or reads secrets whose names are not written.
_ANY_SECRET = re.compile(r"secrets\s*:\s*inherit|toJSON\(\s*secrets|secrets\s*\[", re.IGNORECASE)


def refuse_unused(options: Options, folders: Iterable[Path]) -> None:
    """Refuse secrets and actions that the projects in these folders have no use for.

    Raises:
        UsageError: One is given.
    """
    if options.patches:  # which may bring what uses them
        return
    texts = [text for folder in folders for text in _read_texts(folder)]
    require_read(options.secrets, texts)
    if not options.fetch_actions:  # those that are fetched may use others
        given = (text for path in options.extra_actions.values() for text in _read_texts(path))
        require_used(options.extra_actions, [*texts, *given])


def _read_texts(folder: Path) -> Iterator[str]:
    """Read the workflows and actions of a folder."""
    for pattern in (f"{WORKFLOW_FOLDER}/*.y*ml", "**/action.y*ml"):
        for file in sorted(folder.glob(pattern)):
            yield file.read_text(encoding="utf-8", errors="replace")


def require_read(secrets: Iterable[str], texts: Sequence[str]) -> None:
    """Refuse `--secret` for a name that no workflow reads.

    Args:
        secrets: Their names.
        texts: The workflows and actions that the projects hold.

    Raises:
        UsageError: One is read nowhere.
    """
    if any(map(_ANY_SECRET.search, texts)):
        return
    for name in secrets:
        pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
        if not any(map(pattern.search, texts)):
            raise UsageError(
                f"--secret {name} has no effect.",
                why=f"no workflow here reads `secrets.{name}`.",
                fix="correct the name, or leave the option out.",
            )


def require_used(actions: Iterable[str], texts: Sequence[str]) -> None:
    """Refuse `--action` for one that no workflow or action uses.

    Args:
        actions: As `OWNER/NAME@REF`, or `OWNER/NAME` for every ref.
        texts: The workflows and actions that the projects hold, and the actions that are given.

    Raises:
        UsageError: One is used nowhere.
    """
    for action in actions:
        name, _, ref = action.partition("@")
        end = rf"@{re.escape(ref)}(?![\w.-])" if ref else "@"
        pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(/[^@\s]*)?{end}", re.IGNORECASE)
        if not any(map(pattern.search, texts)):
            raise UsageError(
                f"--action {action} has no effect.",
                why="no workflow or action here uses it.",
                fix="write it as `uses:` has it, or leave the option out.",
            )
