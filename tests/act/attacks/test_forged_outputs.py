"""Whatever the outputs of the jobs before say, a run publishes what its own tag says."""

import re

import pytest

from support.attacks.projects import honest_project, hostile_project
from support.attacks.repository import AttackedRepository, error_of

pytestmark = pytest.mark.network

_OUTPUT = r"(?m)^(      {name}: ).*$"


def forge(text: str, outputs: dict[str, str]) -> str:
    """Let a job of the starter hand over these values, as its hostile step would."""
    for name, value in outputs.items():
        text, count = re.subn(_OUTPUT.format(name=re.escape(name)), rf"\g<1>{value}", text)
        assert count, name
    return text


@pytest.mark.parametrize(
    ("environment", "starter"),
    [("prd", "release.yml"), ("qa", "release.yml"), ("prd", "release-docker.yml")],
)
def test_a_forged_environment_publishes_nothing(
    attacked: AttackedRepository, environment: str, starter: str
) -> None:
    """The publishing job gets the variables and secrets of an environment that is not the tag's."""
    commit = attacked.push(honest_project("0.5.0"), "dev")

    run = attacked.release(
        attacked.tag("v0.5.0-dev", commit),
        starter=starter,
        changed=lambda text: forge(text, {"github-environment": environment}),
    )

    assert run.result.job("publish").status != "success"
    assert [attacked.indexed(name) for name in ("dev", "qa", "prd")] == [{}, {}, {}]
    assert attacked.releases() == {}
    assert attacked.minted(run) == []


def test_all_outputs_of_all_jobs_are_forged(attacked: AttackedRepository) -> None:
    """The plan's environment and commit, and the build's digest with files that match it."""
    other = attacked.push(honest_project("1.0.1"), "main")
    attacked.tag("v1.0.1", other)
    files = hostile_project(
        "0.5.0",
        "forge_outputs",
        after="manifest-sha256",
        loot=str(attacked.loot),
        release={"name": "eigenoid-sample", "version": "1.0.1", "content": "EVIL = 1\n"},
        manifest={
            "tag": "v1.0.1",
            "commit": other,
            "environment": "prd",
            "github-environment": "prd",
            "suffix": "",
            "prerelease": False,
            "production": True,
        },
    )
    commit = attacked.push(files, "dev")
    outputs = {
        "github-environment": "prd",
        "commit-sha": commit,
        "carried-manifest-sha256": '""',
        "python-versions": "'[\"3.13\"]'",
    }

    run = attacked.release(
        attacked.tag("v0.5.0-dev", commit), changed=lambda text: forge(text, outputs)
    )

    assert run.result.job("build").status == "success", run.result.first_failure
    assert run.result.job("publish").status != "success"
    assert [attacked.indexed(name) for name in ("dev", "qa", "prd")] == [{}, {}, {}]
    assert attacked.releases() == {}
    assert attacked.minted(run) == []


def test_a_digest_that_no_job_wrote_is_refused(attacked: AttackedRepository) -> None:
    commit = attacked.push(honest_project("0.5.0"), "dev")

    run = attacked.release(
        attacked.tag("v0.5.0-dev", commit),
        changed=lambda text: forge(text, {"manifest-sha256": "0" * 64}),
    )

    assert "dist-manifest.json has the sha256" in error_of(run, "publish")
    assert attacked.changes(run) == []
    assert attacked.minted(run) == []
