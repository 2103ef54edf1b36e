"""Start an action: make its locked environment once, and run the stage inside it.

It is what `main.py` of each action imports, so it uses the standard library alone, and nothing of
the user's workspace: the interpreter runs isolated (`-I`). Where the environment stands already, as
in most runs, what makes it is not even imported.
"""

from __future__ import annotations  # an old Python must get as far as to be refused

import hashlib
import os
import platform
import sys
import sysconfig
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
#: Name of the file that says that an environment is complete.
COMPLETE = "dist-actions-complete"


def start(stage: str) -> int:
    """Run `main()` of `dist_actions.STAGE.main` in the stage's locked environment.

    Args:
        stage: `auto_tag`, `release` or `promote`; its lock is `requirements/STAGE.txt`, and
            `requirements/attestations.txt` beside it where the job attests what it publishes.

    Returns:
        The stage's exit status. In the runner's own Python it does not return: the process is
        replaced.
    """
    locks = _locks(stage, os.environ)
    environment = environment_folder(locks, os.environ)
    if Path(sys.prefix) == environment:
        main = import_module(f"dist_actions.{stage}.main").main
        return int(main(dict(os.environ)))
    if sys.version_info < (3, 10):  # noqa: UP036 - the runner's Python can be older than ours
        print(
            f"::error title=dist-actions::python3 is {platform.python_version()}. Why: this action "
            "needs Python 3.10 or newer. Fix: add actions/setup-python as the first step."
        )
        return 1
    marker = environment / COMPLETE
    if not marker.is_file():
        making = import_module("dist_actions.environment_making")
        if not making.ensure_environment(environment, locks, marker):
            return 3
    sys.stdout.flush()
    python = str(environment / "bin" / "python")
    return os.execv(python, [python, "-I", str(Path(sys.argv[0]).resolve()), *sys.argv[1:]])


def _locks(stage: str, environ: Mapping[str, str]) -> list[Path]:
    names = [stage.replace("_", "-")]
    publishes = environ.get("INPUT_PHASE") not in ("plan", "build")
    if environ.get("INPUT_ATTESTATIONS") == "true" and publishes:
        names.append("attestations")
    return [_ROOT / "requirements" / f"{name}.txt" for name in names]


def environment_folder(locks: list[Path], environ: Mapping[str, str]) -> Path:
    """Name the environment's folder: one for each set of locks, Python and platform."""
    cache = environ.get("RUNNER_TOOL_CACHE") or environ.get("RUNNER_TEMP") or "/tmp"  # noqa: S108
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:16]
    base = getattr(sys, "_base_executable", sys.executable)
    version = ".".join(platform.python_version_tuple())
    where = hashlib.sha256(os.path.realpath(base).encode()).hexdigest()[:8]
    stems = "-".join(lock.stem for lock in locks)
    name = f"{stems}-{digest}-py{version}-{sysconfig.get_platform()}-{where}"
    return Path(cache).resolve() / "dist-actions" / name
