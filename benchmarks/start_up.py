"""How long a run takes whose environment is not there yet, by pip and by uv; and a warm one."""

import dataclasses
import shutil
from pathlib import Path

from benchmarks.auto_tag_scene import Scene, open_scene
from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.sandbox import serving

_PART = "start-up"
_NOTE = (
    "a whole run of auto-tag that finds its tag, at 0 ms per request; cold: there is no "
    "environment, nothing is downloaded, and no module of the locked packages is compiled"
)
#: Seconds by installer; with pip, uv is hidden.
_COLD_AIMS = {"pip": 2.0, "uv": 1.2}


def measure(bench: Bench) -> list[Figure]:
    """Measure every way to start in turn, several times."""
    folder = bench.folder(_PART)
    samples = Samples(_PART)
    installers = list(_COLD_AIMS) if bench.toolbox.has_uv else ["pip"]
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        scene = open_scene(bench, sandbox, folder)
        scene.run("no-op")
        for number in range(1, bench.runs + 1):
            samples.add("warm", scene.run("no-op").seconds)
            for installer in installers:
                for case in ("no-op", "create"):
                    samples.add(_name(installer, case), _run_cold(scene, folder, installer, case))
            bench.say(f"{_PART}: round {number} of {bench.runs}")
    return [
        samples.figure("warm", "s", note=_NOTE),
        *(
            samples.figure(_name(installer, "no-op"), "s", aim=_COLD_AIMS[installer])
            for installer in installers
        ),
        *(samples.figure(_name(installer, "create"), "s") for installer in installers),
    ]


def _name(installer: str, case: str) -> str:
    more = "" if case == "no-op" else f", {case}"
    return f"cold, {installer}, downloads not cached{more}"


def _run_cold(scene: Scene, folder: Path, installer: str, case: str) -> float:
    tool_cache = folder / "cold-tool-cache"
    job = dataclasses.replace(scene.job, tool_cache=tool_cache, uv=installer == "uv")
    try:
        return scene.run(case, job).seconds
    finally:
        shutil.rmtree(tool_cache, ignore_errors=True)
