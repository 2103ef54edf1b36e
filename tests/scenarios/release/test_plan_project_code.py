"""The phase `plan` runs nothing of the project: its outputs choose the publishing environment."""

from pathlib import Path

import pytest

from support.projects.hostile import HOSTILE_PROJECTS, HostileProject
from support.projects.releases import push_tag
from support.sandbox.fixtures import Sandbox, commit_file, git
from support.stages.running import StageRunner


def push_project(checkout: Path, files: dict[str, str]) -> None:
    """Put a project on `dev`."""
    for name, text in files.items():
        commit_file(checkout, name, text)
    git("push", "-q", "--force", "origin", "HEAD:refs/heads/dev", cwd=checkout)


@pytest.mark.network
@pytest.mark.parametrize("project", HOSTILE_PROJECTS.values(), ids=HOSTILE_PROJECTS)
def test_a_hostile_project_cannot_forge_what_is_planned(
    sandbox: Sandbox, checkout: Path, tmp_path: Path, project: HostileProject
) -> None:
    """The tag says the version where no file does; the build is held against it."""
    loot = tmp_path / "loot"
    project.write(checkout, loot)
    git("add", "-A", cwd=checkout)
    push_project(checkout, {"CHANGELOG.md": "# Changes\n"})
    push_tag(checkout, "v3.2-dev")

    result = StageRunner(sandbox, tmp_path / "stages")(
        "release", {"phase": "plan"}, workspace=checkout, ref="refs/tags/v3.2-dev"
    )

    assert not (loot / "ran").exists()
    assert result.exit_status == 0, result.log
    assert (result.outputs["version"], result.outputs["package"]) == ("3.2", "sample")
    assert result.outputs["github-environment"] == "dev"


COMPUTED = 'from setuptools import setup\nsetup(name="sample", version=compute())\n'


@pytest.mark.parametrize("phase", ["plan", "build"])
def test_a_name_that_only_a_build_tells_is_refused(
    run_stage_alone: StageRunner, checkout: Path, phase: str
) -> None:
    push_project(checkout, {"setup.py": COMPUTED.replace('"sample"', "compute()")})
    push_tag(checkout, "v3.2-dev")

    result = run_stage_alone(
        "release", {"phase": phase}, workspace=checkout, ref="refs/tags/v3.2-dev"
    )

    assert (result.exit_status, result.outputs) == (2, {})
    assert "No file in '.' says the project's name" in result.annotation.message
    for way_out in ("pyproject.toml", "setup.cfg", "[packages.NAME]"):
        assert way_out in result.annotation.message


def test_a_tag_that_contradicts_a_constant_is_refused(
    run_stage_alone: StageRunner, checkout: Path
) -> None:
    push_project(checkout, {"setup.py": 'setup(name="sample", version="3.1")\n'})
    push_tag(checkout, "v3.2-dev")

    result = run_stage_alone(
        "release", {"phase": "plan"}, workspace=checkout, ref="refs/tags/v3.2-dev"
    )

    assert (result.exit_status, result.outputs) == (1, {})
    assert "The tag v3.2-dev says 3.2, but setup.py:1 says 3.1." in result.annotation.message


@pytest.mark.network
def test_a_build_of_another_version_than_the_tag_is_refused(
    run_stage_alone: StageRunner, checkout: Path
) -> None:
    """What the plan could not read, the build tells: the tag alone is never believed."""
    script = "import os\n" + COMPUTED.replace("compute()", 'os.environ.get("NO", "3.3")')
    push_project(checkout, {"setup.py": script})
    push_tag(checkout, "v3.2-dev")

    result = run_stage_alone(
        "release", {"phase": "build"}, workspace=checkout, ref="refs/tags/v3.2-dev"
    )

    assert (result.exit_status, result.outputs) == (1, {})
    message = result.annotation.message
    assert "The build made sample 3.3, but the tag v3.2-dev says 3.2." in message
    assert "nothing was published" in message
