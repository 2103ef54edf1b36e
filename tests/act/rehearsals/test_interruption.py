"""A rehearsal that is interrupted leaves no process and no folder behind, and says so."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.act.rehearse_command import copy_bare_sample
from support.paths import ROOT

#: No other process on this machine has this argument.
SLEEP = f"86399.{os.getpid()}"
WORKFLOW = f"""\
on: push
jobs:
  wait:
    runs-on: ubuntu-latest
    steps:
      - run: echo "this was before"
      - run: "(sleep {SLEEP} & wait) | cat"
      - run: twine upload dist/*
"""


def find_sleeping() -> list[int]:
    """List the processes of the job that never ends."""
    command = ["ps", "-A", "-o", "pid=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, *arguments in rows if arguments == ["sleep", SLEEP]]


@pytest.fixture
def walls() -> str:
    """What is said to `--walls`."""
    return "auto"


@pytest.fixture
def sleeping(tmp_path: Path, walls: str) -> Iterator["subprocess.Popen[str]"]:
    """A rehearsal whose only job never ends; its temporary files are in `temporary`."""
    workflows = copy_bare_sample(tmp_path / "waiting") / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "wait.yml").write_text(WORKFLOW, encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    # What runs the tests in the background may ignore Ctrl-C, and its children would, too.
    python = ["env", "--default-signal=INT", sys.executable]
    command = [*python, "-m", "dist_sandbox.cli", "rehearse", str(tmp_path / "waiting")]
    with subprocess.Popen(
        [*command, "--walls", walls],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "TMPDIR": str(tmp_path / "temporary"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        while process.poll() is None and not find_sleeping():
            pass
        try:
            yield process
        finally:
            process.kill()
            for pid in find_sleeping():
                os.kill(pid, signal.SIGKILL)


def test_nothing_is_left_of_an_interrupted_rehearsal(
    sleeping: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    sleeping.send_signal(signal.SIGINT)

    output, _ = sleeping.communicate()

    assert sleeping.returncode == 130, output
    assert "Interrupted (SIGINT). Nothing is left running." in output
    assert find_sleeping() == []
    assert list((tmp_path / "temporary").iterdir()) == []
    page = (tmp_path / "build" / "rehearsal" / "index.html").read_text(encoding="utf-8")
    assert "The rehearsal was interrupted." in page
    assert '<pre class="log">this was before</pre>' in page


@pytest.mark.parametrize("walls", ["none"])
def test_without_walls_it_does_not_say_that_nothing_is_left(
    sleeping: "subprocess.Popen[str]",
) -> None:
    sleeping.send_signal(signal.SIGINT)

    output, _ = sleeping.communicate()

    assert sleeping.returncode == 130, output
    message = "Without walls, a program that a step left in the background may still be running."
    assert f"Interrupted (SIGINT). {message}" in output
