"""Run a command and tell what it cost: `python -I -S measured_process.py REPORT COMMAND…`.

It is a program of its own, with few imports: a process that is started by a large one begins with
that one's peak memory as its own.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_KIB = 1024


@dataclass(frozen=True)
class Cost:
    """What a command and its children cost.

    Attributes:
        seconds: From its start to its end.
        cpu_seconds: User and system time together.
        peak_bytes: Memory of the largest of its processes, at its peak.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure_command(
    command: Sequence[object], environ: Mapping[str, str], *, cwd: Path, report: Path
) -> tuple[Cost, str]:
    """Run a command of strings and paths, and return its cost and what it printed.

    Raises:
        subprocess.CalledProcessError: Its exit status is not 0; the error holds the output.
    """
    process = subprocess.run(
        [sys.executable, "-I", "-S", __file__, report, *map(str, command)],
        env=dict(environ),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=True,
    )
    return Cost(**json.loads(report.read_text(encoding="utf-8"))), process.stdout


def main(arguments: Sequence[str]) -> int:
    """Run the command, write the report, and return the command's exit status."""
    report, *command = arguments
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    unit = 1 if sys.platform == "darwin" else _KIB
    cost = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * unit,
    }
    Path(report).write_text(json.dumps(cost), encoding="utf-8")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
