"""git, as the stand-in of actions/checkout runs it."""

import os
import subprocess
from pathlib import Path

from runner import ActionError


def run_git(folder: Path, *arguments: str, stdin: str = "") -> str:
    """Run a git command in a folder, and return what it prints.

    Raises:
        ActionError: It failed; the message holds what git said.
    """
    result = attempt_git(folder, *arguments, stdin=stdin)
    if result.returncode == 0:
        return result.stdout
    message = result.stderr.strip()
    hint = ""
    if "not found" in message or "403" in message or "Authentication failed" in message:
        hint = " Does the job have `permissions: contents: read`?"
    raise ActionError(
        f"git {arguments[0]} failed with exit code {result.returncode}: {message}{hint}"
    )


def attempt_git(
    folder: Path, *arguments: str, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run a git command whose exit status means something."""
    environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def list_names(folder: Path, *arguments: str, stdin: str = "") -> list[str]:
    """List the names that a git command ends with NUL; none where it fails."""
    result = attempt_git(folder, *arguments, stdin=stdin)
    return result.stdout.split("\0")[:-1] if result.returncode == 0 else []
