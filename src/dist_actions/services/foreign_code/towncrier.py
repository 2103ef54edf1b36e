"""The news fragments of a project that collects them with towncrier.

Spec: https://towncrier.readthedocs.io/en/stable/cli.html#towncrier-build
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from packaging.version import Version

from dist_actions.services.foreign_code.scrubbing import without_credentials
from dist_actions.toml import read_toml

_TIMEOUT_SECONDS = 120


def draft_news(
    source: Path, version: Version, environ: Mapping[str, str], log: Callable[[str], None]
) -> str:
    """Draft what towncrier would write into the changelog; empty where it is absent or fails.

    Notes are worth having, but no reason to stop a release.

    Args:
        environ: The job's environment; what may hold a credential is taken out.
    """
    pyproject = read_toml(source / "pyproject.toml", "pyproject.toml") or {}
    if "towncrier" not in pyproject.get("tool", {}) and not (source / "towncrier.toml").is_file():
        return ""
    process = subprocess.run(
        [
            *[sys.executable, "-I", "-m", "towncrier", "build", "--draft"],
            *["--version", str(version), "--dir", str(source)],
        ],
        cwd=source,
        env=without_credentials(environ),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if process.returncode:
        log(f"Going on without towncrier's news: {process.stderr.strip()}")
        return ""
    return process.stdout
