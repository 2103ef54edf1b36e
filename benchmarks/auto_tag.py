"""auto-tag: how many HTTP calls it makes, and how long it takes, with few and with many tags."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.action import ActionRun, Job, app_inputs, runner_variables
from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.sandbox import Sandbox, serving

_BOT = "automation-bot"
_FEW, _MANY = 10, 10_000
_LATENCIES_MS = (0, 100)
_CASES = ("no-op", "create", "create with installation-id")
_CALL_AIMS = {"no-op": 2, "create": 6, "create with installation-id": 5}
_TIME_AIMS = {("no-op", 0): 0.6, ("create", 100): 1.2, ("create with installation-id", 100): 1.2}


@dataclass(frozen=True)
class _Scene:
    """A repository whose branch dev waits to be tagged."""

    sandbox: Sandbox
    job: Job
    sha: str
    tag: str

    def run(self, case: str) -> ActionRun:
        """Run the action so that it does what the case says.

        Raises:
            RuntimeError: It did something else.
        """
        self._set_tag(exists=case == "no-op")
        inputs = {"github-token": self.sandbox.ready["job_token"], "package-path": "."}
        inputs |= app_inputs(self.sandbox, _BOT)
        if case == "create with installation-id":
            inputs["installation-id"] = str(self.sandbox.app(_BOT)["installation_id"])
        self.sandbox.count_requests()
        done = self.job.run("auto-tag", inputs)
        reason = done.outputs["reason"]
        if reason != ("exists-same" if case == "no-op" else "created"):
            raise RuntimeError(f"auto-tag was to {case}, but its reason is {reason}")
        return done

    def fill_tags(self, count: int) -> None:
        """Add tags of older versions, all of them in one file, until there are `count`."""
        updates = [f"create refs/tags/v0.0.{number}-dev {self.sha}\n" for number in range(count)]
        present = len(self.sandbox.git("tag", "--list", "v0.0.*").split())
        self.sandbox.git("update-ref", "--stdin", stdin="".join(updates[present:]))
        self.sandbox.git("pack-refs", "--all")

    def _set_tag(self, *, exists: bool) -> None:
        if self.sandbox.git("tag", "--list", self.tag):
            self.sandbox.git("tag", "--delete", self.tag)
        if exists:
            self.sandbox.git("tag", "--annotate", "--message", self.tag, self.tag, self.sha)


def measure(bench: Bench) -> list[Figure]:
    """Measure calls and wall time; the cases take turns within each round."""
    folder = bench.folder("auto-tag")
    samples = Samples("auto-tag")
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        scene = _open_scene(bench, sandbox, folder)
        scene.run("no-op")  # makes the action's environment
        for count in (_FEW, _MANY):
            scene.fill_tags(count)
            _measure_rounds(scene, count, samples, bench.runs, bench.say)
    return _figures(samples)


def _open_scene(bench: Bench, sandbox: Sandbox, folder: Path) -> _Scene:
    checkout = folder / "checkout"
    sandbox.clone(checkout)
    sha = sandbox.git("rev-parse", "HEAD", cwd=checkout)
    variables = runner_variables(sandbox, "refs/heads/dev", sha, folder)
    job = Job(bench.toolbox, folder, bench.tool_cache, checkout, variables)
    return _Scene(sandbox, job, sha, f"v{bench.sample_version()}-dev")


def _measure_rounds(
    scene: _Scene, count: int, samples: Samples, runs: int, say: Callable[[str], None]
) -> None:
    for number in range(1, runs + 1):
        for latency_ms in _LATENCIES_MS:
            scene.sandbox.set_latency(latency_ms / 1000)
            for case in _CASES:
                done = scene.run(case)
                samples.add(_time_name(case, count, latency_ms), done.seconds)
                samples.add(_calls_name(case, count), scene.sandbox.count_requests())
        say(f"auto-tag: {count:,} tags, round {number} of {runs}")
    scene.sandbox.set_latency(0)


def _figures(samples: Samples) -> list[Figure]:
    sizes = (_FEW, _MANY)
    calls = [
        samples.figure(_calls_name(case, count), "calls", aim=_CALL_AIMS[case])
        for case in _CASES
        for count in sizes
    ]
    times = [
        samples.figure(
            _time_name(case, count, latency_ms), "s", aim=_TIME_AIMS.get((case, latency_ms))
        )
        for case in _CASES
        for latency_ms in _LATENCIES_MS
        for count in sizes
    ]
    return [*calls, *times]


def _calls_name(case: str, count: int) -> str:
    return f"HTTP calls, {case}, {count:,} tags"


def _time_name(case: str, count: int, latency_ms: int) -> str:
    return f"warm {case}, {latency_ms} ms per request, {count:,} tags"
