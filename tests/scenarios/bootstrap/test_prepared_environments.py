"""An environment that was made ahead is complete: its jobs write nothing into it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT
from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import Sandbox
from support.stages.running import StageRunner, app_inputs

pytestmark = pytest.mark.network
PREPARING = ROOT / "src" / "dist_actions" / "locked_environment" / "preparing.py"


def prepare(tools: Path, stage: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", str(PREPARING), str(tools / "dist-actions"), stage]
    environ = {**os.environ, "RUNNER_TEMP": str(tools)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def list_files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_job_only_reads_what_was_prepared(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    tools = tmp_path / "tools"
    prepared = prepare(tools, "auto_tag")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    files = list_files(tools)

    again = prepare(tools, "auto_tag")
    result = run_stage(
        "auto-tag",
        app_inputs(sandbox),
        workspace=package.folder,
        environ={"RUNNER_TOOL_CACHE": str(tools)},
    )

    assert again.returncode == 0
    assert (result.exit_status, result.outputs["created"]) == (0, "true"), result.log
    assert list_files(tools) == files


def test_a_stage_that_there_is_not_is_no_success(tmp_path: Path) -> None:
    assert prepare(tmp_path, "nothing").returncode != 0
