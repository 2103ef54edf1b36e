"""What every part of the benchmark uses."""

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.action import ROOT
from benchmarks.toolbox import Toolbox


@dataclass(frozen=True)
class Bench:
    """One run of the benchmark.

    Attributes:
        scratch: A folder that is removed at the end.
        runs: How often each figure is measured.
        tool_cache: The tool cache of warm runs.
        started: When the benchmark started, monotonic seconds.
    """

    scratch: Path
    toolbox: Toolbox
    runs: int
    tool_cache: Path
    started: float = field(default_factory=time.monotonic)

    @property
    def sample(self) -> Path:
        """Return the reference package."""
        return ROOT / "examples" / "eigenoid-sample"

    def sample_version(self) -> str:
        """Read the reference package's version, from its pyproject.toml."""
        return read_version(self.sample)

    def folder(self, name: str) -> Path:
        """Make a folder for one part."""
        folder = self.scratch / name
        folder.mkdir()
        return folder

    def say(self, text: str) -> None:
        """Show progress."""
        print(f"[{time.monotonic() - self.started:5.0f} s] {text}", file=sys.stderr, flush=True)


def read_version(project: Path) -> str:
    """Read the line `version = "…"` of a project's pyproject.toml."""
    lines = Path(project, "pyproject.toml").read_text(encoding="utf-8").splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version = "))
