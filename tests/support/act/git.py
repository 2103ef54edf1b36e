"""Runs git as a person on a machine without any configuration."""

import os
import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    """Run a git command that must succeed, and return what it prints, stripped."""
    settings = ("user.name=a", "user.email=a@b.c", "protocol.file.allow=always")
    options = [part for setting in settings for part in ("-c", setting)]
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", *options, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **nothing},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
