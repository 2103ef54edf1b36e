"""A build job in hostile hands decides nothing about what is published where.

The project's build backend runs in the job `build`. It stays alive in the background, replaces the
files and the manifest, and overwrites the job's output `manifest-sha256` to match.
"""

import json
from typing import Any

import pytest

from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from support.attacks.projects import honest_project, hostile_project
from support.attacks.repository import AttackedRepository, error_of

pytestmark = pytest.mark.network

EVIL = "raise SystemExit('evil')\n"


def forging(attacked: AttackedRepository, **options: Any) -> dict[str, str]:
    """Write a project that forges its manifest once the action has written its own."""
    loot = str(attacked.loot)
    options = {"after": "manifest-sha256", "manifest": {}, "loot": loot, **options}
    return hostile_project("0.5.0", "forge_outputs", **options)


def refused(attacked: AttackedRepository, run: FinishedRun, *texts: str) -> None:
    """Assert that the forgery arrived at the publishing job, which minted nothing for it."""
    digest = run.result.job("build").step("build").outputs["manifest-sha256"]
    assert digest == attacked.loot.read_text(encoding="utf-8")
    assert run.result.job("publish").status == "failure"
    message = error_of(run, "publish")
    assert [text for text in texts if text not in message] == [], message
    assert attacked.minted(run) == []
    assert attacked.changes(run) == []


@pytest.mark.parametrize("starter", ["release.yml", "release-docker.yml"])
def test_another_project_is_not_published(attacked: AttackedRepository, starter: str) -> None:
    """The second starter uploads by the root action."""
    release = {"name": "other-team-lib", "version": "99.0.0", "content": EVIL}
    commit = attacked.push(forging(attacked, release=release), "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit), starter=starter)

    assert attacked.indexed("dev") == {}
    assert attacked.releases() == {}
    refused(attacked, run, "other-team-lib", "eigenoid-sample")


def test_another_version_is_not_published(attacked: AttackedRepository) -> None:
    release = {"name": "eigenoid-sample", "version": "99.0.0", "content": EVIL}
    commit = attacked.push(forging(attacked, release=release), "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit))

    assert attacked.indexed("dev") == {}
    assert attacked.releases() == {}
    refused(attacked, run, "99.0.0", "0.5.0")


CARRIED = {
    "environment": "qa",
    "tag": "v1.0.1-qa",
    "commit": "c" * 40,
    "tree": "d" * 40,
    "manifest-sha256": "e" * 64,
}


@pytest.mark.parametrize("carried_from", [None, CARRIED], ids=["built", "carried"])
def test_dev_reaches_nothing_of_production(
    attacked: AttackedRepository, carried_from: dict[str, str] | None
) -> None:
    """The run of production, which comes after it, publishes what it built itself."""
    honest = attacked.push(honest_project("1.0.1", "GREETING = 'hello'\n"), "main")
    production = attacked.tag("v1.0.1", honest)
    forged = {
        "tag": "v1.0.1",
        "commit": honest,
        "environment": "prd",
        "github-environment": "prd",
        "suffix": "",
        "prerelease": False,
        "production": True,
        "built": {"environment": "prd", "tag": "v1.0.1", "commit": honest},
        "carried-from": carried_from,
    }
    release = {"name": "eigenoid-sample", "version": "1.0.1", "content": EVIL}
    commit = attacked.push(forging(attacked, release=release, manifest=forged), "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit))

    releases_of_dev = set(attacked.releases())
    later = attacked.release(production)
    assert EVIL.encode() not in b"".join(attacked.indexed("prd").values())
    assert later.result.status == "success", later.result.first_failure
    assert set(attacked.indexed("prd")) == {
        "eigenoid_sample-1.0.1-py3-none-any.whl",
        "eigenoid_sample-1.0.1.tar.gz",
    }
    assert releases_of_dev == set()
    assert attacked.indexed("dev") == {}
    refused(attacked, run, "v1.0.1", "v0.5.0-dev")


def test_a_build_cannot_name_a_commit_of_its_choice(attacked: AttackedRepository) -> None:
    """The manifest would claim what main holds for what dev built."""
    reviewed = attacked.push(honest_project("1.0.1"), "main")
    commit = attacked.push(forging(attacked, manifest={"commit": reviewed}), "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit))

    assert attacked.indexed("dev") == {}
    assert attacked.releases() == {}
    refused(attacked, run, reviewed[:7])


def test_an_artifact_of_another_run_is_refused(attacked: AttackedRepository) -> None:
    """What a version consisted of that was tagged once, and never released."""
    withheld = attacked.push(honest_project("0.4.0"), "dev")
    attacked.tag("v0.4.0-dev", withheld)
    old = {"name": "eigenoid-sample", "version": "0.4.0", "content": ""}
    forged = {"tag": "v0.4.0-dev", "commit": withheld}
    commit = attacked.push(forging(attacked, release=old, manifest=forged), "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit))

    assert attacked.indexed("dev") == {}
    assert attacked.releases() == {}
    refused(attacked, run, "v0.4.0-dev", "v0.5.0-dev")


HOSTILE_TESTS = """\
import io, pathlib, zipfile

def test_replace_the_artifact():
    for path in pathlib.Path({artifacts!r}).rglob("dist.zip"):
        files = {{}}
        with zipfile.ZipFile(path) as archive:
            files = {{name: archive.read(name) for name in archive.namelist()}}
        wheel = next(name for name in files if name.endswith(".whl"))
        files[wheel] += b"evil"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
"""


def test_a_test_job_cannot_replace_what_was_built(attacked: AttackedRepository) -> None:
    """Any job of a run can delete an artifact and upload another one of its name."""
    artifacts = str(attacked.opened.world.state / "artifacts")
    tests = {"tests/test_import.py": HOSTILE_TESTS.format(artifacts=artifacts)}
    commit = attacked.push({**honest_project("0.5.0"), **tests}, "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit), tests=True)

    assert run.result.job("test").status == "success", run.result.first_failure
    assert run.result.job("publish").status == "failure"
    assert "dist-manifest.json" in error_of(run, "publish")
    assert attacked.indexed("dev") == {}
    assert attacked.releases() == {}
    assert attacked.minted(run) == []


def test_what_is_honest_is_published(attacked: AttackedRepository) -> None:
    """The same backend, when it only builds: what stops the others is what they forge."""
    commit = attacked.push(honest_project("0.5.0"), "dev")

    run = attacked.release(attacked.tag("v0.5.0-dev", commit))

    assert run.result.status == "success", run.result.first_failure
    names = ["eigenoid_sample-0.5.0-py3-none-any.whl", "eigenoid_sample-0.5.0.tar.gz"]
    assert sorted(attacked.indexed("dev")) == names
    (release,) = attacked.releases().values()
    manifest = next(asset for asset in release.assets if asset.name == "dist-manifest.json")
    assert json.loads(manifest.path.read_text(encoding="utf-8"))["tag"] == "v0.5.0-dev"
