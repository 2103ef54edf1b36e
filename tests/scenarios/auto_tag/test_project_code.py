"""Nothing of a project runs in the job that holds the App's key, wherever its version stands."""

from pathlib import Path

import pytest

from support.projects.checkouts import ProjectCheckout
from support.projects.hostile import HOSTILE_PROJECTS, HostileProject
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageRunner, app_inputs


@pytest.mark.network
@pytest.mark.parametrize("project", HOSTILE_PROJECTS.values(), ids=HOSTILE_PROJECTS)
def test_a_hostile_project_runs_nothing_beside_the_key(
    package: ProjectCheckout, sandbox: Sandbox, tmp_path: Path, project: HostileProject
) -> None:
    """The process is started as the runner does it: its environment holds the key."""
    loot = tmp_path / "loot"
    git("rm", "-q", "pyproject.toml", cwd=package.folder)
    project.write(package.folder, loot)
    git("add", "-A", cwd=package.folder)
    package.commit("README.md", "A project.\n")
    package.push()

    result = StageRunner(sandbox, tmp_path / "stages")(
        "auto-tag", app_inputs(sandbox), workspace=package.folder
    )

    assert not (loot / "ran").exists()
    assert not (loot / "key").exists()
    if project.certain:
        assert (result.exit_status, result.outputs["tag"]) == (0, "v3.2-dev")
    else:
        assert result.exit_status == 2, result.log
        assert "without running its code" in result.annotation.message
        assert "computed-version" in result.annotation.message
        assert result.calls == ()


@pytest.mark.parametrize(
    "version",
    [
        "1.0.0-RC1",
        "v1.0.0",
        "01.0",
        "1.0+x",
        "1.0+local.7",
        "1.0\u0660",
        "1.0K",
        "one",
        "1." * 60 + "0",
        "1.0; rm -rf /",
        "refs/tags/v1",
        "1.0\x1b[2K",
    ],
)
def test_a_job_s_word_for_the_version_is_checked(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, version: str
) -> None:
    """It comes from code of the project: only a version as files and index show it is taken."""
    offline_package.commit("pyproject.toml", '[project]\nname = "p"\ndynamic = ["version"]\n')

    result = run_stage_alone("auto-tag", {"version": version}, workspace=offline_package.folder)

    assert result.exit_status == 2, result.log
    assert result.outputs == {}
    assert "\nFix: " in result.annotation.message


def test_a_job_that_gave_no_version_is_no_version(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    """An empty output is an input that is not given."""
    offline_package.commit("pyproject.toml", '[project]\nname = "p"\ndynamic = ["version"]\n')

    result = run_stage_alone("auto-tag", {"version": ""}, workspace=offline_package.folder)

    assert (result.exit_status, result.outputs) == (2, {})
    assert "without running its code" in result.annotation.message
