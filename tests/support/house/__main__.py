"""Print how the house stands: every figure with its aim, and where it is missed.

python -m support.house [--places]
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support.house import layout, words
from support.house.modules import find_circles
from support.paths import ROOT, SOURCE


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
        value: As it is shown.
        met: Whether the aim is met.
        places: Where it is not as it should be.
    """

    subject: str
    value: str
    aim: str
    met: bool
    places: Sequence[str] = ()


def measure() -> Iterator[Figure]:
    """Measure everything that has an aim."""
    root_files = layout.count_root_files()
    yield Figure(
        "files in the root of dist_actions", str(root_files), "at most 10", root_files <= 10
    )
    folder, files = layout.find_fullest_folder()
    yield Figure("files in the fullest folder", f"{files} ({folder})", "at most 16", files <= 16)
    for subject, places in (
        ("import circles", [", ".join(circle) for circle in find_circles()]),
        ("imports of the sandbox by the engine", layout.find_sandbox_imports()),
        ("stages that reach into another stage", layout.find_stage_reaches()),
        ("services that reach another service or a stage", layout.find_service_reaches()),
        ("pure modules that reach a service or the world", layout.find_impure_reaches()),
    ):
        yield Figure(subject, str(len(places)), "none", not places, places)
    names = words.find_empty_names()
    value = f"{names.percent:.1f} % of {names.total}"
    yield Figure("names that say nothing", value, "at most 1 %", names.percent <= 1, names.places)
    docstrings = words.find_docstrings_without_verb()
    value = f"{100 - docstrings.percent:.1f} % of {docstrings.total}"
    met = docstrings.percent <= 5
    subject = "public docstrings that open with a verb"
    yield Figure(subject, value, "at least 95 %", met, docstrings.places)
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in SOURCE.rglob("*.py"))
    yield Figure("lines under src", f"{lines:,}", "at most 86,000", lines <= 86_000)
    flat = sorted(path.name for path in (ROOT / "tests").glob("*.py") if path.name != "conftest.py")
    yield Figure("helper modules flat in tests/", str(len(flat)), "none", not flat, flat)


def main(arguments: Sequence[str]) -> int:
    """Print the table, with `--places` each place too; exit with 1 where an aim is missed."""
    figures = list(measure())
    for figure in figures:
        print(
            f"{'met' if figure.met else 'MISSED':7} {figure.subject}: {figure.value} ({figure.aim})"
        )
        if "--places" in arguments:
            print(*(f"          {place}" for place in figure.places), sep="\n")
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
