"""How long an action takes to start: with its environment there, and without, by pip and by uv."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.action import Job
from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples

_PART = "start-up"
_NOTE = (
    "a push that needs no tag, so nothing but the start is measured; cold: an empty tool cache; "
    "downloads cached: pip or uv has fetched the packages before, as on a runner of one's own"
)
_COLD_AIMS = {"pip": 4.0, "uv": 1.5}
#: An event that auto-tag has nothing to do for.
_IDLE_PUSH = {
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": "refs/tags/v0.0.1",
    "GITHUB_REPOSITORY": "owner/name",
}


@dataclass(frozen=True)
class _Case:
    """One way to start.

    Attributes:
        installer: `pip`, with uv hidden, or `uv`.
        fetched: Whether the packages are in the installer's own cache.
    """

    installer: str
    fetched: bool

    @property
    def name(self) -> str:
        """For the report."""
        return f"cold, {self.installer}, downloads {'' if self.fetched else 'not '}cached"


def measure(bench: Bench) -> list[Figure]:
    """Measure every way to start in turn, several times."""
    folder = bench.folder(_PART)
    samples = Samples(_PART)
    installers = ["pip", "uv"] if bench.toolbox.has_uv else ["pip"]
    cases = [_Case(name, fetched) for name in installers for fetched in (True, False)]
    for case in cases:
        if case.fetched:
            _start(bench, folder, case, bench.tool_cache)  # fills the installer's cache
    for number in range(1, bench.runs + 1):
        samples.add("warm", _start(bench, folder, cases[0], bench.tool_cache))
        for case in cases:
            samples.add(case.name, _start_cold(bench, folder, case))
        bench.say(f"{_PART}: round {number} of {bench.runs}")
    return [
        samples.figure("warm", "s", note=_NOTE),
        *(samples.figure(case.name, "s", aim=_COLD_AIMS[case.installer]) for case in cases),
    ]


def _start_cold(bench: Bench, folder: Path, case: _Case) -> float:
    cache = folder / "cold-tool-cache"
    try:
        return _start(bench, folder, case, cache)
    finally:
        shutil.rmtree(cache, ignore_errors=True)
        shutil.rmtree(folder / "cold-downloads", ignore_errors=True)


def _start(bench: Bench, folder: Path, case: _Case, tool_cache: Path) -> float:
    downloads = folder / (f"downloads-{case.installer}" if case.fetched else "cold-downloads")
    job = Job(bench.toolbox, folder, tool_cache, folder, _IDLE_PUSH, uv=case.installer == "uv")
    done = job.run(
        "auto-tag",
        {"github-token": "none", "package-path": "."},
        PIP_CACHE_DIR=str(downloads),
        UV_CACHE_DIR=str(downloads),
    )
    if done.outputs["reason"] != "not-a-push":
        raise RuntimeError(f"auto-tag was to do nothing, but {done.outputs['reason']}")
    return done.seconds
