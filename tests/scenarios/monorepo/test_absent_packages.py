"""auto-tag on branches that not every package has come to, because each is promoted alone."""

import json
import shutil
from typing import Any

import pytest

from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner, app_inputs


@pytest.fixture
def push_and_tag(sandbox: Sandbox, run_stage: StageRunner, monorepo: Any) -> Any:
    """Runs auto-tag for a push of what is checked out to a branch."""

    def run(branch: str, **inputs: str) -> StageResult:
        monorepo.push(branch)
        return run_stage(
            "auto-tag",
            app_inputs(sandbox, **inputs),
            workspace=monorepo.folder,
            ref=f"refs/heads/{branch}",
        )

    return run


def remove(monorepo: Any, *paths: str) -> None:
    """Commit that these folders are gone."""
    for path in paths:
        shutil.rmtree(monorepo.folder / path)
    git("commit", "-q", "-a", "-m", "Only what was promoted", cwd=monorepo.folder)


def test_a_package_that_was_not_promoted_yet_is_left_out(push_and_tag: Any, monorepo: Any) -> None:
    remove(monorepo, "packages/core")
    result = push_and_tag("qa")
    assert result.exit_status == 0, result.log
    assert json.loads(result.outputs["tags"]) == ["shop-cli-v0.1.0-qa"]
    assert [one["name"] for one in json.loads(result.outputs["packages"])] == ["shop-cli"]


def test_a_branch_without_any_package_has_nothing_to_tag(push_and_tag: Any, monorepo: Any) -> None:
    remove(monorepo, "packages/core", "packages/cli")
    result = push_and_tag("qa")
    assert result.exit_status == 0, result.log
    assert (result.outputs["reason"], result.outputs["tags"]) == ("no-package", "[]")
    assert "None of the packages has come to qa yet" in result.annotation.message
    assert result.calls == ()


def test_where_packages_come_from_a_missing_folder_is_a_mistake(
    push_and_tag: Any, monorepo: Any
) -> None:
    remove(monorepo, "packages/core")
    result = push_and_tag("dev")
    assert result.exit_status == 2
    assert "Package shop-core: There is no Python project" in result.annotation.message


def test_a_package_that_is_named_must_be_there(push_and_tag: Any, monorepo: Any) -> None:
    remove(monorepo, "packages/core")
    result = push_and_tag("qa", package="shop-core")
    assert result.exit_status == 2
    assert "Package shop-core: There is no Python project" in result.annotation.message
