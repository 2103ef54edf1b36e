"""Make the locked environment of a stage; imported only where it does not stand yet.

Like `bootstrap`, it uses the standard library alone.
"""

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

#: Exactly what the lock names, and nothing that would have to be built.
_LOCKED = ("--no-deps", "--require-hashes", "--only-binary", ":all:")


def ensure_environment(environment: Path, locks: Sequence[Path], marker: Path) -> bool:
    """Make an environment; of several jobs at once, one makes it and the others wait.

    Args:
        locks: The requirements with their hashes; what two of them name is the same in both.
        marker: File inside it that says that it is complete.

    Returns:
        Whether it stands; where it does not, the log says why.
    """
    try:
        environment.parent.mkdir(parents=True, exist_ok=True)
        # The system ends the claim of a job that was killed.
        with environment.with_name(f"{environment.name}.claim").open("w") as claim:
            fcntl.flock(claim, fcntl.LOCK_EX)
            if not marker.is_file():
                _make(environment, locks)
                marker.touch()
    except (OSError, subprocess.CalledProcessError) as error:
        _report_failure(error)
        return False
    return True


def _make(environment: Path, locks: Sequence[Path]) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        _make_with_uv(uv, environment, locks)
    else:
        _make_with_pip(environment, locks)


def _make_with_uv(uv: str, environment: Path, locks: Sequence[Path]) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    _run([[uv, "venv", "--quiet", "--no-project", "--python", base, str(environment)]])
    python = str(environment / "bin" / "python")
    requirements = [argument for lock in locks for argument in ("-r", str(lock))]
    _run([[uv, "pip", "install", "--quiet", "--python", python, *_LOCKED, *requirements]])


def _make_with_pip(environment: Path, locks: Sequence[Path]) -> None:
    """Install with the pip of this Python, in two processes: most of its time is one core's.

    pip is run by its folder in the new environment's Python, which saves the second start that
    `pip --python` makes; without `--ignore-installed` it would take what lies beside it for
    installed.
    """
    pip = importlib.util.find_spec("pip")
    if pip is None or not pip.origin:
        raise OSError("this Python has no pip")
    venv.EnvBuilder(symlinks=True).create(environment)
    install = [
        *[str(environment / "bin" / "python"), "-I", str(Path(pip.origin).parent), "install"],
        *["--quiet", "--no-compile", "--disable-pip-version-check", "--no-input"],
        *["--ignore-installed", *_LOCKED],
    ]
    commands = []
    for number, requirements in enumerate(_halves(locks)):
        part = environment / f"requirements-{number}.txt"
        part.write_text(requirements, encoding="utf-8")
        commands.append([*install, "-r", str(part)])
    _run(commands)


def _halves(locks: Sequence[Path]) -> list[str]:
    """Split requirements into two parts whose pages take about as long to read: by their hashes."""
    texts = (re.split(r"(?m)^(?=[A-Za-z])", lock.read_text(encoding="utf-8")) for lock in locks)
    requirements = {text for split in texts for text in split if text.strip()}
    parts: list[list[str]] = [[], []]
    for requirement in sorted(requirements, key=lambda text: (-len(text), text)):
        min(parts, key=lambda part: sum(map(len, part))).append(requirement)
    return ["".join(part) for part in parts if part]


def _run(commands: list[list[str]]) -> None:
    """Run installers beside one another; they need no input of this action, so they get none."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith("INPUT_")}
    processes = [
        subprocess.Popen(
            command,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for command in commands
    ]
    outputs = [process.communicate()[0] for process in processes]
    for process, output in zip(processes, outputs, strict=True):
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args, output)


def _report_failure(error: Exception) -> None:
    output = getattr(error, "output", None) or str(error)
    for line in output.replace("##[", "## [").splitlines():
        print(f"| {line}")
    print(
        "::error title=dist-actions::The action's environment could not be made. Why: the package "
        "index did not answer, or this Python has no pip. Fix: run the job again; on a runner of "
        "your own, install python3-venv and python3-pip, or uv."
    )
