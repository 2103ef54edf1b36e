"""A job changes no tool that a later job on the same machine runs beside a key."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from support.attacks.projects import hostile_project
from support.attacks.repository import AttackedRepository

pytestmark = pytest.mark.network


@pytest.fixture
def on_one_machine(attacked: AttackedRepository, tmp_path: Path) -> AttackedRepository:
    """The same repository, with caches of this test's own that are kept from job to job."""
    environ = {key: value for key, value in os.environ.items() if not key.endswith("_CACHE_DIR")}
    runner = attacked.opened.runner
    toolchain = replace(runner.toolchain, cache=tmp_path / "machine", environ=environ)
    opened = replace(attacked.opened, runner=replace(runner, toolchain=toolchain))
    return replace(attacked, opened=opened)


def test_what_a_build_job_patches_does_not_run_in_the_publishing_job(
    on_one_machine: AttackedRepository, tmp_path: Path
) -> None:
    loot, patched = on_one_machine.loot, tmp_path / "patched"
    files = hostile_project("0.5.0", "patch_tools", loot=str(loot), patched=str(patched))
    commit = on_one_machine.push(files, "dev")

    run = on_one_machine.release(on_one_machine.tag("v0.5.0-dev", commit))

    assert int(patched.read_text(encoding="utf-8")) >= 3
    assert not loot.exists(), loot.read_text(encoding="utf-8")
    assert run.result.status == "success", run.result.first_failure
