"""The command `dist-actions`."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import ROOT

SOURCE = str(ROOT / "src")
START = f"import sys; sys.path.insert(0, {SOURCE!r}); from dist_actions.cli import main; "


def run(*arguments: str, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-I", "-c", f"{START}sys.exit(main({list(arguments)!r}))"],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def hatchling_project(tmp_path: Path) -> Path:
    """A copy of the project on hatchling."""
    return Path(shutil.copytree(ROOT / "tests" / "projects" / "hatchling", tmp_path / "project"))


def test_it_tells_name_version_and_source(hatchling_project: Path) -> None:
    done = run("version", "--json", str(hatchling_project), cwd=hatchling_project.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "name": "sample-hatchling",
        "version": "1.2.0",
        "source": "project",
        "file": "pyproject.toml",
        "line": 7,
    }


def test_it_tells_the_version_alone_of_the_folder_it_is_in(hatchling_project: Path) -> None:
    done = run("version", cwd=hatchling_project)
    assert (done.returncode, done.stdout) == (0, "1.2.0\n")


def test_a_file_and_a_pattern_can_be_given(hatchling_project: Path) -> None:
    (hatchling_project / "VERSION").write_text("version is 3.4.5!\n")
    pyproject = hatchling_project / "pyproject.toml"
    dynamic = pyproject.read_text().replace('version = "1.2.0"', 'dynamic = ["version"]')
    pyproject.write_text(dynamic)
    pattern = r"version is ([0-9.]+)!"
    done = run(
        "version",
        "--json",
        "--version-file",
        "VERSION",
        "--version-pattern",
        pattern,
        cwd=hatchling_project,
    )
    assert json.loads(done.stdout)["version"] == "3.4.5", done.stderr
    assert json.loads(done.stdout)["source"] == "file"


def test_a_folder_without_a_project_is_told_on_standard_error(tmp_path: Path) -> None:
    done = run("version", "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no Python project" in done.stderr
    assert "\nFix: " in done.stderr


@pytest.mark.parametrize("stage", ["auto-tag", "login", "release", "promote", "publish"])
def test_a_stage_outside_a_workflow_says_so(tmp_path: Path, stage: str) -> None:
    done = run(stage, cwd=tmp_path)
    assert done.returncode == 2
    assert "There is no workflow run" in done.stdout


def test_without_a_command_it_shows_how_it_is_used(tmp_path: Path) -> None:
    done = run(cwd=tmp_path)
    assert done.returncode == 2
    assert "usage: dist-actions" in done.stderr
