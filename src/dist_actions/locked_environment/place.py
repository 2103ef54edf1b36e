"""Where a stage's environment stands, and whether it does."""

import hashlib
import os
import platform
import stat
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements"
#: What signs as a GitHub App is needed when a token is minted, and not before.
_LATER = {"auto_tag": "signing", "promote": "signing"}
#: Names of the files that list what an environment holds: when everything is installed, and when
#: the stage has been imported in it.
INSTALLED, COMPLETE = "dist-actions-installed", "dist-actions-complete"
_FOLDER = "dist-actions"


class Plan(NamedTuple):
    """What a stage runs in.

    Attributes:
        stage: `auto_tag`.
        locks: The requirements that are installed before the stage starts.
        later: Those that are installed while it runs; None where there are none.
    """

    stage: str
    locks: tuple[Path, ...]
    later: Path | None

    @property
    def name(self) -> str:
        """Name the environment: one for each set of locks, Python and platform."""
        locks = [*self.locks, *([self.later] if self.later else [])]
        digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:16]
        base = hashlib.sha256(os.path.realpath(base_python()).encode()).hexdigest()[:8]
        stems = "-".join(lock.stem for lock in self.locks)
        version = platform.python_version()
        return f"{stems}-{digest}-py{version}-{sysconfig.get_platform()}-{base}"


def plan_environment(stage: str, environ: Mapping[str, str]) -> Plan:
    """Choose what a stage is installed from.

    `requirements/attestations.txt` is a part of it where the job attests what it publishes.
    """
    names = [stage.replace("_", "-")]
    publishes = environ.get("INPUT_PHASE") not in ("plan", "build")
    if environ.get("INPUT_ATTESTATIONS") == "true" and publishes:
        names.append("attestations")
    later = _LATER.get(stage)
    return Plan(
        stage,
        tuple(_REQUIREMENTS / f"{name}.txt" for name in names),
        _REQUIREMENTS / f"{later}.txt" if later else None,
    )


def base_python() -> str:
    """Return the interpreter that this one's environment was made from."""
    return str(getattr(sys, "_base_executable", sys.executable))


def environment_folders(environ: Mapping[str, str]) -> list[Path]:
    """List the folders in which environments may stand, the best first.

    A machine that serves several jobs keeps its tool cache between them, and each of them may write
    to it. `RUNNER_TEMP` is empty at each job's start.
    """
    hosted = environ.get("RUNNER_ENVIRONMENT") == "github-hosted"
    names = ("RUNNER_TOOL_CACHE", "RUNNER_TEMP") if hosted else ("RUNNER_TEMP",)
    folders = [environ.get(name, "") for name in names]
    return [Path(folder).resolve() / _FOLDER for folder in folders if folder]


def belongs_to_us(folder: Path) -> bool:
    """Tell whether a folder is this user's, and nobody else may write to it."""
    status = folder.lstat()
    writable = stat.S_IWGRP | stat.S_IWOTH
    return (
        stat.S_ISDIR(status.st_mode)
        and status.st_uid == os.geteuid()
        and not status.st_mode & writable
    )


def stands(environment: Path, marker: str = COMPLETE) -> bool:
    """Tell whether an environment is complete, by what its marker lists, and can be started."""
    try:
        if not belongs_to_us(environment.parent):
            return False
        site, *names = (environment / marker).read_text(encoding="utf-8").splitlines()
        complete = set(names) <= set(os.listdir(environment / site))
    except (OSError, ValueError):
        return False
    return complete and bool(names) and can_be_started(environment)


def can_be_started(environment: Path) -> bool:
    """Tell whether an environment's interpreter is the one that it was made from."""
    return os.path.realpath(python_of(environment)) == os.path.realpath(base_python())


def mark(environment: Path, packages: Path, marker: str) -> None:
    """Write down that a folder of packages inside an environment is complete, and what it holds."""
    lines = [str(packages.relative_to(environment)), *sorted(os.listdir(packages))]
    # Several processes may be writing it at once.
    unfinished = environment / f"{marker}.{os.getpid()}.part"
    unfinished.write_text("\n".join(lines), encoding="utf-8")
    unfinished.replace(environment / marker)


def packages_of(environment: Path) -> Path:
    """Return the folder of an environment's packages.

    Raises:
        FileNotFoundError: It has none.
    """
    for folder in environment.glob("lib/*/site-packages"):
        return folder
    raise FileNotFoundError(f"{environment} has no folder for packages")


def python_of(environment: Path) -> Path:
    """Return an environment's interpreter."""
    return environment / "bin" / "python"
