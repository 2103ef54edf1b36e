"""The command behind `scripts/bench`."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    auto_tag,
    binary_wheels,
    dependencies,
    promote,
    publish,
    release,
    size,
    start_up,
    status,
)
from benchmarks.action import ROOT
from benchmarks.bench import Bench
from benchmarks.figures import Figure
from benchmarks.report import write_reports
from benchmarks.toolbox import Toolbox

_PARTS: dict[str, Callable[[Bench], list[Figure]]] = {
    "size": size.measure,
    "auto-tag": auto_tag.measure,
    "start-up": start_up.measure,
    "release": release.measure,
    "publish": publish.measure,
    "binary-wheels": binary_wheels.measure,
    "promote": promote.measure,
    "dependencies": dependencies.measure,
    "status": status.measure,
}
_RUNS, _QUICK_RUNS = 7, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the parts, write the reports, and say which aims are missed.

    Returns:
        0 where every aim is met, else 1.
    """
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="NAME", help=f"of {', '.join(_PARTS)}; all")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK_RUNS} runs, not {_RUNS}")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench")
    arguments = parser.parse_args(argv)
    unknown = [name for name in arguments.parts if name not in _PARTS]
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(_PARTS)}")
    figures = _measure(arguments.parts or list(_PARTS), quick=arguments.quick)
    print(write_reports(figures, arguments.output, quick=arguments.quick))
    misses = [figure for figure in figures if figure.met is False]
    for figure in misses:
        print(f"missed: {figure.part}: {figure.name}", file=sys.stderr)
    return 1 if misses else 0


def _measure(parts: Sequence[str], *, quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="dist-actions-bench-") as scratch:
        folder = Path(scratch)
        bench = Bench(
            scratch=folder,
            toolbox=Toolbox.create(folder),
            runs=_QUICK_RUNS if quick else _RUNS,
            tool_cache=folder / "tool-cache",
        )
        return [figure for name in parts for figure in _PARTS[name](bench)]


if __name__ == "__main__":
    sys.exit(main())
