"""The images hold what they promise."""

import subprocess
from pathlib import Path

import pytest

from support.paths import ROOT

pytestmark = pytest.mark.docker


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def images(docker_engine: str) -> None:
    built = run("scripts/images")
    assert built.returncode == 0, built.stdout + built.stderr


def test_the_publish_image_runs_the_publish_stage(images: None) -> None:
    """Without its inputs it refuses, in the words of the action."""
    workflow_run = [
        *("--env=GITHUB_ACTIONS=true", "--env=GITHUB_EVENT_NAME=push"),
        *("--env=GITHUB_REPOSITORY=octo-org/sample", "--env=GITHUB_REF=refs/tags/v1.0.0"),
    ]
    done = run("docker", "run", "--rm", "--network=none", *workflow_run, "dist-actions-publish")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "::error" in done.stdout


def test_a_module_in_the_workspace_does_not_shadow_ours(images: None, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for name in ("json.py", "dist_actions.py", "sitecustomize.py"):
        (tmp_path / name).write_text(f"open({str(canary)!r}, 'w')\n")
    mounted = ("--volume", f"{tmp_path}:{tmp_path}", "--workdir", str(tmp_path))
    run("docker", "run", "--rm", *mounted, "dist-actions-publish")
    assert not canary.exists()

    not_isolated = ("--entrypoint", "python", "dist-actions-publish", "-m", "dist_actions.cli")
    run("docker", "run", "--rm", *mounted, *not_isolated)
    assert canary.exists(), "without isolation the module is imported: the check above has teeth"


@pytest.mark.parametrize("command", ["dist-sandbox", "act", "git", "uv", "bash", "python3"])
def test_the_job_image_has_what_a_job_needs(images: None, command: str) -> None:
    found = run(
        "docker", "run", "--rm", "dist-actions-sandbox", "bash", "-c", f"command -v {command}"
    )
    assert found.returncode == 0, found.stderr
