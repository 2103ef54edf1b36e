"""Make the environment of a stage; imported only where it does not stand yet."""

import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path

from dist_actions.errors import DistActionsError
from dist_actions.locked_environment.causes import explain_failure, without_credentials
from dist_actions.locked_environment.installers import (
    InstallationError,
    Installer,
    find_installers,
)
from dist_actions.locked_environment.place import (
    COMPLETE,
    INSTALLED,
    Plan,
    belongs_to_us,
    can_be_started,
    mark,
    packages_of,
    python_of,
    stands,
)
from dist_actions.locked_environment.proof import find_missing
from dist_actions.services.runner import Runner
from dist_actions.stage import report_error


def provide(plan: Plan, folders: Sequence[Path], environ: Mapping[str, str]) -> Path | int:
    """Make an environment, or say why that cannot be.

    Returns:
        The environment, or the exit status.
    """
    runner = Runner.from_environ(environ, sys.stdout)
    try:
        return make_environment(plan, folders, environ, runner)
    except DistActionsError as error:
        report_error(runner, "dist-actions", error)
        return error.exit_status


def make_environment(
    plan: Plan, folders: Sequence[Path], environ: Mapping[str, str], runner: Runner
) -> Path:
    """Make an environment in the first folder that can be used.

    Of several jobs at once, one makes it and the others wait.

    Args:
        plan: What it is for.
        folders: Where it may stand, the best first.
        environ: The job's variables.
        runner: Where the log goes.

    Raises:
        DistActionsError: It cannot be made; the log holds what the installers printed.
    """
    folder = _usable_folder(folders, runner)
    environment = folder / plan.name
    installers = find_installers(environ, _workspace(environ))
    try:
        with _claimed(folder / f"{plan.name}.claim"):
            # Another job's process may just now be about to prove it.
            if not stands(environment, INSTALLED):
                _make(installers, environment, plan.locks, runner)
    except OSError as error:
        raise explain_failure(str(error), str(environment)) from error
    return environment


def add_packages(
    environment: Path, target: Path, lock: Path, module: str, environ: Mapping[str, str]
) -> None:
    """Install what a stage needs later into a folder of its own, below its environment.

    Args:
        environment: The one that this process runs in.
        target: The folder, from which this process imports.
        lock: The further requirements.
        module: What needs them.

    Raises:
        InstallationError: It failed; the text is what the installers printed.
        OSError: The folder cannot be written.
    """
    marker = f"{COMPLETE}-{lock.stem}"
    failures = []
    with _claimed(environment / f"{lock.stem}.claim"):
        if stands(environment, marker):
            return
        for installer in find_installers(environ, _workspace(environ)):
            shutil.rmtree(target, ignore_errors=True)
            try:
                installer.install(environment, [lock], target)
                _require(target, [lock])
                invalidate_caches()
                import_module(module)
                mark(environment, target, marker)
                return
            except (InstallationError, ImportError) as error:
                failures.append(f"{installer.name}:\n{error}")
    raise InstallationError("\n".join(failures))


def _workspace(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()


def _usable_folder(folders: Sequence[Path], runner: Runner) -> Path:
    for folder in folders:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not belongs_to_us(folder):
                raise PermissionError("others may write to it")
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError as error:
            reason = error.strerror or error
            runner.log(f"{folder} cannot be used for the action's environment: {reason}")
    try:
        return Path(tempfile.mkdtemp(prefix="dist-actions-")).resolve()
    except OSError as error:
        raise explain_failure(str(error), "any folder") from error


@contextmanager
def _claimed(file: Path) -> Iterator[None]:
    """Wait until nobody else makes the environment; the system ends a killed job's claim."""
    with file.open("w") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        yield


def _make(
    installers: Sequence[Installer],
    environment: Path,
    locks: Sequence[Path],
    runner: Runner,
) -> None:
    """Try one installer after the other, until the environment holds what its locks name.

    Raises:
        DistActionsError: None of them succeeded; the error is the last one's.
        OSError: The environment cannot be written.
    """
    failure = ""
    for installer in installers:
        shutil.rmtree(environment, ignore_errors=True)
        try:
            installer.create(environment)
            installer.install(environment, locks)
            _require(packages_of(environment), locks)
            if not can_be_started(environment):
                raise InstallationError(f"{python_of(environment)} is no Python like this one")
            mark(environment, packages_of(environment), INSTALLED)
            return
        except (InstallationError, OSError) as error:
            failure = str(error)
            runner.log(f"{installer.name} could not make the action's environment:")
            runner.log(without_credentials(failure))
    shutil.rmtree(environment, ignore_errors=True)
    raise explain_failure(failure, str(environment))


def _require(packages: Path, locks: Sequence[Path]) -> None:
    """Compare a folder of packages with locks.

    Raises:
        InstallationError: It lacks something, whatever the installer said.
    """
    missing = find_missing(packages, locks)
    if missing:
        raise InstallationError(f"not installed: {', '.join(missing)}")
