"""Tell which jobs run on another kind of machine than the rehearsal plays, and say so there.

It is pure.
"""

import platform
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dist_sandbox.rehearse.workflows.files import Workflow

#: Tells a job's steps which runner `runs-on` names, where this machine may have to play it.
RUNS_ON = "DIST_SANDBOX_RUNS_ON"
_OTHER_RUNNER = re.compile(r"\$\{\{|^(macos|windows)-|-arm$")
_MATRIX_VALUE = re.compile(r"\$\{\{\s*matrix\.([A-Za-z_][A-Za-z0-9_-]*)\s*\}\}")
#: The kinds of machine by what their labels begin with.
_SYSTEMS = {"windows": "Windows", "macos": "Darwin", "mac": "Darwin", "ubuntu": "Linux"}


def describe_runners(workflow: Workflow, system: str = platform.system()) -> dict[str, str]:
    """Say of each job that runs elsewhere on GitHub where that is, by job ID.

    Args:
        system: The machine of the rehearsal, as `platform.system` calls it.
    """
    descriptions = {}
    for job_id, job in workflow.jobs.items():
        labels = dict.fromkeys(label for label in _labels(job) if _differs(label, system))
        if labels:
            name = "macOS" if system == "Darwin" else system
            where = (
                f"job {job_id} has runs-on: {', '.join(labels)}; the rehearsal runs it on {name}."
            )
            descriptions[job_id] = where
    return descriptions


def _differs(label: str, system: str) -> bool:
    kind = next((name for start, name in _SYSTEMS.items() if label.lower().startswith(start)), "")
    return bool(kind) and kind != system and not (kind == "Linux" and system == "Darwin")


def _labels(job: Mapping[str, Any]) -> Iterator[str]:
    """List the labels of `runs-on:`, those of a matrix included."""
    runs_on = job.get("runs-on")
    if isinstance(runs_on, dict):
        runs_on = runs_on.get("labels")
    matrix = (job.get("strategy") or {}).get("matrix") or {}
    for label in runs_on if isinstance(runs_on, list) else [runs_on]:
        match = _MATRIX_VALUE.fullmatch(str(label).strip())
        if match is None:
            yield str(label)
        elif isinstance(matrix, dict):
            rows = [row for row in matrix.get("include") or [] if isinstance(row, dict)]
            values = matrix.get(match[1])
            cells = values if isinstance(values, list) else []
            yield from (str(cell) for cell in [*cells, *(row.get(match[1]) for row in rows)])


def find_played_label(job: Mapping[str, Any]) -> str:
    """Find the label of a runner that this machine may have to play; empty for Linux."""
    label = job["runs-on"]
    return label if isinstance(label, str) and _OTHER_RUNNER.search(label) else ""


def write_notice_step(label: str) -> dict[str, Any]:
    """Say in the log which runner is played; an expression may turn out to be one of Linux."""
    is_other = " || ".join(
        f"{test}(env.{RUNS_ON}, '{text}')"
        for test, text in (("startsWith", "macos"), ("startsWith", "windows"), ("endsWith", "-arm"))
    )
    return {
        "name": f"Stand-in for the runner {label}",
        "if": is_other,
        "shell": "bash",
        "working-directory": ".",
        "run": f'echo "::notice title=rehearsal::Stand-in: on GitHub this job runs on ${RUNS_ON}; '
        'here it runs on this machine."',
    }
