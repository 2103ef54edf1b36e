"""Let every request of every flow fail in every way, and everything by chance for many rounds."""

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.faults.picture import FIGURES, draw_matrix
from support.paths import ROOT

_FILES = {
    "single": "test_single.py",
    "together": "test_together.py",
    "chances": "test_chances.py",
    "cancelled": "points/test_runner.py",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    help_text = f"of {', '.join(_FILES)}; without one: all"
    parser.add_argument("kinds", nargs="*", metavar="KIND", default=list(_FILES), help=help_text)
    parser.add_argument("--rounds", type=int, default=60, help="of what is chosen by chance")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the single faults here")


def run(arguments: argparse.Namespace) -> bool:
    """Run the tests of faults with their progress, and print figures; tell whether all hold."""
    FIGURES.unlink(missing_ok=True)
    files = [f"tests/faults/{_FILES[kind]}" for kind in arguments.kinds]
    options = [f"--fault-rounds={arguments.rounds}", "--fault-figures"]
    process = subprocess.run([ROOT / "scripts" / "test", *files, *options], check=False)
    figures = [json.loads(line) for line in FIGURES.read_text(encoding="utf-8").splitlines()]
    print(summary(figures))
    if arguments.picture:
        singles = [figure for figure in figures if figure["kind"] == "single"]
        arguments.picture.write_text(draw_matrix(singles), encoding="utf-8")
    return process.returncode == 0


def summary(figures: Sequence[Mapping[str, object]]) -> str:
    """Write a table of what was played, by kind and flow, and how much of it broke something."""
    cases = Counter((str(figure["kind"]), str(figure["flow"])) for figure in figures)
    broken = Counter(
        (str(figure["kind"]), str(figure["flow"]))
        for figure in figures
        if figure.get("broken") or figure.get("green") is False
    )
    lines = [f"{'kind':<14}{'flow':<20}{'cases':>7}{'broken':>8}"]
    lines += [
        f"{kind:<14}{flow:<20}{cases[kind, flow]:>7}{broken[kind, flow]:>8}" for kind, flow in cases
    ]
    for kind in dict.fromkeys(kind for kind, _ in cases):
        counts = [
            sum(counter[key] for key in cases if key[0] == kind) for counter in (cases, broken)
        ]
        lines.append(f"{kind:<14}{'in all':<20}{counts[0]:>7}{counts[1]:>8}")
    lines.append("(one of ten: broken is not green without a rerun)")
    return "\n".join(lines)
