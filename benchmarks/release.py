"""A release from tag to installable, by phase, against the plain way, in the same harness."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.action_release import PHASES, release_by_action
from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.plain_release import release_plainly
from benchmarks.sandbox import Sandbox, serving
from benchmarks.versions_to_release import require_installable, tag_next_version

_PART = "release"
_AIM = 0.6
_NOTE = (
    "tag to installable; both ways start from a checkout of the tag and end when the index has "
    "the files; installing them with pip, which proves it, is timed apart; pip's cache and the "
    "tool cache are warm, uv is hidden; the ratio is taken pair by pair"
)
#: The plain way's index: another one than the action's, because both release the same version.
_ACTION_INDEX, _PLAIN_INDEX = "dev", "qa"
_ACTION, _PLAIN, _RATIO = "action, all phases", "plain way, all steps", "action / plain way"
_INSTALL = "pip install from the index"


@dataclass(frozen=True)
class _Race:
    """Both ways, in turns."""

    bench: Bench
    sandbox: Sandbox
    folder: Path

    def run_round(self, number: int) -> dict[str, float]:
        """Release one new version in both ways; each way goes first in every other round."""
        tagged = tag_next_version(self.sandbox, self.folder / str(number), number)
        times: dict[str, float] = {}
        downloads = self.folder / "downloads"
        for way in ("action", "plain") if number % 2 else ("plain", "action"):
            if way == "action":
                steps = release_by_action(
                    self.sandbox,
                    tagged,
                    _ACTION_INDEX,
                    self.bench.toolbox,
                    tool_cache=self.bench.tool_cache,
                    downloads=downloads,
                )
                total = _ACTION
            else:
                steps = release_plainly(
                    self.sandbox, tagged, _PLAIN_INDEX, self.bench.toolbox, downloads
                )
                total = _PLAIN
            times |= {f"{way}, {step}": seconds for step, seconds in steps.items()}
            times[total] = sum(steps.values())
        for index in (_ACTION_INDEX, _PLAIN_INDEX):
            times[_INSTALL] = require_installable(
                self.sandbox, index, tagged.version, self.bench.toolbox, tagged.folder
            )
        times[_RATIO] = times[_ACTION] / times[_PLAIN]
        return times


def measure(bench: Bench) -> list[Figure]:
    """Measure both ways in turn, after one round that warms the caches."""
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
    phases = [samples.figure(f"action, {phase}", "s") for phase in PHASES]
    steps = [samples.figure(name, "s") for name in samples.names() if name.startswith("plain, ")]
    return [
        *phases,
        samples.figure(_ACTION, "s", note=_NOTE),
        *steps,
        samples.figure(_PLAIN, "s"),
        samples.figure(_INSTALL, "s"),
        samples.figure(_RATIO, "ratio", aim=_AIM),
    ]
