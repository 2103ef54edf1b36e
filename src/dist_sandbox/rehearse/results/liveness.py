"""Show that long steps are still running."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.text import Text

from dist_actions.printable import printable

#: How often a pipe gets a line, and which steps it names: those that have run for so long.
_SECONDS = 10


@dataclass
class RunningSteps:
    """The stages and the steps of jobs that are running, with the time at which each began."""

    clock: Callable[[], float] = time.monotonic
    _began: dict[tuple[str, str], float] = field(default_factory=dict)

    def begin(self, stage_or_job: str, step: str = "") -> None:
        """Note that a stage began, or a step of a job."""
        self._began[stage_or_job, step] = self.clock()

    def end(self, stage_or_job: str, step: str = "") -> None:
        """Note that a stage ended, or a step of a job, or a job with all of its steps."""
        for key in list(self._began):
            if key[0] == stage_or_job and step in ("", key[1]):
                self._began.pop(key, None)

    def describe(self, least_seconds: float = 0) -> str:
        """Name what has run for at least this long, with the seconds."""
        now = self.clock()
        return ", ".join(
            f"{' / '.join(filter(None, key))} {now - since:.0f} s"
            for key, since in list(self._began.items())
            if now - since >= least_seconds
        )


class Liveness:
    """A line at the end of a terminal that changes; on a pipe a line every few seconds."""

    def __init__(self, console: Console, steps: RunningSteps) -> None:
        self._console, self._steps = console, steps
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._print_lines, name="liveness", daemon=True)
        self._live = Live(self, console=console, transient=True, auto_refresh=True)

    def __rich__(self) -> Text:
        return Text(f"… {printable(self._steps.describe())}", style="dim", overflow="ellipsis")

    def __enter__(self) -> None:
        if self._console.is_terminal:
            self._live.start()
        else:
            self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._live.stop()

    def _print_lines(self) -> None:
        while not self._ended.wait(_SECONDS):
            if text := self._steps.describe(_SECONDS):
                self._console.print(Text(f"  … {printable(text)}"))
