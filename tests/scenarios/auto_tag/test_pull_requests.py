"""A dry run for a pull request says what its merge would be tagged with, and needs no secret."""

from typing import Any

import pytest

from support.projects.checkouts import MonorepoCheckout, ProjectCheckout
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner

EXEMPT = "**.md\ndocs/**"
COMPARE = "GET compare/SHA...SHA"


@pytest.fixture
def look_at_pull(run_stage: StageRunner) -> Any:
    """Runs auto-tag as examples/pull-request.yml does, for a pull request of a fork."""

    def run(project: Any, base: str = "dev", **changes: str) -> StageResult:
        head = {"repo": {"full_name": "somebody/fork", "fork": True}}
        return run_stage(
            "auto-tag",
            {"dry-run": "true", "on-unbumped": "fail", "exempt-paths": EXEMPT, **changes},
            workspace=project.folder,
            event="pull_request",
            ref="refs/pull/7/merge",
            payload={"pull_request": {"head": head}},
            environ={"GITHUB_BASE_REF": base},
        )

    return run


@pytest.fixture
def tagged_package(package: ProjectCheckout) -> ProjectCheckout:
    """Version 1.0.0, tagged for dev, on a branch of its own from here on."""
    package.commit("docs/index.md", "")
    package.push()
    package.push_tag("v1.0.0-dev")
    return package


def test_a_version_that_was_raised_is_green(
    look_at_pull: Any, tagged_package: ProjectCheckout
) -> None:
    tagged_package.set_version("1.1.0")
    tagged_package.push("topic")

    result = look_at_pull(tagged_package)

    assert (result.exit_status, result.outputs["reason"]) == (0, "dry-run")
    assert (result.outputs["tag"], result.changes) == ("v1.1.0-dev", ())


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(["module.py"], (1, "error"), id="code"),
        pytest.param(["README.md", "docs/usage.txt"], (0, "notice"), id="documentation"),
        pytest.param(["README.md", "module.py"], (1, "error"), id="both"),
        pytest.param(["module.md.py"], (1, "error"), id="a name like it"),
        pytest.param([], (0, "notice"), id="nothing"),
    ],
)
def test_a_version_that_was_not_raised_is_red_unless_the_files_are_exempt(
    look_at_pull: Any,
    tagged_package: ProjectCheckout,
    files: list[str],
    expected: tuple[int, str],
) -> None:
    for name in files:
        tagged_package.commit(name, "changed")
    tagged_package.push("topic")

    result = look_at_pull(tagged_package)

    assert (result.exit_status, result.annotation.level) == expected, result.log
    if files and not expected[0]:
        assert "only files changed since that need no new version" in result.annotation.message
        assert result.calls[-1] == COMPARE


def test_a_file_that_is_renamed_into_an_exempt_folder_is_a_change(
    look_at_pull: Any, tagged_package: ProjectCheckout
) -> None:
    tagged_package.commit("module.py", "code = True\n" * 20)
    tagged_package.set_version("1.0.1")
    tagged_package.push()
    tagged_package.push_tag("v1.0.1-dev")
    git("mv", "module.py", "docs/module.py", cwd=tagged_package.folder)
    tagged_package.commit("docs/x.md", "")
    tagged_package.push("topic")

    assert look_at_pull(tagged_package).exit_status == 1


@pytest.mark.parametrize("answer", ['{"status": "diverged"', '{"status": "ahead"'])
def test_what_github_does_not_list_in_full_counts_as_a_change(
    look_at_pull: Any, tagged_package: ProjectCheckout, sandbox: Sandbox, answer: str
) -> None:
    tagged_package.commit("README.md", "changed")
    tagged_package.push("topic")
    number = 1 if "diverged" in answer else 300
    files = ", ".join(['{"filename": "a.md"}'] * number)
    fault = {"path": "/compare/", "status": 200, "body": f'{answer}, "files": [{files}]}}'}
    sandbox.control("POST", "faults", fault)

    assert look_at_pull(tagged_package).exit_status == 1


def test_another_base_decides_by_its_own_tags(
    look_at_pull: Any, tagged_package: ProjectCheckout
) -> None:
    tagged_package.commit("module.py", "changed")
    tagged_package.push("topic")

    promoted = look_at_pull(tagged_package, "qa")
    elsewhere = look_at_pull(tagged_package, "topic-2")

    assert (promoted.exit_status, promoted.outputs["tag"]) == (0, "v1.0.0-qa")
    assert (elsewhere.exit_status, elsewhere.outputs["reason"]) == (0, "unmapped-branch")


def test_without_a_dry_run_nothing_is_done(
    look_at_pull: Any, tagged_package: ProjectCheckout
) -> None:
    result = look_at_pull(tagged_package, **{"dry-run": "false"})

    assert (result.exit_status, result.outputs["reason"], result.calls) == (0, "not-a-push", ())


def test_only_the_packages_that_changed_need_a_new_version(
    look_at_pull: Any, monorepo: MonorepoCheckout
) -> None:
    for tag in ("shop-core-v1.0.0-dev", "shop-cli-v0.1.0-dev"):
        monorepo.push_tag(tag)
    monorepo.commit("packages/core/README.md", "changed")
    monorepo.commit("packages/cli/shop_cli/__init__.py", "changed = True\n")
    monorepo.push("topic")

    result = look_at_pull(monorepo)

    assert result.exit_status == 1
    errors = [one.message for one in result.annotations if one.level == "error"]
    assert len(errors) == 1
    assert "shop-cli-v0.1.0-dev" in errors[0]
