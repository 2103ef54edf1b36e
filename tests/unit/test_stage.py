"""What a stage's outermost end makes of errors that anything may raise."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage


def raising(error: Exception) -> Callable[[Runner], int]:
    def stage(_: Runner) -> int:
        raise error

    return stage


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        *((number, os.strerror(number)) for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)),
        # Of `tempfile`, where the disk of all its folders is full.
        (errno.ENOENT, "No usable temporary directory found in ['/tmp', '/var/tmp']"),
    ],
)
@pytest.mark.parametrize("file", [None, "/tmp/x.whl"])
def test_a_full_disk_is_no_defect(
    number: int,
    reason: str,
    file: str | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary = tmp_path / "summary"
    error = OSError(number, reason, file)
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    assert run_stage("release", environ, raising(error)) == 1
    log = capsys.readouterr().out
    place = f", to {file}" if file else ""
    assert f"Nothing can be written to the disk of this runner{place}: " in log
    assert "Fix: free disk space" in log
    assert "Traceback" not in log
    assert "**Fix:** free disk space" in summary.read_text(encoding="utf-8")


def test_another_error_of_the_system_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    error = OSError(errno.EIO, os.strerror(errno.EIO))
    assert run_stage("release", {"GITHUB_ACTIONS": "true"}, raising(error)) == 1
    assert "defect of dist-actions" in capsys.readouterr().out
