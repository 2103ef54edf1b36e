"""Run a module of ours in a process of its own, which can be ended whatever it does.

What it starts belongs to the same process group, and is ended with it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_SOURCE = str(Path(__file__).resolve().parents[3])
#: Isolated mode knows neither the workspace nor `PYTHONPATH`, so our own place is told.
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from importlib import import_module; "
    "sys.exit(import_module(sys.argv.pop(1)).main(sys.argv[1:]))"
)
#: In bytes. What a process prints beyond that is left out of the log.
_LIMIT_OUTPUT = 1_000_000


def run_module(
    module: str,
    *arguments: str,
    stdin: str = "",
    environ: Mapping[str, str],
    timeout_seconds: float,
) -> str:
    """Run `main(arguments)` of a module of ours and return the end of what it printed.

    It runs in an empty folder: nothing that lies in the workspace can be imported by mistake.

    Raises:
        TimeoutError: It did not end in time; it is ended, with all that it started.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dist-actions-") as empty,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as input_file,
    ):
        input_file.write(stdin.encode())
        input_file.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, _SOURCE, module, *arguments],
            cwd=empty,
            env=dict(environ),
            stdin=input_file,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(timeout_seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{module} took more than {timeout_seconds:g} s") from error
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - _LIMIT_OUTPUT))
        return output.read().decode("utf-8", errors="replace")
