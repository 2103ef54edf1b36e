"""The notes of a project that collects news fragments with towncrier."""

import json
import shutil
from pathlib import Path

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.paths import PROJECTS
from support.sandbox.fixtures import git
from support.stages.running import StageRunner

pytestmark = pytest.mark.network


def build(run_stage_alone: StageRunner, folder: Path, settings: str) -> tuple[str, str]:
    """Build the project with these towncrier settings; gives the notes and the log."""
    shutil.copytree(PROJECTS / "flit", folder, ignore=shutil.ignore_patterns("__pycache__"))
    pyproject = folder / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + settings)
    (folder / "newsfragments").mkdir()
    (folder / "newsfragments" / "12.feature.md").write_text("Greets in French.\n")
    git("init", "-q", "-b", "dev", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "A", cwd=folder)
    git("tag", "-a", "-m", "v1.2.0-dev", "v1.2.0-dev", cwd=folder)
    result = run_stage_alone(
        "release", {"phase": "build"}, workspace=folder, ref="refs/tags/v1.2.0-dev"
    )
    assert result.exit_status == 0, result.log
    manifest = json.loads((folder / "dist" / MANIFEST_NAME).read_text())
    return manifest["notes"], result.log


def test_fragments_become_the_notes(run_stage_alone: StageRunner, tmp_path: Path) -> None:
    settings = '[tool.towncrier]\nname = "x2"\nfilename = "N.md"\ndirectory = "newsfragments"\n'
    notes, _ = build(run_stage_alone, tmp_path / "project", settings)
    assert notes == "## Features\n\n- Greets in French. (#12)"


def test_unusable_settings_do_not_stop_a_release(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    notes, log = build(run_stage_alone, tmp_path / "project", "[tool.towncrier]\ntype = 1\n")
    assert notes == ""
    assert "Going on without towncrier's news" in log
