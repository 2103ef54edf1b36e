"""Starters that tag on one branch, and publish to PyPI, TestPyPI, Artifact Registry and others."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from support.act.rehearse_command import read_report, rehearse
from support.paths import EXAMPLES

pytestmark = pytest.mark.network

TAGGED = "git tag --annotate v1.0.0 --message v1.0.0 && git push origin v1.0.0"
#: Starter, options, what a person typed before the approval, who approves for what, the indexes.
STARTERS: dict[str, tuple[tuple[str, ...], str, str, tuple[str, ...]]] = {
    "pypi-token": (("--run", "scripts/publish"), "scripts/publish", "deploy", ("PyPI",)),
    "testpypi-pypi": ((), TAGGED, "pypi", ("TestPyPI", "PyPI")),
    "service-account-key": ((), TAGGED, "deploy", ("Artifact Registry of deploy",)),
    "poetry-pypi": ((), TAGGED, "pypi", ("PyPI", "private index")),
    "artifact-registry-pypi": ((), TAGGED, "deploy", ("PyPI", "Artifact Registry of deploy")),
}


def commands(report: dict[str, Any]) -> list[str]:
    return [stage["command"] for stage in report["stages"] if "command" in stage]


def jobs_of(output: Path) -> list[str]:
    """The jobs of the release, and whether each succeeded."""
    return sorted(
        log.read_text(encoding="utf-8").splitlines()[0]
        for log in output.glob("logs/*-release-v1.0.0/*.log")
        if log.name != "run.log"
    )


@pytest.mark.parametrize("name", STARTERS)
def test_a_tag_is_approved_and_published(name: str, tmp_path: Path) -> None:
    options, typed, environment, indexes = STARTERS[name]
    done = rehearse(EXAMPLES / name, tmp_path, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        f"waited for approval to deploy to {environment} → approved by reviewer $ gh api"
        in done.stdout
    )
    report = read_report(tmp_path)
    push, tag, review = commands(report)
    assert (push, tag) == ("git push origin main", typed)
    assert "/pending_deployments -F 'environment_ids[]=" in review
    assert report["environments"] == []
    found = {place["name"]: place for place in report["indexes"]}
    assert tuple(found) == indexes
    for place in found.values():
        assert place["package"] == f"eigenoid-{name}"
        assert place["installed_version"] == "1.0.0"
        assert len(place["files"]) == 2
    assert len({repr(place["files"]) for place in found.values()}) == 1  # the same bytes everywhere


def test_what_is_rejected_is_not_published(tmp_path: Path) -> None:
    """The job ends without a step, and what needs no approval ran all the same."""
    done = rehearse(EXAMPLES / "service-account-key", tmp_path, "--reject", "deploy")
    assert done.returncode == 1
    assert "waited for approval to deploy to deploy → rejected by reviewer" in done.stdout
    assert "The deployment was rejected" in done.stderr
    assert jobs_of(tmp_path) == ["build: success", "publish: failure", "test: success"]
    (log,) = tmp_path.glob("logs/*-release-v1.0.0/publish.log")
    assert "download-artifact" not in log.read_text(encoding="utf-8").replace("(skipped", "")
    assert not (tmp_path / "report.json").exists()


def test_another_environment_can_ask_for_approval(tmp_path: Path) -> None:
    """TestPyPI's has no reviewers by itself; here one says no, and nothing goes to PyPI."""
    done = rehearse(EXAMPLES / "testpypi-pypi", tmp_path, "--reject", "testpypi")
    assert done.returncode == 1
    assert "waited for approval to deploy to testpypi → rejected by reviewer" in done.stdout
    assert "pypi: skipped" in jobs_of(tmp_path)


def test_a_commit_that_is_not_on_main_is_not_tagged(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(EXAMPLES / "pypi-token", project)
    (project / ".github" / "workflows" / "test.yml").unlink()
    command = "git commit --quiet --allow-empty --message more && scripts/publish"
    done = rehearse(project, tmp_path / "out", "--run", command)
    assert done.returncode == 1
    assert "publish: this is not what is on main" in done.stderr
