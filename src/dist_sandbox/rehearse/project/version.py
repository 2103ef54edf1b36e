"""The version of a project, as the command `dist-actions version` says it."""

import subprocess
import sys
from pathlib import Path

from dist_sandbox.rehearse.errors import UsageError


def read_project_version(project: Path) -> str:
    """The version that a person would tag.

    Raises:
        UsageError: It cannot be read.
    """
    command = [sys.executable, "-m", "dist_actions.cli", "version", str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UsageError(
            "The version to be tagged cannot be read.",
            why=done.stderr.strip() or "`dist-actions version` failed.",
            fix="say what a person runs to tag it: --run COMMAND.",
        )
    return done.stdout.strip()
