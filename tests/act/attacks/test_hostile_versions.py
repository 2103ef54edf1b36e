"""No code of a project runs where a key lies, or where the environment is chosen.

The project leaves its version to its build backend, which attacks when it is asked.
"""

import hashlib

import pytest

from dist_sandbox.rehearse.sandbox_client import app_secrets
from support.attacks.projects import hostile_metadata
from support.attacks.repository import AttackedRepository, error_of

pytestmark = pytest.mark.network

#: The starter for versions that only a build knows: two jobs, the first without any secret.
TWO_JOBS = "computed-version/.github/workflows/auto-tag.yml"


def test_auto_tag_runs_no_backend_beside_the_key(attacked: AttackedRepository) -> None:
    """The backend's own environment holds no key; that of the process that asks it does."""
    files = hostile_metadata("0.5.0", "read_keys", loot=str(attacked.loot))
    commit = attacked.push(files, "dev")

    run = attacked.auto_tag("dev", commit)

    assert not attacked.loot.exists(), attacked.loot.read_text(encoding="utf-8")
    assert run.result.status == "failure"
    assert "version" in error_of(run, run.result.jobs[0].id)
    assert attacked.tags() == set()
    assert attacked.minted(run) == []
    assert attacked.changes(run) == []


def test_a_backend_cannot_choose_the_environment(attacked: AttackedRepository) -> None:
    """A tag of dev would be published by a job of production, with production's secrets."""
    files = hostile_metadata(
        "0.5.0",
        "forge_outputs",
        after="github-environment",
        outputs={"github-environment": "prd"},
    )
    commit = attacked.push(files, "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit))

    assert run.result.job("plan").step("plan").outputs["github-environment"] == "dev"
    assert attacked.indexed("prd") == {}
    assert set(attacked.releases()) <= {"v0.5.0-dev"}


def test_plan_runs_no_backend(attacked: AttackedRepository) -> None:
    """The build does not ask for metadata alone, so only a plan could."""
    files = hostile_metadata("0.5.0", "read_keys", loot=str(attacked.loot))
    commit = attacked.push(files, "dev")

    attacked.release(attacked.tag("v0.5.0-dev", commit))

    assert not attacked.loot.exists(), attacked.loot.read_text(encoding="utf-8")


def test_the_job_that_asks_the_backend_has_no_key(attacked: AttackedRepository) -> None:
    files = hostile_metadata("0.5.0", "read_keys", loot=str(attacked.loot))
    commit = attacked.push(files, "dev")

    run = attacked.auto_tag("dev", commit, TWO_JOBS)

    assert run.result.status == "success", run.result.first_failure
    assert attacked.tags() == {"v0.5.0-dev"}
    keys = app_secrets(attacked.opened.sandbox.ready["apps"]).values()
    digests = {hashlib.sha256(key.strip().encode()).hexdigest() for key in keys}
    # Keys of other sandboxes on this machine may be there; not those of this one.
    assert not digests & set(attacked.loot.read_text(encoding="utf-8").split())


def test_a_lie_about_the_version_costs_a_tag_and_no_release(attacked: AttackedRepository) -> None:
    files = hostile_metadata("0.5.0", "forge_outputs", after="version", outputs={"version": "9.9"})
    commit = attacked.push(files, "dev")

    tagging = attacked.auto_tag("dev", commit, TWO_JOBS)

    assert tagging.result.status == "success", tagging.result.first_failure
    assert attacked.tags() == {"v9.9-dev"}
    run = attacked.release(attacked.tag_event("v9.9-dev", commit))
    assert "9.9" in error_of(run, "build")
    assert run.result.job("publish").status == "skipped"
    assert attacked.changes(run) == []
