"""The phase `plan`: what a tag releases, held against the package, the branch and GitHub."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from support.projects.releases import PYPROJECT, commit_version, push_tag
from support.sandbox.fixtures import Sandbox, commit_file, git
from support.stages.running import StageResult, StageRunner


@pytest.fixture
def tagged_checkout(checkout: Path) -> Path:
    """A checkout of v0.1.0-dev."""
    commit_version(checkout, "0.1.0")
    push_tag(checkout, "v0.1.0-dev")
    return checkout


def plan(run_stage: StageRunner, workspace: Path, tag: str = "v0.1.0-dev", **more: Any) -> Any:
    inputs = {"phase": "plan", **more.pop("inputs", {})}
    options = {"workspace": workspace, "ref": f"refs/tags/{tag}", **more}
    return run_stage("release", inputs, **options)


def refused(result: StageResult, exit_status: int, *said: str) -> None:
    assert result.exit_status == exit_status, result.log
    message = result.annotation.message
    assert [text for text in said if text not in message] == [], message
    assert "\nWhy: " in message
    assert "\nFix: " in message
    assert result.changes == ()
    assert result.outputs == {}


def test_the_plan_is_told_to_the_other_jobs(run_stage: StageRunner, tagged_checkout: Path) -> None:
    result = plan(run_stage, tagged_checkout)
    assert result.exit_status == 0, result.log
    assert result.calls == (
        "GET git/matching-refs/tags/v0.1.0-dev",
        "GET git/tags/SHA",
        "GET compare/refs/heads/dev...SHA",
    )
    head = git("rev-parse", "HEAD", cwd=tagged_checkout).stdout.strip()
    pythons = ["3.11", "3.12", "3.13", "3.14"]
    assert json.loads(result.outputs.pop("python-versions")) == pythons
    matrix = [{"python": version, "experimental": False} for version in pythons]
    assert json.loads(result.outputs.pop("matrix")) == {"include": matrix}
    assert result.outputs == {
        "environment": "dev",
        "github-environment": "dev",
        "version": "0.1.0",
        "package": "eigenoid-sample",
        "package-path": ".",
        "tag": "v0.1.0-dev",
        "commit-sha": head,
        "prerelease": "true",
        "source-date-epoch": git("show", "-s", "--format=%ct", cwd=tagged_checkout).stdout.strip(),
        "source": "build",
        "carried-from": "",
        "carried-manifest-sha256": "",
    }
    assert "v0.1.0-dev" in result.summary
    assert head[:7] in result.summary


def test_production_is_no_prerelease(run_stage: StageRunner, checkout: Path) -> None:
    commit_version(checkout, "1.0.0")
    git("push", "-q", "origin", "HEAD:main", cwd=checkout)
    push_tag(checkout, "v1.0.0")
    result = plan(run_stage, checkout, "v1.0.0")
    assert (result.outputs["environment"], result.outputs["prerelease"]) == ("prd", "false")


def test_a_lightweight_tag_and_a_branch_that_went_on_will_do(
    run_stage: StageRunner, checkout: Path
) -> None:
    commit = commit_version(checkout, "0.1.0")
    git("tag", "v0.1.0-dev", cwd=checkout)
    commit_version(checkout, "0.2.0")
    git("push", "-q", "origin", "v0.1.0-dev", cwd=checkout)
    git("checkout", "-q", commit, cwd=checkout)
    result = plan(run_stage, checkout)
    assert (result.exit_status, result.outputs["commit-sha"]) == (0, commit)


@pytest.mark.parametrize(("folder", "package_path"), [("repo", "."), ("a/repo", "lib")])
def test_a_checkout_in_a_folder_is_found_by_the_path_of_its_package(
    run_stage: StageRunner, checkout: Path, tmp_path: Path, folder: str, package_path: str
) -> None:
    (checkout / package_path).mkdir(exist_ok=True)
    commit_file(checkout, f"{package_path}/pyproject.toml", PYPROJECT.format(version="0.1.0"))
    git("push", "-q", "origin", "HEAD", cwd=checkout)
    push_tag(checkout, "v0.1.0-dev")
    shutil.copytree(checkout, tmp_path / "workspace" / folder)
    inputs = {"package-path": f"{folder}/{package_path}".removesuffix("/.")}
    result = plan(run_stage, tmp_path / "workspace", inputs=inputs)
    assert result.exit_status == 0, result.log
    assert result.outputs["package-path"] == package_path


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(
            {
                "event": "workflow_dispatch",
                "ref": "refs/heads/dev",
                "inputs": {"tag": "v0.1.0-dev"},
            },
            id="dispatch with a tag",
        ),
        pytest.param(
            {"event": "release", "payload": {"release": {"tag_name": "v0.1.0-dev"}}},
            id="release published",
        ),
    ],
)
def test_the_other_triggers_name_their_tag(
    run_stage: StageRunner, tagged_checkout: Path, options: dict[str, Any]
) -> None:
    result = plan(run_stage, tagged_checkout, **options)
    assert (result.exit_status, result.outputs["tag"]) == (0, "v0.1.0-dev")


def test_a_project_has_environments_of_its_own(run_stage: StageRunner, checkout: Path) -> None:
    own = (
        "\n[tool.dist-actions.environments]\n"
        'test = { branch = "dev", suffix = "-test", github-environment = "staging" }\n'
        'prod = { branch = "main" }\n'
    )
    commit_version(checkout, "0.1.0", PYPROJECT + own.replace("{", "{{").replace("}", "}}"))
    push_tag(checkout, "v0.1.0-test")
    result = plan(run_stage, checkout, "v0.1.0-test")
    assert result.exit_status == 0, result.log
    assert result.outputs["environment"] == "test"
    assert result.outputs["github-environment"] == "staging"


def test_a_tag_of_another_version_is_refused_at_the_versions_line(
    run_stage: StageRunner, tagged_checkout: Path
) -> None:
    push_tag(tagged_checkout, "v0.2.0-dev")
    result = plan(run_stage, tagged_checkout, "v0.2.0-dev")
    refused(result, 1, "The tag v0.2.0-dev says 0.2.0, but pyproject.toml:7 says 0.1.0.")
    assert (result.annotation.file, result.annotation.line) == ("pyproject.toml", 7)


def test_a_commit_that_is_not_on_the_environments_branch_is_refused(
    run_stage: StageRunner, tagged_checkout: Path
) -> None:
    push_tag(tagged_checkout, "v0.1.0-qa")
    result = plan(run_stage, tagged_checkout, "v0.1.0-qa")
    refused(result, 1, "which is not on the branch qa", "merge the commit into qa")


def test_a_branch_that_does_not_exist_holds_no_commit(
    run_stage: StageRunner, tagged_checkout: Path, sandbox: Sandbox
) -> None:
    sandbox.repository.git.delete_ref("refs/heads/qa")
    push_tag(tagged_checkout, "v0.1.0-qa")
    refused(plan(run_stage, tagged_checkout, "v0.1.0-qa"), 1, "not on the branch qa")


@pytest.mark.parametrize("ref", ["refs/heads/dev", "refs/pull/7/merge"])
def test_what_is_no_tag_is_never_released(
    run_stage: StageRunner, tagged_checkout: Path, ref: str
) -> None:
    result = plan(run_stage, tagged_checkout, ref=ref)
    refused(result, 2, f"{ref} is not a tag", "on: push: tags:")
    assert result.requests == ()


@pytest.mark.parametrize("tag", ["nightly", "v0.1.0-prd", "0.1.0-dev"])
def test_a_tag_of_another_form_is_refused(
    run_stage: StageRunner, tagged_checkout: Path, tag: str
) -> None:
    result = plan(run_stage, tagged_checkout, tag)
    refused(result, 2, f"The tag {tag} is not of the form v{{version}}{{suffix}}")
    assert result.requests == ()


def test_a_tag_that_is_gone_is_refused(
    run_stage: StageRunner, tagged_checkout: Path, sandbox: Sandbox
) -> None:
    sandbox.repository.git.delete_ref("refs/tags/v0.1.0-dev")
    refused(plan(run_stage, tagged_checkout), 1, "There is no tag v0.1.0-dev on GitHub")


def test_another_checkout_than_the_tag_is_refused(
    run_stage: StageRunner, tagged_checkout: Path
) -> None:
    commit_file(tagged_checkout, "later.txt", "later")
    refused(plan(run_stage, tagged_checkout), 1, "is checked out", "ref: refs/tags/v0.1.0-dev")


def test_another_commit_than_planned_is_refused_offline(
    run_stage: StageRunner, tagged_checkout: Path
) -> None:
    inputs = {"phase": "build", "commit-sha": "a" * 40}
    result = plan(run_stage, tagged_checkout, inputs=inputs)
    refused(result, 1, "points to aaaaaaa")
    assert result.requests == ()


def test_without_contents_read_the_permission_is_named(
    run_stage: StageRunner, tagged_checkout: Path
) -> None:
    result = plan(run_stage, tagged_checkout, permissions={"id-token": "write"})
    refused(result, 1, "add `permissions: contents: read` to the job")


def test_without_a_checkout_the_missing_step_is_named(
    run_stage: StageRunner, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(plan(run_stage, empty, sha="a" * 40), 1, "actions/checkout")
