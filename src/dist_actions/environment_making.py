"""Makes the locked environment of a stage; imported only where it does not stand yet.

Like `bootstrap`, it uses the standard library alone.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dist_actions.bootstrap import COMPLETE


def ensure_environment(environment: Path, lock: Path) -> bool:
    """Make an environment; of several jobs at once, one makes it and the others wait.

    Args:
        environment: Where it is to stand.
        lock: The requirements with their hashes.

    Returns:
        Whether it stands; where it does not, the log says why.
    """
    try:
        environment.parent.mkdir(parents=True, exist_ok=True)
        # The system ends the claim of a job that was killed.
        with environment.with_suffix(".claim").open("w") as claim:
            fcntl.flock(claim, fcntl.LOCK_EX)
            if not (environment / COMPLETE).is_file():
                _make(environment, lock)
    except (OSError, subprocess.CalledProcessError) as error:
        _report_failure(error)
        return False
    return True


def _make(environment: Path, lock: Path) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    uv = shutil.which("uv")
    python = str(environment / "bin" / "python")
    base = getattr(sys, "_base_executable", sys.executable)
    if uv:
        _run([uv, "venv", "--quiet", "--no-project", "--python", base, str(environment)])
        install = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        _run([base, "-I", "-m", "venv", "--without-pip", str(environment)])
        install = [
            *[base, "-I", "-m", "pip", "--python", python, "install", "--quiet"],
            *["--no-compile", "--disable-pip-version-check", "--no-input"],
        ]
    _run([*install, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)])
    (environment / COMPLETE).touch()


def _run(command: list[str]) -> None:
    """Run an installer; it needs no input of this action, so it gets none."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("INPUT_")}
    subprocess.run(
        command,
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def _report_failure(error: Exception) -> None:
    output = getattr(error, "output", None) or str(error)
    for line in output.replace("##[", "## [").splitlines():
        print(f"| {line}")
    print(
        "::error title=dist-actions::The action's environment could not be made. Why: the package "
        "index did not answer, or this Python has no pip. Fix: run the job again; on a runner of "
        "your own, install python3-venv and python3-pip, or uv."
    )
