"""auto-tag: how many HTTP calls it makes, and how long it takes, with few and with many tags."""

from collections.abc import Callable

from benchmarks.auto_tag_scene import CASES, Scene, open_scene
from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.sandbox import serving

_FEW, _MANY = 10, 10_000
_LATENCIES_MS = (0, 100)
_CALL_AIMS = {"no-op": 2, "create": 6, "create with installation-id": 5}
_TIME_AIMS = {("no-op", 0): 0.6, ("create", 100): 1.2, ("create with installation-id", 100): 1.2}


def measure(bench: Bench) -> list[Figure]:
    """Measure calls and wall time; the cases take turns within each round."""
    folder = bench.folder("auto-tag")
    samples = Samples("auto-tag")
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        scene = open_scene(bench, sandbox, folder)
        scene.run("no-op")  # makes the action's environment
        for count in (_FEW, _MANY):
            scene.fill_tags(count)
            _measure_rounds(scene, count, samples, bench.runs, bench.say)
    return _figures(samples)


def _measure_rounds(
    scene: Scene, count: int, samples: Samples, runs: int, say: Callable[[str], None]
) -> None:
    for number in range(1, runs + 1):
        for latency_ms in _LATENCIES_MS:
            scene.sandbox.set_latency(latency_ms / 1000)
            for case in CASES:
                run = scene.run(case)
                samples.add(_time_name(case, count, latency_ms), run.seconds)
                samples.add(_calls_name(case, count), scene.sandbox.count_requests())
        say(f"auto-tag: {count:,} tags, round {number} of {runs}")
    scene.sandbox.set_latency(0)


def _figures(samples: Samples) -> list[Figure]:
    sizes = (_FEW, _MANY)
    calls = [
        samples.figure(_calls_name(case, count), "calls", aim=_CALL_AIMS[case])
        for case in CASES
        for count in sizes
    ]
    times = [
        samples.figure(
            _time_name(case, count, latency_ms), "s", aim=_TIME_AIMS.get((case, latency_ms))
        )
        for case in CASES
        for latency_ms in _LATENCIES_MS
        for count in sizes
    ]
    return [*calls, *times]


def _calls_name(case: str, count: int) -> str:
    return f"HTTP calls, {case}, {count:,} tags"


def _time_name(case: str, count: int, latency_ms: int) -> str:
    return f"warm {case}, {latency_ms} ms per request, {count:,} tags"
