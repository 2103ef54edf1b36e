"""Publishing by the root action against twine upload and uv publish, in the same sandbox."""

from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples, Unit
from benchmarks.sandbox import Sandbox, serving
from benchmarks.uploaders import Uploaders, make_image_environment
from benchmarks.wheels import wheel_form, write_wheels

_PART = "publish"
_KIB, _MIB = 1024, 1024 * 1024
_LIMIT_BYTES = 1024 * _MIB
_NOTE = (
    "the root action, twine and uv publish the same wheels with the same API token to the "
    "sandbox's PyPI, which has an older version of the project unless it is said to be new; they "
    "take turns, and ratios are taken round by round; the action checks the wheels, reads the "
    "index before and after, and runs in the environment of requirements/publish.txt, its "
    "modules compiled before, as twine's are; memory is the peak of the largest process"
)


@dataclass(frozen=True)
class _Case:
    """What is published, over which line.

    Attributes:
        aims: The most that figures of the action may be, as multiples of another tool's, by
            measure and tool; None where the multiple is shown without an aim.
    """

    name: str
    count: int
    size_bytes: int
    latency_seconds: float
    new_project: bool
    aims: dict[tuple[str, str], float | None]


_CASES = (
    _Case(
        "20 wheels, 300 ms per request",
        20,
        100 * _KIB,
        0.3,
        new_project=False,
        aims={("time", "twine"): 1 / 3, ("time", "uv"): 1 / 3},
    ),
    _Case(
        "20 wheels of a new project, 300 ms per request",
        20,
        100 * _KIB,
        0.3,
        new_project=True,
        aims={("time", "twine"): None, ("time", "uv"): None},
    ),
    _Case(
        "20 wheels, no latency",
        20,
        100 * _KIB,
        0,
        new_project=False,
        aims={("time", "twine"): 1.0, ("CPU", "twine"): None},
    ),
    _Case(
        "one wheel of 300 MiB",
        1,
        300 * _MIB,
        0,
        new_project=False,
        aims={("time", "twine"): 1.0, ("CPU", "twine"): None, ("memory", "twine"): 1.2},
    ),
)
_UNITS: dict[str, Unit] = {"time": "s", "CPU": "s", "memory": "MiB"}
_RERUN = "identical rerun"


@dataclass(frozen=True)
class _Race:
    """The tools, in turns, before an index that is emptied each time."""

    sandbox: Sandbox
    uploaders: Uploaders
    folder: Path
    samples: Samples

    def dist(self, case: _Case) -> Path:
        """Return the wheels of a case, which are written once."""
        folder = self.folder / case.name.replace(" ", "-") / "dist"
        if not folder.exists():
            write_wheels(folder, "1.0.0", count=case.count, size_bytes=case.size_bytes)
        return folder

    def run_round(self, case: _Case, number: int) -> None:
        """Let every tool publish the case's wheels once; another one begins in each round."""
        names = self.uploaders.names
        start = number % len(names)
        costs = {}
        for name in names[start:] + names[:start]:
            token = self._empty_index(new_project=case.new_project)
            self.sandbox.set_latency(case.latency_seconds)
            cost = self.uploaders.publish(name, self.dist(case), token)
            costs[name] = {
                "time": cost.seconds,
                "CPU": cost.cpu_seconds,
                "memory": cost.peak_bytes / _MIB,
            }
            if name == "action" and not case.new_project:
                self._rerun(case, token)
            self.sandbox.set_latency(0)
        for measure in _UNITS:
            for name in names:
                self.samples.add(f"{case.name}, {measure}, {name}", costs[name][measure])
        for measure, rival in _ratios(case, names):
            ratio = costs["action"][measure] / costs[rival][measure]
            self.samples.add(f"{case.name}, {measure}, action / {rival}", ratio)

    def _rerun(self, case: _Case, token: str) -> None:
        self.sandbox.count_requests()
        self.uploaders.publish("action", self.dist(case), token)
        entries = self.sandbox.control("GET", "requests")
        uploads = sum(entry["method"] != "GET" for entry in entries)
        self.samples.add(f"{_RERUN} of {case.name}, uploads", uploads)
        self.samples.add(f"{_RERUN} of {case.name}, requests to the index", len(entries))

    def _empty_index(self, *, new_project: bool) -> str:
        """Empty the index, give it an older version of the project, and make a token."""
        control = self.sandbox.control
        control("POST", "pypi/pypi/reset", {"everything": True})
        control("PATCH", "pypi/pypi/settings", {"file_size_limit_bytes": _LIMIT_BYTES})
        token = str(control("POST", "pypi/pypi/tokens", {})["token"])
        if not new_project:
            self._upload_older_version(token)
        self.sandbox.count_requests()
        return token

    def _upload_older_version(self, token: str) -> None:
        folder = self.folder / "older"
        if not folder.exists():
            write_wheels(folder, "0.9.0", count=1, size_bytes=_KIB)
        (wheel,) = folder.iterdir()
        with wheel.open("rb") as content:
            requests.post(
                self.uploaders.upload_url,
                data=wheel_form(wheel),
                files={"content": (wheel.name, content)},
                auth=("__token__", token),
                timeout=60,
            ).raise_for_status()


def measure(bench: Bench) -> list[Figure]:
    """Measure every case in turn, after one round that compiles modules and warms caches."""
    folder = bench.folder(_PART)
    python = make_image_environment(bench.toolbox, folder / "environment")
    samples = Samples(_PART)
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        uploaders = Uploaders(sandbox, bench.toolbox, python, folder)
        _Race(sandbox, uploaders, folder, Samples(_PART)).run_round(_CASES[2], 0)
        race = _Race(sandbox, uploaders, folder, samples)
        for number in range(1, bench.runs + 1):
            for case in _CASES:
                race.run_round(case, number)
            bench.say(f"{_PART}: round {number} of {bench.runs}")
        return [figure for case in _CASES for figure in _figures(case, samples, uploaders.names)]


def _figures(case: _Case, samples: Samples, names: list[str]) -> list[Figure]:
    measures = {measure for measure, _ in case.aims} | {"time", "CPU"}
    costs = [
        samples.figure(f"{case.name}, {measure}, {name}", unit, note=_NOTE)
        for measure, unit in _UNITS.items()
        if measure in measures
        for name in names
    ]
    ratios = [
        samples.figure(
            f"{case.name}, {measure}, action / {rival}",
            "ratio",
            aim=case.aims.get((measure, rival)),
        )
        for measure, rival in _ratios(case, names)
    ]
    if case.new_project:
        return [*costs, *ratios]
    rerun = f"{_RERUN} of {case.name}"
    return [
        *costs,
        *ratios,
        samples.figure(f"{rerun}, uploads", "calls", aim=0),
        samples.figure(f"{rerun}, requests to the index", "calls", aim=3),
    ]


def _ratios(case: _Case, names: list[str]) -> list[tuple[str, str]]:
    """List the measures to compare, each with the tool that the action is compared with."""
    return [(measure, rival) for measure, rival in case.aims if rival in names]
