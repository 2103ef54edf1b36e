"""A project of many wheels through collect, publish, and both again by carrying."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.action import Job, runner_variables
from benchmarks.action_release import identity_variables, publishing_inputs, register_job
from benchmarks.bench import Bench
from benchmarks.bytes_alone import move_bytes
from benchmarks.figures import Figure, Samples
from benchmarks.sandbox import Sandbox, serving
from benchmarks.versions_to_release import Tagged, tag_next_version
from benchmarks.wheels import write_wheels

_PART = "binary-wheels"
_PROJECT = "eigenoid-sample"
_WHEELS, _MIB_EACH = 40, 4
_AIM = 1.2
_NOTE = (
    f"{_WHEELS} wheels of {_MIB_EACH} MiB and an sdist, in the sandbox on this machine: collected "
    "and published in dev, carried and published in qa, each phase in a process of its own; the "
    "bytes alone are the same uploads and downloads by plain requests, eight at a time; the ratio "
    "is taken round by round"
)
_ACTION, _BYTES, _RATIO = "action, all phases", "the bytes alone", "action / the bytes alone"


@dataclass(frozen=True)
class _Race:
    bench: Bench
    sandbox: Sandbox
    folder: Path

    def run_round(self, number: int) -> dict[str, float]:
        """Release one version by the action, and move the bytes of another."""
        tagged = tag_next_version(self.sandbox, self.folder / str(number), number)
        built, others = tagged.folder / "built", tagged.folder / "others"
        for wheels, version in ((built, tagged.version), (others, f"2.0.{number}")):
            size = _MIB_EACH * 1024 * 1024
            write_wheels(wheels, version, count=_WHEELS, size_bytes=size, project=_PROJECT)
        times = {}
        for way in ("action", "bytes") if number % 2 else ("bytes", "action"):
            if way == "action":
                steps = self._release(tagged, built)
                times[_ACTION] = sum(steps.values())
            else:
                files = sorted(others.iterdir())
                fetched = tagged.folder / "fetched"
                steps = move_bytes(self.sandbox, files, _PROJECT, tagged.tag, fetched)
                times[_BYTES] = sum(steps.values())
            times |= {f"{way}, {step}": seconds for step, seconds in steps.items()}
        times[_RATIO] = times[_ACTION] / times[_BYTES]
        shutil.rmtree(tagged.folder)
        return times

    def _release(self, tagged: Tagged, built: Path) -> dict[str, float]:
        dist = tagged.checkout / "dist"
        self._phase(tagged, "dev", {"phase": "build", "distributions": "sdist"})
        (sdist,) = dist.iterdir()
        (dist / "dist-sdist").mkdir()
        sdist.rename(dist / "dist-sdist" / sdist.name)
        built.rename(dist / "dist-wheels")
        times = self._pass(tagged, "dev")
        git, version = self.sandbox.git, tagged.version
        git("tag", "--annotate", "--message", "qa", f"v{version}-qa", tagged.sha)
        git("update-ref", "refs/heads/qa", tagged.sha)
        shutil.rmtree(dist)
        return times | self._pass(tagged, "qa")

    def _pass(self, tagged: Tagged, environment: str) -> dict[str, float]:
        """Collect and publish in an environment; where files are carried, collect fetches them."""
        collected, digest = self._phase(tagged, environment, {"phase": "collect"})
        inputs = {
            "phase": "publish",
            "manifest-sha256": digest,
            **publishing_inputs(self.sandbox, environment),
        }
        published, _ = self._phase(tagged, environment, inputs)
        return {f"collect in {environment}": collected, f"publish in {environment}": published}

    def _phase(self, tagged: Tagged, environment: str, inputs: dict[str, str]) -> tuple[float, str]:
        """Run a phase; return its seconds, and the digest of the manifest that it wrote."""
        ref = f"refs/tags/v{tagged.version}-{environment}"
        credentials = register_job(self.sandbox, ref, tagged.sha)
        variables = runner_variables(self.sandbox, ref, tagged.sha, tagged.folder)
        toolbox = self.bench.toolbox
        job = Job(toolbox, tagged.folder, self.bench.tool_cache, tagged.checkout, variables)
        run = job.run(
            "release",
            {"package-path": ".", "dist": "dist", "github-token": credentials["token"], **inputs},
            **identity_variables(credentials, environment),
        )
        return run.seconds, run.outputs.get("manifest-sha256", "")


def measure(bench: Bench) -> list[Figure]:
    """Measure the action and the bytes in turn, after one round that warms the caches."""
    folder = bench.folder(_PART)
    samples = Samples(_PART)
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        race = _Race(bench, sandbox, folder)
        race.run_round(0)
        bench.say(f"{_PART}: caches are warm")
        for number in range(1, bench.runs + 1):
            for name, seconds in race.run_round(number).items():
                samples.add(name, seconds)
            bench.say(f"{_PART}: round {number} of {bench.runs}")
    steps = [name for name in samples.names() if ", " in name and name != _ACTION]
    return [
        *(samples.figure(name, "s") for name in sorted(steps)),
        samples.figure(_ACTION, "s", note=_NOTE),
        samples.figure(_BYTES, "s"),
        samples.figure(_RATIO, "ratio", aim=_AIM),
    ]
