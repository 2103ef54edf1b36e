"""The phase `all`: plan, build and publish in one job, for the simplest case."""

import json
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.projects.releases import PUBLISHING, commit_version, push_tag, target_inputs
from support.sandbox.fixtures import Sandbox, commit_file
from support.stages.running import StageResult, StageRunner, app_inputs


@pytest.fixture
def buildable_checkout(checkout: Path) -> Path:
    """A checkout of v0.1.0-dev, which can be built."""
    commit_file(checkout, "eigenoid_sample/__init__.py", '"""A sample."""\n')
    commit_file(checkout, "CHANGELOG.md", "## 0.1.0\n\n- Hello.\n")
    commit_version(checkout, "0.1.0")
    push_tag(checkout, "v0.1.0-dev")
    return checkout


def release(
    run_stage: StageRunner, sandbox: Sandbox, checkout: Path, **changes: str
) -> StageResult:
    inputs = {
        **app_inputs(sandbox, "releaser-bot"),
        **target_inputs(sandbox.world.environments[0]),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    options: dict[str, Any] = {"permissions": PUBLISHING, "environment": "dev"}
    return run_stage("release", inputs, workspace=checkout, ref="refs/tags/v0.1.0-dev", **options)


def warned(result: StageResult) -> list[str]:
    """Return the messages after the first one, which says that all phases share a job."""
    first, *others = result.annotations
    assert first.level == "warning"
    assert "the build runs in the job that holds the credentials" in first.message
    assert "\nWhy: the project, its build backend and their requirements can read" in first.message
    assert "\nFix: use the phases plan, build and publish" in first.message
    return [annotation.message for annotation in others]


@pytest.mark.network
def test_one_job_takes_a_tag_to_an_installable_release(
    run_stage: StageRunner, sandbox: Sandbox, buildable_checkout: Path
) -> None:
    result = release(run_stage, sandbox, buildable_checkout)
    assert result.exit_status == 0, result.log
    assert {"environment", "manifest-sha256", "release-url"} <= set(result.outputs)
    (made,) = sandbox.repository.releases
    assert not made.draft
    assert "- Hello." in (made.body or "")
    assert result.log.index("Building the sdist") < result.log.index("uploaded eigenoid_sample")
    manifest = json.loads((buildable_checkout / "dist" / MANIFEST_NAME).read_text())
    assert {asset.name for asset in made.assets} == {
        MANIFEST_NAME,
        *(file["name"] for file in manifest["files"]),
    }


@pytest.mark.network
def test_a_dry_run_builds_and_publishes_nothing(
    run_stage: StageRunner, sandbox: Sandbox, buildable_checkout: Path
) -> None:
    result = release(run_stage, sandbox, buildable_checkout, dry_run="true")
    assert (result.exit_status, result.changes) == (0, ())
    assert warned(result)[-1] == "Would publish v0.1.0-dev."
    assert sandbox.repository.releases == []


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"client_id": "", "private_key": ""}, "so nothing can create releases"),
        ({"location": ""}, "AR_LOCATION"),
    ],
)
def test_what_is_missing_is_found_before_anything_is_built(
    run_stage: StageRunner,
    sandbox: Sandbox,
    buildable_checkout: Path,
    missing: dict[str, str],
    said: str,
) -> None:
    result = release(run_stage, sandbox, buildable_checkout, **missing)
    assert (result.exit_status, result.changes) == (2, ())
    (message,) = warned(result)
    assert said in message
    assert not (buildable_checkout / "dist").exists()
