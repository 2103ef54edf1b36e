"""Starts an action: makes its locked environment once, and runs the stage inside it.

It is what `main.py` of each action imports, so it uses the standard library alone, and nothing of
the user's workspace: the interpreter runs isolated (`-I`).
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_COMPLETE = "dist-actions-complete"
_LOCK_WAIT_SECONDS = 300


def start(stage: str) -> int:
    """Run `dist_actions.STAGE.main` in the stage's locked environment.

    Args:
        stage: `auto_tag`, `release` or `promote`; its lock is `requirements/STAGE.txt`.

    Returns:
        The stage's exit status. In the runner's own Python it does not return: the process is
        replaced.
    """
    lock = _ROOT / "requirements" / f"{stage.replace('_', '-')}.txt"
    environment = _environment_folder(lock, os.environ)
    if Path(sys.prefix) == environment:
        main = import_module(f"dist_actions.{stage}").main
        return int(main(dict(os.environ)))
    if sys.version_info < (3, 10):  # noqa: UP036 - the runner's Python can be older than ours
        print(
            f"::error title=dist-actions::python3 is {platform.python_version()}. Why: this action "
            "needs Python 3.10 or newer. Fix: add actions/setup-python as the first step."
        )
        return 1
    try:
        _ensure(environment, lock)
    except (OSError, subprocess.CalledProcessError) as error:
        _report_failure(error)
        return 3
    sys.stdout.flush()
    python = str(environment / "bin" / "python")
    return os.execv(python, [python, "-I", str(Path(sys.argv[0]).resolve()), *sys.argv[1:]])


def _environment_folder(lock: Path, environ: Mapping[str, str]) -> Path:
    """Where the environment stands: one for each lock, Python and platform."""
    cache = environ.get("RUNNER_TOOL_CACHE") or environ.get("RUNNER_TEMP") or tempfile.gettempdir()
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    base = getattr(sys, "_base_executable", sys.executable)
    version = ".".join(platform.python_version_tuple())
    where = hashlib.sha256(os.path.realpath(base).encode()).hexdigest()[:8]
    name = f"{lock.stem}-{digest}-py{version}-{sysconfig.get_platform()}-{where}"
    return Path(cache).resolve() / "dist-actions" / name


def _ensure(environment: Path, lock: Path) -> None:
    """Make the environment unless it is complete; of several jobs at once, one makes it."""
    if (environment / _COMPLETE).is_file():
        return
    environment.parent.mkdir(parents=True, exist_ok=True)
    claim = environment.with_suffix(".claim")
    deadline = time.monotonic() + _LOCK_WAIT_SECONDS
    while not _claimed(claim):
        if (environment / _COMPLETE).is_file():
            return
        if time.monotonic() > deadline:
            claim.rmdir()  # left behind by a job that was killed
        time.sleep(0.1)
    try:
        if not (environment / _COMPLETE).is_file():
            _make(environment, lock)
    finally:
        claim.rmdir()


def _claimed(claim: Path) -> bool:
    try:
        claim.mkdir()
    except FileExistsError:
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
    (environment / _COMPLETE).touch()


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
