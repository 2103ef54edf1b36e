"""How long a run takes whose environment is not there yet, by pip and by uv; and a warm one."""

import dataclasses
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.auto_tag_scene import Scene, open_scene
from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.sandbox import serving

_PART = "start-up"
_NOTE = (
    "a whole run of auto-tag that finds its tag, at 0 ms per request; cold: the tool cache is "
    "empty, and no module of the locked packages is compiled; downloads cached: pip or uv has "
    "fetched the packages before, as on a runner of one's own"
)
_COLD_AIMS = {"pip": 4.0, "uv": 1.5}


@dataclass(frozen=True)
class _Case:
    """One way to start cold.

    Attributes:
        installer: `pip`, with uv hidden, or `uv`.
        fetched: Whether the packages are in the installer's own cache.
    """

    installer: str
    fetched: bool

    @property
    def name(self) -> str:
        """Name the case for the report."""
        return f"cold, {self.installer}, downloads {'' if self.fetched else 'not '}cached"


def measure(bench: Bench) -> list[Figure]:
    """Measure every way to start in turn, several times."""
    folder = bench.folder(_PART)
    samples = Samples(_PART)
    installers = ["pip", "uv"] if bench.toolbox.has_uv else ["pip"]
    cases = [_Case(name, fetched) for name in installers for fetched in (True, False)]
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        scene = open_scene(bench, sandbox, folder)
        scene.run("no-op")
        for case in cases:
            if case.fetched:
                _run_cold(scene, folder, case)  # fills the installer's cache
        for number in range(1, bench.runs + 1):
            samples.add("warm", scene.run("no-op").seconds)
            for case in cases:
                samples.add(case.name, _run_cold(scene, folder, case))
            bench.say(f"{_PART}: round {number} of {bench.runs}")
    return [
        samples.figure("warm", "s", note=_NOTE),
        *(samples.figure(case.name, "s", aim=_COLD_AIMS[case.installer]) for case in cases),
    ]


def _run_cold(scene: Scene, folder: Path, case: _Case) -> float:
    tool_cache, no_downloads = folder / "cold-tool-cache", folder / "cold-downloads"
    downloads = folder / f"downloads-{case.installer}" if case.fetched else no_downloads
    job = dataclasses.replace(scene.job, tool_cache=tool_cache, uv=case.installer == "uv")
    caches = {"PIP_CACHE_DIR": str(downloads), "UV_CACHE_DIR": str(downloads)}
    try:
        return scene.run("no-op", job, **caches).seconds
    finally:
        shutil.rmtree(tool_cache, ignore_errors=True)
        shutil.rmtree(no_downloads, ignore_errors=True)
