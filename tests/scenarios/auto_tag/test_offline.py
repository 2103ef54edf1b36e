"""What auto-tag decides before it asks any service: events, versions, inputs, the checkout."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from support.projects.checkouts import ProjectCheckout
from support.sandbox.fixtures import git
from support.stages.running import StageResult, StageRunner


def _idle(result: StageResult, reason: str) -> None:
    assert result.exit_status == 0, result.log
    assert result.outputs["reason"] == reason
    assert (result.outputs["created"], result.outputs["tag"]) == ("false", "")
    assert result.annotation.level == "notice"


def _refused(result: StageResult, *texts: str) -> None:
    assert result.exit_status == 2, result.log
    assert result.annotation.level == "error"
    for text in (*texts, "Why: ", "Fix: "):
        assert text in result.annotation.message
    assert result.outputs == {}


@pytest.mark.parametrize(
    "branch", ["feature", "maintain", "DEV", "dev2", "refs/heads/dev", "origin/dev", "dev/"]
)
def test_unmapped_branch(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, branch: str
) -> None:
    result = run_stage_alone(
        "auto-tag", workspace=offline_package.folder, ref=f"refs/heads/{branch}"
    )

    _idle(result, "unmapped-branch")


def test_unmapped_branch_needs_no_secret(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    """A secret of an environment is empty where the branch may not use that environment."""
    result = run_stage_alone(
        "auto-tag",
        {"client-id": "Iv1.0123456789abcdef"},
        workspace=offline_package.folder,
        ref="refs/heads/feature",
    )

    _idle(result, "unmapped-branch")


@pytest.mark.parametrize(
    ("event", "ref", "payload"),
    [
        ("push", "refs/tags/v1.0.0", {}),
        ("push", "refs/heads/dev", {"deleted": True}),
        ("pull_request", "refs/pull/7/merge", {}),
        ("schedule", "refs/heads/dev", {}),
        ("release", "refs/tags/v1.0.0", {"release": {"tag_name": "v1.0.0"}}),
        ("push", "", {}),
    ],
    ids=["tag push", "branch deletion", "pull request", "schedule", "release", "no ref"],
)
def test_not_a_push_to_a_branch(
    offline_package: ProjectCheckout,
    run_stage_alone: StageRunner,
    event: str,
    ref: str,
    payload: dict[str, Any],
) -> None:
    result = run_stage_alone(
        "auto-tag", workspace=offline_package.folder, event=event, ref=ref, payload=payload
    )

    _idle(result, "not-a-push")


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment"])
def test_untrusted_events_are_refused(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, event: str
) -> None:
    """Before anything else is looked at, bad inputs included."""
    result = run_stage_alone(
        "auto-tag", {"dry-run": "perhaps"}, workspace=offline_package.folder, event=event
    )

    _refused(result, f"The event {event} is refused")
    assert "dry-run" not in result.log


@pytest.mark.parametrize("given", [{}, {"client-id": "Iv1.0123456789abcdef"}])
def test_fork_without_secrets(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, given: dict[str, str]
) -> None:
    result = run_stage_alone(
        "auto-tag",
        given,
        workspace=offline_package.folder,
        payload={"repository": {"fork": True}},
    )

    _idle(result, "no-credentials")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "The inputs client-id and private-key are empty"),
        ({"client-id": "Iv1.0123456789abcdef"}, "The input private-key is empty"),
        ({"private-key": "k"}, "The input client-id is empty"),
    ],
)
def test_an_empty_secret_is_named(
    offline_package: ProjectCheckout,
    run_stage_alone: StageRunner,
    given: dict[str, str],
    named: str,
) -> None:
    result = run_stage_alone("auto-tag", given, workspace=offline_package.folder)

    _refused(result, named, "`environment:`")


def test_an_app_and_a_token(offline_package: ProjectCheckout, run_stage_alone: StageRunner) -> None:
    inputs = {"client-id": "Iv1.0123456789abcdef", "private-key": "k", "token": "ghp_0123456789"}

    result = run_stage_alone("auto-tag", inputs, workspace=offline_package.folder)

    _refused(result, "not both")


VERSIONS = {
    "missing": ('[project]\nname = "p"\n', "", ("pyproject.toml",)),
    "not PEP 440": ('[project]\nversion = "one"', "pyproject.toml:2", ("'one' is not a version",)),
    "a suffix": ('[project]\nversion = "0.5.0-qa"', "pyproject.toml:2", ("is not a version",)),
    "not normal form": (
        '[project]\nname = "p"\nversion = "1.0.0-RC1"',
        "pyproject.toml:3",
        ("'1.0.0-RC1' is not the normal form", "write 1.0.0rc1"),
    ),
    "leading zero": ('[project]\nversion = "01.2"', "pyproject.toml:2", ("write 1.2.",)),
    "local": ('[project]\nversion = "1.0+x"', "pyproject.toml:2", ("local version", "write 1.0.")),
    "poetry": ('[tool.poetry]\nversion = "v1"', "pyproject.toml:2", ("write 1.",)),
    "not TOML": ('[project\nversion = "1"', "pyproject.toml:1", ("not valid TOML",)),
    "from tags": (
        '[project]\nname = "p"\ndynamic = ["version"]\n[tool.setuptools_scm]',
        "pyproject.toml:4",
        (
            "setuptools-scm derives the version from git tags",
            "bump: conventional or patch",
            "input version",
        ),
    ),
    "a placeholder": (
        '[tool.poetry]\nversion = "0.0.0"\n[tool.poetry-dynamic-versioning]\nenable = true',
        "pyproject.toml:4",
        ("poetry-dynamic-versioning cannot be told the version", "write build-backend = "),
    ),
    "an unknown setting": (
        '[project]\nversion = "1.0"\n[tool.dist-actions]\nbranch = "dev"',
        "pyproject.toml:4",
        ("tool.dist-actions.branch is no setting",),
    ),
}


@pytest.mark.parametrize(
    ("pyproject", "where", "texts"),
    [value for name, value in VERSIONS.items() if name != "missing"],
    ids=[name for name in VERSIONS if name != "missing"],
)
def test_unusable_version(
    offline_package: ProjectCheckout,
    run_stage_alone: StageRunner,
    pyproject: str,
    where: str,
    texts: tuple[str, ...],
) -> None:
    offline_package.commit("pyproject.toml", pyproject)

    result = run_stage_alone("auto-tag", workspace=offline_package.folder)

    _refused(result, *texts)
    shown = result.annotation
    assert f"{shown.file}:{shown.line}" == (where if ":" in where else f"{where}:0")


def test_no_project(offline_package: ProjectCheckout, run_stage_alone: StageRunner) -> None:
    result = run_stage_alone(
        "auto-tag", {"package-path": "elsewhere"}, workspace=offline_package.folder
    )

    _refused(result, "There is no Python project in 'elsewhere'", "package-path")


@pytest.mark.parametrize("version", ["1.1.0.dev3", "1.1.0a1", "1.1.0b2", "1.1.0rc1"])
def test_prerelease_on_production(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, version: str
) -> None:
    offline_package.set_version(version)

    result = run_stage_alone("auto-tag", workspace=offline_package.folder, ref="refs/heads/main")

    _refused(result, "is a pre-release", "raise it to 1.1.0", "allow-prerelease: true")
    assert (result.annotation.file, result.annotation.line) == ("pyproject.toml", 3)


def test_another_commit_is_checked_out(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    before = git("rev-parse", "HEAD", cwd=offline_package.folder).stdout.strip()
    offline_package.commit("module.py", "")

    result = run_stage_alone("auto-tag", workspace=offline_package.folder, sha=before)

    _refused(result, f"this run is for {before[:7]}", "input sha")


@pytest.mark.parametrize("action", ["auto-tag", "release"])
@pytest.mark.parametrize(
    ("folder", "without_git", "cause"),
    [
        (".", True, "git was not in the job's container when actions/checkout ran"),
        ("repo", False, "but its folder repo is.\nWhy: actions/checkout has `path: repo`"),
    ],
    ids=["downloaded without git", "in a folder of its own"],
)
def test_a_checkout_that_is_none_is_told_as_what_it_is(
    offline_package: ProjectCheckout,
    run_stage_alone: StageRunner,
    tmp_path: Path,
    action: str,
    folder: str,
    without_git: bool,
    cause: str,
) -> None:
    workspace = tmp_path / "workspace"
    sha = git("rev-parse", "HEAD", cwd=offline_package.folder).stdout.strip()
    shutil.copytree(offline_package.folder, workspace / folder)
    if without_git:
        shutil.rmtree(workspace / ".git")
    ref = "refs/heads/dev" if action == "auto-tag" else "refs/tags/v1.0.0-dev"
    inputs = {"phase": "plan"} if action == "release" else {}

    result = run_stage_alone(action, inputs, workspace=workspace, sha=sha, ref=ref)

    assert result.exit_status == 1
    assert cause in result.annotation.message


def test_a_container_without_git(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    environ = {"PATH": str(tmp_path / "nothing")}
    result = run_stage_alone("auto-tag", workspace=offline_package.folder, environ=environ)

    assert result.exit_status == 1
    assert "git could not run in " in result.annotation.message
    assert "Fix: install git; for a job in a container use " in result.annotation.message


def test_no_checkout(run_stage_alone: StageRunner, tmp_path: Any) -> None:
    (tmp_path / "empty").mkdir()

    result = run_stage_alone("auto-tag", workspace=tmp_path / "empty")

    assert result.exit_status == 1
    assert "let actions/checkout run before" in result.annotation.message


def test_all_bad_inputs_are_named_at_once(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner
) -> None:
    inputs = {
        "on-unbumped": "explode",
        "allow-prerelease": "yes",
        "dry-run": "True",
        "installation-id": "12x",
        "max-wait": "soon",
        "sha": "abc",
        "package-path": "../other",
    }

    result = run_stage_alone("auto-tag", inputs, workspace=offline_package.folder)

    _refused(result, *inputs, "write one of warn, ok, fail")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"tag-format": "v{versoin}"}, "{versoin} is no field"),
        ({"tag-format": "v{version}"}, "{suffix} is missing"),
        ({"tag-format": "{suffix}v{version}"}, "{suffix} must follow {version}"),
        ({"tag-format": "v{version}{suffix} x"}, "a character that tags should not hold"),
        ({"tag-format": "..{version}{suffix}"}, "git refuses"),
        ({"environments": "dev = 1"}, "dev is no table"),
        ({"environments": "dev ="}, "not valid TOML"),
        ({"version-file": "none.py"}, "none.py does not exist"),
        ({"version-file": "pyproject.toml", "version-pattern": "("}, "no regular expression"),
        ({"version-file": "pyproject.toml", "version-pattern": "="}, "finds 2 places"),
    ],
)
def test_unusable_configuration(
    offline_package: ProjectCheckout, run_stage_alone: StageRunner, given: dict[str, str], text: str
) -> None:
    result = run_stage_alone("auto-tag", given, workspace=offline_package.folder)

    _refused(result, text)
