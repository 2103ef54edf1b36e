"""Runs of actions that need not load Python and their libraries anew.

The first run of an action in a session starts its entrypoint as the runner does. The next ones are
forked from a process that has loaded what that entrypoint loads (`warm_stage_server.py`), which
takes a third of the time. Where a test sets what a process reads at its start, such as another
Python, another cache or variables of Python itself, the entrypoint is started, too.
"""

import contextlib
import fcntl
import io
import json
import os
import re
import select
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_actions.locked_environment.place import (
    environment_folders,
    plan_environment,
    python_of,
    stands,
)
from support.paths import ROOT

#: What a process reads when it starts, so that a loaded one would not see it.
_READ_AT_START = re.compile(
    r"PATH|RUNNER_TOOL_CACHE|RUNNER_ENVIRONMENT|TZ|LANG|LC_.*|LD_.*|PYTHON.*", re.ASCII
)
_START_SECONDS = 60
#: What a run may print before anybody reads it; masks of long tokens alone fill a common pipe.
PIPE_BYTES = 1 << 20


@dataclass
class ForkedRun:
    """A run's process, with the part of `subprocess.Popen` that tests use.

    Attributes:
        peak_bytes: The most memory that it and its children had.
    """

    pid: int
    _connection: socket.socket = field(repr=False)
    _output: int = field(repr=False)
    returncode: int | None = None
    peak_bytes: int = 0

    def communicate(self, timeout: float) -> tuple[str, None]:
        """Wait for the end, and return what was printed.

        Raises:
            subprocess.TimeoutExpired: It did not end in time.
        """
        deadline = time.monotonic() + timeout
        parts: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            while not parts or parts[-1]:
                if not selector.select(max(deadline - time.monotonic(), 0)):
                    raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
                parts.append(os.read(self._output, 1 << 16))
        os.close(self._output)
        with self._connection, self._connection.makefile("rb") as stream:
            self.returncode, peak_kib = map(int, stream.readline().split())
            self.peak_bytes = peak_kib * 1024
        text = b"".join(parts).decode("utf-8", "surrogateescape")
        return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True), None

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def kill_all(self) -> None:
        """Kill it and its children, as a machine that breaks down does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def has_ended(self) -> bool:
        """Tell whether it has come to its end."""
        return bool(select.select([self._connection], [], [], 0)[0])


class WarmStage:
    """One action's loaded process."""

    def __init__(
        self, action: str, python: str, entrypoint: str, environ: Mapping[str, str]
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="warm-"))
        self._address = str(self._folder / "socket")
        server = Path(__file__).with_name("warm_stage_server.py")
        arguments = [str(ROOT / "src"), action, entrypoint, self._address]
        self._process = subprocess.Popen(
            [python, "-I", str(server), *arguments],
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", f"{action} cannot be loaded"

    def start(
        self, folder: Path, variables: Mapping[str, str], clock: Mapping[str, object] | None = None
    ) -> ForkedRun:
        """Start a run with these variables in a folder; without a clock it has the machine's."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_START_SECONDS)
        connection.connect(self._address)
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        socket.send_fds(connection, [b"\n"], [writing])
        os.close(writing)
        request = {"folder": str(folder), "variables": dict(variables), "clock": clock}
        connection.sendall(json.dumps(request).encode("ascii"))
        connection.shutdown(socket.SHUT_WR)
        process_id = b""
        while not process_id.endswith(b"\n"):
            process_id += connection.recv(1)
        return ForkedRun(int(process_id), connection, reading)

    def close(self) -> None:
        """End the process; runs that are under way go on."""
        self._process.communicate(timeout=_START_SECONDS)
        shutil.rmtree(self._folder)


@dataclass
class WarmStages:
    """The loaded processes of a session, by action."""

    tool_cache: Path
    _stages: dict[str, WarmStage] = field(default_factory=dict)
    _started: set[str] = field(default_factory=set)

    def find(
        self, action: str, python: str, variables: Mapping[str, str], changed: Mapping[str, str]
    ) -> WarmStage | None:
        """Find the loaded process for a run; None where it has to start its entrypoint.

        Args:
            action: Name of the action.
            python: The interpreter that the runner would start.
            variables: All variables of the run.
            changed: Those that the test has set itself.
        """
        first, starts = action not in self._started, map(_READ_AT_START.fullmatch, changed)
        self._started.add(action)
        if first or python != sys.executable or any(starts) or "\0" in "".join(variables.values()):
            return None
        if action not in self._stages:
            interpreter, entrypoint = python, ROOT / action / "main.py"
            if entrypoint.is_file():
                (folder,) = environment_folders({"RUNNER_TEMP": str(self.tool_cache)})
                environment = folder / plan_environment(action.replace("-", "_"), {}).name
                if not stands(environment):
                    return None
                interpreter = str(python_of(environment))
            entry = str(entrypoint) if entrypoint.is_file() else ""
            start_variables = {name: variables[name] for name in ("PATH", "LANG")}
            self._stages[action] = WarmStage(action, interpreter, entry, start_variables)
        return self._stages[action]

    def close(self) -> None:
        """End all of them."""
        for stage in self._stages.values():
            stage.close()
