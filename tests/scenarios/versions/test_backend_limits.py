"""A build backend that does not end, or ends the process that asks it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from dist_actions.errors import BuildError
from dist_actions.services.foreign_code.metadata_reading import metadata_reader
from support.projects.declared import make_project

IN_TREE = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
BACKEND = """\
import os, signal, subprocess, sys, time

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    ACTION
"""
START_A_CHILD = (
    'child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]); '
    'open("child", "w").write(str(child.pid)); '
)


@dataclass(frozen=True)
class Asked:
    """How a backend was asked.

    Attributes:
        seconds: How long it took.
    """

    answer: tuple[str, str] | BuildError
    folder: Path
    seconds: float


def ask(folder: Path, action: str) -> tuple[tuple[str, str] | BuildError, str]:
    log: list[str] = []
    files = {"pyproject.toml": IN_TREE, "backend.py": BACKEND.replace("ACTION", action)}
    project = make_project(folder, files)
    try:
        answer = metadata_reader(os.environ, log.append, timeout_seconds=15)(project)
    except BuildError as error:
        return error, "\n".join(log)
    return answer, "\n".join(log)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ends(pid: int) -> bool:
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_running(pid)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asked]:
    """Backends that start a child and then hang or fail, asked at once: both use up the time."""
    actions = {"hangs": "time.sleep(600)", "fails": "raise ValueError"}
    folders = {name: tmp_path_factory.mktemp(name) for name in actions}
    began = time.monotonic()
    with ThreadPoolExecutor() as pool:
        answers = pool.map(ask, folders.values(), (START_A_CHILD + it for it in actions.values()))
        both = dict(zip(actions, answers, strict=True))
    seconds = time.monotonic() - began
    return {name: Asked(both[name][0], folders[name], seconds) for name in actions}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_it_is_ended_with_all_that_it_started(asked: dict[str, Asked]) -> None:
    answer = asked["hangs"].answer
    assert isinstance(answer, BuildError)
    assert "was not done after 15 s" in answer.what
    assert asked["hangs"].seconds < 60
    assert ends(int((asked["hangs"].folder / "child").read_text()))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_what_it_leaves_behind_is_ended(asked: dict[str, Asked]) -> None:
    assert ends(int((asked["fails"].folder / "child").read_text()))


@pytest.mark.parametrize("action", ["os.kill(os.getppid(), signal.SIGKILL)", "os._exit(0)"])
def test_it_ends_a_process(tmp_path: Path, action: str) -> None:
    answer, _ = ask(tmp_path, action)

    assert isinstance(answer, BuildError)


def test_the_end_of_a_long_output_is_kept(tmp_path: Path) -> None:
    """A backend in a loop cannot fill memory or log."""
    action = 'print("x" * 5_000_000 + "the end"); raise ValueError'

    answer, log = ask(tmp_path, action)

    assert isinstance(answer, BuildError)
    assert len(log) < 1_100_000
