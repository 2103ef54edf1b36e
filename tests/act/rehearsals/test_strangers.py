"""A project that has never heard of dist-actions: its own release workflow, unchanged."""

from pathlib import Path

import pytest

from support.act.git import git
from support.act.rehearse_command import read_report, rehearse

pytestmark = pytest.mark.network

PYPROJECT = """\
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "stranger"
version = "1.2.0"
description = "A module."
"""
PUBLISH = """\
name: Upload
on: {push: {tags: ["*"]}}
jobs:
  deploy:
    if: github.repository == 'someone/stranger'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pip install flit
      - run: flit publish
        env: {FLIT_USERNAME: __token__, FLIT_PASSWORD: "${{ secrets.UPLOAD }}"}
"""
TESTS = "on: [push]\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: exit 1}]}}\n"


@pytest.fixture
def stranger(tmp_path: Path) -> Path:
    """A clone with two commits, of which the first has a tag, and with a red test workflow."""
    project = tmp_path / "clone"
    workflows = project / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (project / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (project / "stranger.py").write_text("X = 1\n", encoding="utf-8")
    (workflows / "tests.yml").write_text(TESTS, encoding="utf-8")
    git(project, "init", "--quiet", "--initial-branch", "trunk")
    for tag, text in (("1.1.0", PUBLISH.replace("flit", "flat")), ("", PUBLISH)):
        (workflows / "publish.yml").write_text(text, encoding="utf-8")
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message", f"next {tag}")
        if tag:
            git(project, "tag", tag)
    git(project, "remote", "add", "origin", "git@github.com:someone/stranger.git")
    return project


def test_its_tag_is_pushed_and_its_token_publishes(stranger: Path, tmp_path: Path) -> None:
    head = git(stranger, "rev-parse", "HEAD")

    done = rehearse(stranger, tmp_path / "out")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Set aside: tests.yml (it publishes nothing)." in done.stdout
    report = read_report(tmp_path / "out")
    assert [stage.get("command") for stage in report["stages"][:2]] == [
        "git push origin trunk",
        "git tag --annotate 1.2.0 --message 1.2.0 && git push origin 1.2.0",
    ]
    (index,) = report["indexes"]
    assert (index["name"], index["package"], index["installed_version"]) == (
        "PyPI",
        "stranger",
        "1.2.0",
    )
    log = next((tmp_path / "out").glob("logs/*/deploy.log")).read_text(encoding="utf-8")
    assert head.strip() in log  # the project's own commit, not one of the rehearsal


def test_a_condition_that_is_false_is_the_reason(stranger: Path, tmp_path: Path) -> None:
    done = rehearse(stranger, tmp_path / "out", "--repository", "somebody/fork")
    assert done.returncode == 1
    assert "Nothing was published, and no workflow is left to start." in done.stderr
    assert "its `if:` was false (github.repository == 'someone/stranger')" in done.stderr


def test_a_workflow_that_github_would_not_start_is_the_reason_on_the_page(
    stranger: Path, tmp_path: Path
) -> None:
    publish = stranger / ".github" / "workflows" / "publish.yml"
    publish.write_text(PUBLISH.replace("steps:", "steps: ["), encoding="utf-8")
    done = rehearse(stranger, tmp_path / "out")
    assert done.returncode == 1  # as for a run that failed
    reason = "Invalid workflow file .github/workflows/publish.yml"
    assert reason in done.stderr
    assert reason in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
