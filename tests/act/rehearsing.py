"""Runs the command `dist-sandbox rehearse` as a user does."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
_WITHIN_SECONDS = 600


def rehearse(project: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a project; `output` is where it leaves report and logs."""
    command = [sys.executable, "-m", "dist_sandbox.cli", "rehearse", str(project)]
    return subprocess.run(
        [*command, "--output", str(output), *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_WITHIN_SECONDS,
    )


def read_report(output: Path) -> dict[str, Any]:
    """The report of a rehearsal that succeeded."""
    report: dict[str, Any] = json.loads((output / "report.json").read_text(encoding="utf-8"))
    return report
