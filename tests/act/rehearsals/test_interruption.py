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


def is_sleeping() -> bool:
    listed = subprocess.run(["ps", "-A", "-o", "args"], capture_output=True, text=True, check=True)
    return any(line.startswith("sleep ") and SLEEP in line for line in listed.stdout.splitlines())


@pytest.fixture
def sleeping(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A rehearsal whose only job never ends; its temporary files are in `temporary`."""
    workflows = copy_bare_sample(tmp_path / "waiting") / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "wait.yml").write_text(WORKFLOW, encoding="utf-8")
    (tmp_path / "temporary").mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "dist_sandbox.cli", "rehearse", str(tmp_path / "waiting")],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "TMPDIR": str(tmp_path / "temporary"),
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None and not is_sleeping():
            pass
        try:
            yield process
        finally:
            process.kill()


def test_nothing_is_left_of_an_interrupted_rehearsal(
    sleeping: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    sleeping.send_signal(signal.SIGINT)

    output, _ = sleeping.communicate()

    assert sleeping.returncode == 130, output
    assert "Interrupted (SIGINT). Nothing is left running." in output
    assert not is_sleeping()
    assert list((tmp_path / "temporary").iterdir()) == []
    page = (tmp_path / "build" / "rehearsal" / "index.html").read_text(encoding="utf-8")
    assert "The rehearsal was interrupted." in page
    assert '<pre class="log">this was before</pre>' in page
