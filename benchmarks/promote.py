"""promote: how many API calls it makes, and how long it takes, after 10,000 commits."""

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.promote_scene import CASES, COMMITS, SINCE, open_scene
from benchmarks.sandbox import serving

_SECONDS_AIM = 60.0


def measure(bench: Bench) -> list[Figure]:
    """Measure calls and wall time; the plans take turns within each round."""
    folder = bench.folder("promote")
    samples = Samples("promote")
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        scene = open_scene(bench, sandbox, folder)
        bench.say(f"promote: a history of {COMMITS:,} commits")
        scene.run("direct")  # makes the action's environment
        for number in range(1, bench.runs + 1):
            for case in CASES:
                run, calls = scene.run(case)
                samples.add(_time_name(case), run.seconds)
                samples.add(_calls_name(case), len(calls))
            bench.say(f"promote: round {number} of {bench.runs}")
    note = f"{COMMITS:,} commits, {SINCE} since the last of {COMMITS // SINCE - 1} promotions"
    return [
        *(samples.figure(_calls_name(case), "calls", note=note) for case in CASES),
        *(samples.figure(_time_name(case), "s", aim=_SECONDS_AIM, note=note) for case in CASES),
    ]


def _calls_name(case: str) -> str:
    return f"API calls, {case}"


def _time_name(case: str) -> str:
    return f"warm {case}"
