"""Projects whose version stands in tags: auto-tag proposes the next one."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.projects.checkouts import ProjectCheckout
from support.projects.declared import DERIVED
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner, app_inputs

LIST = "GET git/matching-refs/tags/v"


@pytest.fixture
def run_bump(sandbox: Sandbox, run_stage: StageRunner, derived: ProjectCheckout) -> Any:
    """Runs auto-tag with `bump: conventional`, or with other inputs."""

    def run(branch: str = "dev", *, workspace: Path | None = None, **changes: str) -> StageResult:
        inputs = app_inputs(sandbox, **{"bump": "conventional", **changes})
        options: dict[str, Any] = {"ref": f"refs/heads/{branch}"}
        return run_stage("auto-tag", inputs, workspace=workspace or derived.folder, **options)

    return run


def change(project: ProjectCheckout, message: str, name: str = "module.py") -> None:
    """Commit a change of a file, and push it to `dev`."""
    file = project.folder / name
    project.commit(name, f"{file.read_text() if file.exists() else ''}{message!r}\n", message)
    project.push()


def test_versions_follow_the_commits_since_the_last_tag(
    run_bump: Any, derived: ProjectCheckout, sandbox: Sandbox
) -> None:
    first = run_bump()
    change(derived, "fix: round totals once")
    fixed = run_bump()
    change(derived, "feat: greet twice")
    change(derived, "docs: say so")
    raised = run_bump()

    assert [result.outputs["tag"] for result in (first, fixed, raised)] == [
        "v0.1.0-dev",
        "v0.1.1-dev",
        "v0.2.0-dev",
    ]
    assert sandbox.repository.git.tag("v0.2.0-dev") is not None
    reason = "0.1.1 → 0.2.0, because of 1 feature since v0.1.1-dev."
    assert raised.annotation.message.endswith(reason)
    assert raised.summary.index("of 1 feature since v0.1.1") < raised.summary.index("created")
    assert raised.calls[:3] == (LIST, "GET git/tags/SHA", "GET compare/SHA...SHA")


def test_what_no_user_notices_is_not_released(run_bump: Any, derived: ProjectCheckout) -> None:
    run_bump()
    change(derived, "docs: a")
    change(derived, "ci: b")

    result = run_bump()

    assert (result.exit_status, result.changes) == (0, ())
    assert (result.outputs["reason"], result.outputs["created"]) == ("nothing-to-release", "false")
    assert result.annotation.level == "notice"
    assert "Nothing to release. Since v0.1.0-dev there is nothing" in result.annotation.message
    assert "1 ci, 1 docs" in result.summary
    assert run_bump(bump="patch").outputs["tag"] == "v0.1.1-dev"


def test_a_tagged_commit_and_an_older_one_are_left_alone(
    run_bump: Any, derived: ProjectCheckout
) -> None:
    run_bump()
    change(derived, "feat: later")
    run_bump()

    again = run_bump()
    git("checkout", "-q", "HEAD~", cwd=derived.folder)
    git("push", "-q", "--force", "origin", "HEAD:refs/heads/dev", cwd=derived.folder)
    older = run_bump()
    git("commit", "-q", "--allow-empty", "-m", "feat: nothing at all", cwd=derived.folder)
    derived.push()
    rewritten = run_bump()

    assert (again.outputs["reason"], again.outputs["tag"]) == ("exists-same", "v0.2.0-dev")
    assert older.outputs["reason"] == "nothing-to-release"
    assert "v0.2.0-dev holds this commit already" in older.annotation.message
    assert rewritten.outputs["tag"] == "v0.3.0-dev"


def test_a_commit_with_the_same_files_is_not_released(
    run_bump: Any, derived: ProjectCheckout
) -> None:
    run_bump()
    git("commit", "-q", "--allow-empty", "-m", "feat: nothing at all", cwd=derived.folder)
    derived.push()

    result = run_bump(bump="minor")

    assert result.outputs["reason"] == "nothing-to-release"
    assert result.calls == (LIST, "GET git/tags/SHA")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param(["v1.4.2"], "v1.5.0-dev", id="production's alone"),
        pytest.param(["v1.4.2-dev", "v1.4.3"], "v1.5.0-dev", id="a hotfix of production"),
        pytest.param(["v1.10.0-qa", "v1.9.0-dev"], "v1.11.0-dev", id="numbers, not letters"),
        pytest.param(["v2.0.0rc1-dev", "v1.4.2-dev"], "v2.0.0-dev", id="a pre-release"),
        pytest.param(["v2.1.0.dev3-dev"], "v2.1.0-dev", id="a development release"),
        pytest.param(["v1!0.9-dev", "v7.0-dev"], "v1!0.10.0-dev", id="an epoch"),
        pytest.param(["v1.4.2.post1-dev"], "v1.5.0-dev", id="a post-release"),
        pytest.param(["latest", "release-9", "v1.4-beta"], "v0.1.0-dev", id="no version at all"),
    ],
)
def test_the_highest_version_of_any_environment_is_raised(
    run_bump: Any, derived: ProjectCheckout, tags: list[str], expected: str
) -> None:
    for tag in tags:
        derived.push_tag(tag, message=None)
    change(derived, "feat: greet twice")

    assert run_bump(**{"dry-run": "true"}).outputs["tag"] == expected


def test_commits_are_counted_since_the_tag_of_this_environment(
    run_bump: Any, derived: ProjectCheckout
) -> None:
    """What was squashed into another branch is there as other commits."""
    change(derived, "feat: in 1.5.0 already")
    derived.push_tag("v1.5.0-dev")
    git("checkout", "-q", "HEAD~", cwd=derived.folder)
    derived.commit("module.py", "squashed\n", "1.5.0, with a hotfix")
    derived.push_tag("v1.5.1")
    git("checkout", "-q", "-", cwd=derived.folder)
    change(derived, "fix: after it")

    result = run_bump(**{"dry-run": "true"})

    assert "1.5.1 → 1.5.2, because of 1 fix since v1.5.0-dev." in result.annotation.message


def test_a_version_by_hand_wins_and_is_promoted_as_it_is(
    run_bump: Any, derived: ProjectCheckout
) -> None:
    given = run_bump(version="3.0.0rc1")
    derived.push("qa")
    promoted = run_bump("qa")

    assert (given.outputs["tag"], promoted.outputs["tag"]) == ("v3.0.0rc1-dev", "v3.0.0rc1-qa")


def test_a_history_that_was_begun_anew_asks_for_a_version(
    run_bump: Any, derived: ProjectCheckout
) -> None:
    run_bump()
    git("checkout", "-q", "--orphan", "anew", cwd=derived.folder)
    change(derived, "feat: all of it")

    result = run_bump()

    assert (result.exit_status, result.changes) == (2, ())
    assert "v0.1.0-dev and" in result.annotation.message
    assert "have no commit in common" in result.annotation.message


def test_a_declared_version_is_not_proposed(
    package: ProjectCheckout, sandbox: Sandbox, run_stage: StageRunner
) -> None:
    inputs = app_inputs(sandbox, bump="minor")

    result = run_stage("auto-tag", inputs, workspace=package.folder)

    assert (result.exit_status, result.calls) == (2, ())
    assert "The input bump is minor, but pyproject.toml:3 says the version itself: 1.0.0." in (
        result.annotation.message
    )


def test_packages_are_raised_by_the_commits_of_their_folders(
    run_bump: Any, derived: ProjectCheckout
) -> None:
    derived.commit("pyproject.toml", "")
    settings = "".join(f'[packages.{name}]\npath = "{name}"\n' for name in ("one", "two", "three"))
    derived.commit(".github/dist-actions.toml", settings)
    for name in ("one", "two"):
        derived.commit(f"{name}/pyproject.toml", DERIVED.replace("eigenoid-sample", name))
    derived.commit("three/pyproject.toml", '[project]\nname = "three"\nversion = "7.0"\n')
    derived.push()
    first = run_bump()
    change(derived, "feat: of one", "one/module.py")
    change(derived, "docs: of two", "two/README.md")
    change(derived, "fix: of two", "two/module.py")

    result = run_bump()

    assert json.loads(first.outputs["tags"]) == [
        "one-v0.1.0-dev",
        "two-v0.1.0-dev",
        "three-v7.0-dev",
    ]
    assert json.loads(result.outputs["tags"]) == ["one-v0.2.0-dev", "two-v0.1.1-dev"]
    assert "`one`: 0.1.0 → 0.2.0, because of 1 feature since one-v0.1.0-dev" in (
        result.summary.replace("\\", "")
    )
    change(derived, "docs: of one", "one/README.md")
    assert json.loads(run_bump().outputs["packages"])[0]["reason"] == "nothing-to-release"
