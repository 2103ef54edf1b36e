"""What the stand-ins share: inputs from the environment, and the runner's files and commands.

The stand-ins run on the runner's own Python and use nothing but the standard library.
"""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

#: Title of an annotation that says what a rehearsal cannot play; the rehearsal looks for it.
LIMIT_TITLE = "rehearsal"


class ActionError(Exception):
    """The action ends red with this message."""


class StandInLimitError(ActionError):
    """The real action would go on here, and its stand-in cannot."""

    def __init__(self, what: str, *, why: str, fix: str) -> None:
        super().__init__(f"{what} Why: {why} Fix: {fix}")


def read_input(name: str) -> str:
    """Read an input, without surrounding white space; empty where it is not given."""
    return os.environ.get("STAND_IN_" + name.upper().replace("-", "_"), "").strip()


def read_flag(name: str) -> bool:
    """Read a boolean input, as the Actions toolkit does.

    Raises:
        ActionError: It is none of the forms that YAML 1.2 knows.
    """
    text = read_input(name)
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    raise ActionError(f'Input does not meet YAML 1.2 "Core Schema" specification: {name}')


def read_lines(name: str) -> list[str]:
    """Read the lines of an input, without those that are empty."""
    return [line.strip() for line in read_input(name).splitlines() if line.strip()]


def workspace() -> Path:
    """Return the job's workspace."""
    return Path(os.environ["GITHUB_WORKSPACE"])


def set_output(name: str, value: str) -> None:
    """Set an output of the step."""
    _append("GITHUB_OUTPUT", f"{name}={value}")


def set_block_output(name: str, value: str) -> None:
    """Set an output of the step that may have several lines; nothing else can end it."""
    end = f"end-{secrets.token_hex(16)}"
    _append("GITHUB_OUTPUT", f"{name}<<{end}\n{value}\n{end}")


def export(name: str, value: str) -> None:
    """Set an environment variable for the steps that follow."""
    _append("GITHUB_ENV", f"{name}={value}")


def add_path(folder: Path) -> None:
    """Put a folder at the front of PATH for the steps that follow."""
    _append("GITHUB_PATH", str(folder))


def mask(text: str) -> None:
    """Hide a text in the log from now on."""
    print(f"::add-mask::{text}", flush=True)


def annotate(level: str, message: str, title: str = "") -> None:
    """Print an annotation: `error`, `warning` or `notice`."""
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    properties = f" title={title}" if title else ""
    print(f"::{level}{properties}::{escaped}", flush=True)


def note_difference(message: str) -> None:
    """Say where the rehearsal goes on otherwise than GitHub would."""
    annotate("notice", message, LIMIT_TITLE)


def run_action(action: Callable[[], None]) -> NoReturn:
    """Run an action; an expected error becomes an annotation and exit status 1."""
    try:
        action()
    except ActionError as error:
        annotate("error", str(error), LIMIT_TITLE * isinstance(error, StandInLimitError))
        sys.exit(1)
    sys.exit(0)


def _append(variable: str, line: str) -> None:
    with open(os.environ[variable], "a", encoding="utf-8") as file:
        file.write(f"{line}\n")
