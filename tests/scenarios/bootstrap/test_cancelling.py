"""A job that is cancelled before its stage has begun ends soon, and says so."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.paths import ROOT
from support.projects.checkouts import ProjectCheckout
from support.sandbox.raw_server import raw_server, silent
from support.stages.running import StageRunner

#: Replaces the process while a signal waits, as the start of an action does.
HAND_OVER = """
import os, signal, sys
from dist_actions.services import signals
if len(sys.argv) == 1:
    with signals.terminable():
        signals.hold_back()
        os.kill(os.getpid(), signal.SIGTERM)
        os.execv(sys.executable, [sys.executable, __file__, "again"])
try:
    with signals.terminable():
        print("not cancelled")
except signals.TerminatedError:
    os.kill(os.getpid(), signal.SIGTERM)
    print("cancelled")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_cancelled_while_its_environment_is_made(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path, number: int
) -> None:
    """The package index does not answer meanwhile."""
    cache = tmp_path / "cache"
    with raw_server(silent) as index:
        environ = {"RUNNER_TOOL_CACHE": str(cache), "PIP_INDEX_URL": index, "UV_INDEX_URL": index}
        running = run_stage_alone.start(
            "auto-tag", workspace=offline_package.folder, ref="refs/heads/x", environ=environ
        )
        deadline = time.monotonic() + 30
        while not list(cache.glob("*/*.claim")) and time.monotonic() < deadline:
            time.sleep(0.02)
        running.process.send_signal(number)
        began = time.monotonic()
        result = running.finish()
    assert time.monotonic() - began < 10
    assert result.exit_status == 143, result.log
    message = result.annotation.message
    assert message.startswith("auto-tag was cancelled. Until then it had nothing changed.")
    assert "\nWhy: " in message
    assert "\nFix: run the job again" in message
    assert "Traceback" not in result.log


def test_a_signal_outlives_the_change_of_the_program_and_a_second_one_is_ignored(
    tmp_path: Path,
) -> None:
    script = tmp_path / "hand_over.py"
    script.write_text(HAND_OVER, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, str(script)],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stdout) == (0, "cancelled\n"), process.stderr
