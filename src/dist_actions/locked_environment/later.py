"""What a stage needs later than at its start: installed beside it, awaited when it is imported."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module, invalidate_caches
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from dist_actions.locked_environment.place import COMPLETE, stands

#: What each lock brings that is imported first, and the module that imports it.
_IMPORTS = {"signing": (("jwt", "cryptography"), "dist_actions.services.github.app")}
#: The stage comes first: most have nothing to sign.
_NICENESS = 10


@contextmanager
def packages_for_later(environment: Path, lock: Path | None) -> Iterator[None]:
    """Let further packages be installed while a stage runs, and end that with the stage.

    Args:
        environment: The one that this process runs in.
        lock: What to install; None where there is nothing.
    """
    if lock is None:
        yield
        return
    target = environment / lock.stem
    sys.path.append(str(target))
    if stands(environment, f"{COMPLETE}-{lock.stem}"):
        yield
        return
    installation = _Installation(environment, target, lock)
    sys.meta_path.append(installation)
    try:
        yield
    finally:
        sys.meta_path.remove(installation)
        installation.end()


def module_of(lock: Path) -> str:
    """Name the module that imports what a lock brings."""
    return _IMPORTS[lock.stem][1]


class _Installation(MetaPathFinder):
    """A process that installs packages, which is awaited where one of them is imported."""

    def __init__(self, environment: Path, target: Path, lock: Path) -> None:
        self._target = target
        self._names, module = _IMPORTS[lock.stem]
        self._process = 0
        self._output, writing = os.pipe()
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            os.close(self._output)
            _install(environment, target, lock, module, writing)
        os.close(writing)
        with suppress(OSError):  # it may have done so itself
            os.setpgid(process, process)
        self._process = process

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module after the installation has come to its end.

        Raises:
            DistActionsError: The packages could not be installed.
        """
        if fullname not in self._names:
            return None
        if self._process:
            with os.fdopen(os.dup(self._output), encoding="utf-8", errors="replace") as stream:
                failure = stream.read()
            _, status = os.waitpid(self._process, 0)
            self._process = 0
            if status:
                causes = import_module("dist_actions.locked_environment.causes")
                raise causes.explain_failure(failure, str(self._target))
        invalidate_caches()
        return PathFinder.find_spec(fullname, path, target)

    def end(self) -> None:
        """End the installation, if it is still under way."""
        if self._process:
            os.killpg(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        os.close(self._output)


def _install(environment: Path, target: Path, lock: Path, module: str, output: int) -> None:
    """Install packages in a process of their own, and write down what went wrong."""
    status = 1
    try:
        os.setpgid(0, 0)
        os.nice(_NICENESS)
        # The step lasts until nobody holds its log open any more.
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        making = import_module("dist_actions.locked_environment.making")
        making.add_packages(environment, target, lock, module, os.environ)
        status = 0
    except Exception as error:
        os.write(output, str(error).encode("utf-8", "replace"))
    finally:
        os._exit(status)
