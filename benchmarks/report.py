"""Write the figures as JSON for tools and as Markdown for people."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

_HEADINGS = ("figure", "median", "min", "max", "runs", "aim", "met?")
_MET = {True: "yes", False: "**no**", None: ""}


def write_reports(figures: Sequence[Figure], folder: Path, *, quick: bool) -> str:
    """Write `report.json` and `report.md` into a folder.

    Returns:
        The Markdown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    machine = describe_machine(quick=quick)
    document = {"machine": machine, "figures": [_to_json(figure) for figure in figures]}
    Path(folder, "report.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    markdown = render(figures, machine)
    Path(folder, "report.md").write_text(markdown, encoding="utf-8")
    return markdown


def describe_machine(*, quick: bool) -> dict[str, Any]:
    """Describe where and when the figures were measured, and of which commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    )
    return {
        "commit": commit.stdout.strip(),
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "quick": quick,
    }


def render(figures: Sequence[Figure], machine: dict[str, Any]) -> str:
    """Write the table of all figures as Markdown, with notes below it."""
    rows = [_row(figure) for figure in figures]
    lines = [
        "# Benchmarks",
        "",
        f"Commit {machine['commit']}, {machine['measured_at']}, Python {machine['python']} on "
        f"{machine['system']} with {machine['cores']} cores"
        + (", quick run." if machine["quick"] else "."),
        "",
        _line(_HEADINGS),
        _line(("---",) * len(_HEADINGS)),
        *(_line(row) for row in rows),
    ]
    notes = dict.fromkeys(f"{figure.part}: {figure.note}" for figure in figures if figure.note)
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> tuple[str, ...]:
    values = [
        figure.show(value) for value in (figure.median, min(figure.samples), max(figure.samples))
    ]
    aim = "" if figure.aim is None else f"≤ {figure.show(figure.aim)}"
    name = f"{figure.part}: {figure.name}"
    return (name, *values, str(len(figure.samples)), aim, _MET[figure.met])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _to_json(figure: Figure) -> dict[str, Any]:
    return {
        "part": figure.part,
        "name": figure.name,
        "unit": figure.unit,
        "median": round(figure.median, 4),
        "min": round(min(figure.samples), 4),
        "max": round(max(figure.samples), 4),
        "samples": [round(value, 4) for value in figure.samples],
        "aim": figure.aim,
        "met": figure.met,
        "note": figure.note,
    }
