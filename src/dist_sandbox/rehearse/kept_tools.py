"""Make, once and ahead, what jobs only read and would otherwise each make for themselves.

That is the environments of the actions, and a pip for each Python. They stay for later rehearsals.
"""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER
from dist_sandbox.rehearse.actions.sources import DIST_ACTIONS
from dist_sandbox.rehearse.toolchain import Toolchain, base_python, clean_environ

_PREPARING = Path("src", "dist_actions", "locked_environment", "preparing.py")
#: Stages that jobs start with the Python that they test with.
_ANY_PYTHON = {"login"}
_USES = re.compile(rf"\buses: *['\"]?{DIST_ACTIONS}(?:/([\w-]+))?@")


def find_stages(workflows: Iterable[str]) -> list[str]:
    """List the stages of dist-actions that workflow files use; the root action publishes."""
    actions = {match[1] or "publish" for text in workflows for match in _USES.finditer(text)}
    return sorted(action.replace("-", "_") for action in actions)


def kept_pip(toolchain: Toolchain) -> Path:
    """Return the folder of the packages that a new environment of the base Python has."""
    version = ".".join(map(str, sys.version_info[:2]))
    return toolchain.tool_cache / "dist-sandbox" / f"cpython-{version}"


@contextlib.contextmanager
def keep_tools(
    toolchain: Toolchain, dist_actions: Path, stages: Sequence[str], folder: Path
) -> Iterator[None]:
    """Make what is missing: the environments before the block, pip beside it.

    A failure is left to the job, which tries for itself and says why.

    Args:
        toolchain: Whose tool cache it is.
        dist_actions: The exported tree of dist-actions.
        stages: The stages that jobs will start.
        folder: An empty folder for what ends with the block.
    """
    folder.mkdir()
    environ = {**clean_environ(toolchain, folder), "RUNNER_TEMP": str(folder)}
    preparing = [str(dist_actions / _PREPARING), str(toolchain.tool_cache / "dist-actions")]
    keeping = [str(STAND_INS_FOLDER / "setup-python" / "keep_pip.py")]
    keeping.append(str(kept_pip(toolchain).parent))
    if _ANY_PYTHON & {*stages}:
        keeping += [*preparing, *sorted(_ANY_PYTHON & {*stages})]
    with (
        _running(keeping, folder, environ),
        _running([*preparing, *stages], folder, environ) as making,
    ):
        making.wait()
        yield


@contextlib.contextmanager
def _running(
    arguments: Sequence[str], folder: Path, environ: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program of the base Python, which jobs use as well; end it with the block."""
    with subprocess.Popen(
        [str(base_python()), "-I", *arguments],
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
