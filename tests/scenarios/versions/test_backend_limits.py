"""A build backend that does not end, or ends the process that asks it."""

import os
import time
from pathlib import Path

import pytest

from declared_projects import make_project
from dist_actions.edges.metadata_reading import metadata_reader
from dist_actions.errors import BuildError

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


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_it_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    began = time.monotonic()

    answer, _ = ask(tmp_path, START_A_CHILD + "time.sleep(600)")

    assert isinstance(answer, BuildError)
    assert "was not done after 15 s" in answer.what
    assert time.monotonic() - began < 60
    assert ends(int((tmp_path / "child").read_text()))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_what_it_leaves_behind_is_ended(tmp_path: Path) -> None:
    ask(tmp_path, START_A_CHILD + "raise ValueError")

    assert ends(int((tmp_path / "child").read_text()))


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
