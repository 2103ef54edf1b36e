"""auto-tag in a repository with several packages."""

import json
from typing import Any

import pytest

from support.sandbox.fixtures import Sandbox, git
from support.stages.runner_model import Annotation
from support.stages.running import StageResult, StageRunner, app_inputs

LIST = "GET git/matching-refs/tags/shop-c"
READ_OBJECT = "GET git/tags/SHA"
MINT = ("GET installation", "POST app/installations/ID/access_tokens")
MAKE = ("POST git/tags", "POST git/refs")
REVOKE = "DELETE installation/token"


@pytest.fixture
def auto_tag(sandbox: Sandbox, run_stage: StageRunner, monorepo: Any) -> Any:
    """Runs auto-tag with the App's key and further inputs, with `_` for `-`."""

    def run(**inputs: str) -> StageResult:
        named = {name.replace("_", "-"): value for name, value in inputs.items()}
        return run_stage("auto-tag", app_inputs(sandbox, **named), workspace=monorepo.folder)

    return run


def described(result: StageResult) -> dict[str, tuple[str, str]]:
    """Reason and tag of each package in the output `packages`."""
    packages = json.loads(result.outputs["packages"])
    assert all(one["created"] == (one["reason"] == "created") for one in packages)
    return {one["name"]: (one["reason"], one["tag"]) for one in packages}


def test_two_new_versions_are_two_tags_by_one_token(
    auto_tag: Any, monorepo: Any, sandbox: Sandbox
) -> None:
    result = auto_tag()

    assert result.exit_status == 0, result.log
    assert result.calls == (LIST, *MINT, *MAKE, *MAKE, REVOKE)
    tags = ["shop-core-v1.0.0-dev", "shop-cli-v0.1.0-dev"]
    assert json.loads(result.outputs.pop("tags")) == tags
    assert json.loads(result.outputs.pop("packages")) == [
        {
            "name": f"shop-{package}",
            "path": f"packages/{package}",
            "version": version,
            "tag": tag,
            "created": True,
            "reason": "created",
        }
        for package, version, tag in zip(("core", "cli"), ("1.0.0", "0.1.0"), tags, strict=True)
    ]
    assert result.outputs == {
        "tag": "",
        "version": "",
        "environment": "dev",
        "created": "true",
        "reason": "created",
        "sha": monorepo.head,
    }
    text = f"Created on {monorepo.head[:7]}: shop-core-v1.0.0-dev, shop-cli-v0.1.0-dev."
    assert result.annotation == Annotation("notice", "auto-tag", text)
    for name in (*tags, "packages/core/pyproject.toml:7", "2 of 2 packages"):
        assert name in result.summary
    for package, tag in zip(("core", "cli"), tags, strict=True):
        written = sandbox.repository.git.git("cat-file", "-p", f"refs/tags/{tag}")
        assert f"object {monorepo.head}\n" in written
        assert f"\nTree: {monorepo.subtree(f'packages/{package}')}" in written


def test_only_the_package_with_a_new_version_is_tagged(auto_tag: Any, monorepo: Any) -> None:
    auto_tag()
    monorepo.set_version("cli", "0.2.0")
    monorepo.push()

    result = auto_tag()

    assert result.exit_status == 0, result.log
    assert result.calls == (LIST, READ_OBJECT, *MINT, *MAKE, REVOKE)
    assert described(result) == {
        "shop-core": ("unchanged", "shop-core-v1.0.0-dev"),
        "shop-cli": ("created", "shop-cli-v0.2.0-dev"),
    }
    shown = {name: result.outputs[name] for name in ("tag", "version", "created", "reason")}
    assert shown == {
        "tag": "shop-cli-v0.2.0-dev",
        "version": "0.2.0",
        "created": "true",
        "reason": "created",
    }
    assert result.outputs["tags"] == '["shop-cli-v0.2.0-dev"]'
    assert result.annotation.level == "notice"


def test_a_push_that_touches_no_package_is_quiet(auto_tag: Any, monorepo: Any) -> None:
    auto_tag()
    monorepo.commit("README.md", "# Shop\n")
    monorepo.push()

    result = auto_tag(on_unbumped="fail")

    assert result.exit_status == 0, result.log
    assert result.calls == (LIST, READ_OBJECT, READ_OBJECT)
    assert {reason for reason, _ in described(result).values()} == {"unchanged"}
    assert (result.outputs["created"], result.outputs["reason"]) == ("false", "unchanged")
    assert (result.outputs["tag"], result.outputs["tags"]) == ("", "[]")
    assert result.annotation.level == "notice"


@pytest.mark.parametrize(
    ("on_unbumped", "exit_status", "level"),
    [("warn", 0, "warning"), ("ok", 0, "notice"), ("fail", 1, "error")],
)
def test_a_changed_package_without_a_new_version_is_named_alone(
    auto_tag: Any, monorepo: Any, on_unbumped: str, exit_status: int, level: str
) -> None:
    auto_tag()
    monorepo.commit("packages/core/shop_core/__init__.py", "changed = True\n")
    monorepo.set_version("cli", "0.2.0")
    monorepo.push()

    result = auto_tag(on_unbumped=on_unbumped)

    assert result.exit_status == exit_status
    assert described(result) == {
        "shop-core": ("exists-other", "shop-core-v1.0.0-dev"),
        "shop-cli": ("created", "shop-cli-v0.2.0-dev"),
    }
    levels = [one.level for one in result.annotations]
    assert levels == (["notice"] if level == "notice" else [level, "notice"])
    if level != "notice":
        shown = result.annotations[0]
        assert (shown.file, shown.line) == ("packages/core/pyproject.toml", 7)
        assert "packages/core changed, and the version was not raised" in shown.message
        assert "packages/core changed" in result.summary


def test_a_rerun_changes_nothing(auto_tag: Any) -> None:
    auto_tag()

    result = auto_tag()

    assert result.exit_status == 0
    assert result.calls == (LIST, READ_OBJECT, READ_OBJECT)
    assert result.changes == ()
    assert {reason for reason, _ in described(result).values()} == {"exists-same"}


@pytest.mark.parametrize(
    "inputs",
    [{"package": "Shop_CLI"}, {"package_path": "packages/cli"}, {"package_path": "packages/cli/"}],
    ids=["name", "path", "path with a slash"],
)
def test_one_package_alone(auto_tag: Any, inputs: dict[str, str]) -> None:
    result = auto_tag(**inputs)

    assert result.exit_status == 0, result.log
    assert described(result) == {"shop-cli": ("created", "shop-cli-v0.1.0-dev")}
    assert result.outputs["tag"] == "shop-cli-v0.1.0-dev"
    assert len(result.calls) == 6


def test_one_package_takes_the_input_version(auto_tag: Any) -> None:
    result = auto_tag(package="shop-cli", version="0.1.0")

    assert described(result) == {"shop-cli": ("created", "shop-cli-v0.1.0-dev")}


def test_a_tag_that_another_run_made_meanwhile_stops_no_other(
    auto_tag: Any, monorepo: Any, sandbox: Sandbox
) -> None:
    monorepo.push_tag("shop-core-v1.0.0-dev")
    stale = {"method": "GET", "path": "/git/matching-refs/", "status": 200, "body": "[]"}
    sandbox.control("POST", "faults", stale)

    result = auto_tag()

    assert result.exit_status == 0, result.log
    assert described(result) == {
        "shop-core": ("exists-same", "shop-core-v1.0.0-dev"),
        "shop-cli": ("created", "shop-cli-v0.1.0-dev"),
    }
    again = ("GET git/matching-refs/tags/shop-core-v1.0.0-dev", READ_OBJECT)
    assert result.calls == (LIST, *MINT, *MAKE, *MAKE, REVOKE, *again)


def test_a_run_that_fails_half_way_is_finished_by_the_next(
    auto_tag: Any, monorepo: Any, sandbox: Sandbox
) -> None:
    fault = {"method": "POST", "path": "/git/refs$", "skip": 1, "status": 422}
    sandbox.control("POST", "faults", {**fault, "body": '{"message": "rule violations found"}'})

    first = auto_tag()

    assert first.exit_status == 1
    assert [one.level for one in first.annotations] == ["notice", "error"]
    assert "shop-cli-v0.1.0-dev" in first.annotations[1].message
    assert "Of 2 tags 1 were created" in first.annotations[0].message
    assert first.outputs == {"tags": '["shop-core-v1.0.0-dev"]', "created": "true"}

    second = auto_tag()

    assert second.exit_status == 0, second.log
    assert described(second) == {
        "shop-core": ("exists-same", "shop-core-v1.0.0-dev"),
        "shop-cli": ("created", "shop-cli-v0.1.0-dev"),
    }


def test_a_further_permission_half_way_makes_no_tag_twice(auto_tag: Any, sandbox: Sandbox) -> None:
    """GitHub asks for it where one tag's commit changes a workflow file."""
    permissions = {"contents": "write", "metadata": "read", "workflows": "write"}
    sandbox.control("POST", "apps/automation-bot", {"permissions": permissions})
    asked = {"x-accepted-github-permissions": "contents=write; contents=write,workflows=write"}
    fault = {"method": "POST", "path": "/git/refs$", "skip": 1, "status": 403, "headers": asked}
    body = '{"message": "Resource not accessible by integration"}'
    sandbox.control("POST", "faults", {**fault, "body": body})

    result = auto_tag()

    assert result.exit_status == 0, result.log
    assert json.loads(result.outputs["tags"]) == ["shop-core-v1.0.0-dev", "shop-cli-v0.1.0-dev"]
    assert result.calls == (LIST, *MINT, *MAKE, *MAKE, REVOKE, *MINT, *MAKE, REVOKE)


def test_a_list_that_github_splits_costs_at_most_one_request_for_each_tag(
    auto_tag: Any, sandbox: Sandbox
) -> None:
    auto_tag()
    link = {"Link": '<http://127.0.0.1:9/more>; rel="next"'}
    fault = {"method": "GET", "path": "/git/matching-refs/", "status": 200, "headers": link}
    sandbox.control("POST", "faults", {**fault, "body": "[]"})

    result = auto_tag()

    one_by_one = [
        f"GET git/matching-refs/tags/{tag}"
        for tag in ("shop-core-v1.0.0-dev", "shop-cli-v0.1.0-dev")
    ]
    assert result.calls == (LIST, *one_by_one, READ_OBJECT, READ_OBJECT)
    assert {reason for reason, _ in described(result).values()} == {"exists-same"}


def test_a_dry_run_names_all_tags(auto_tag: Any) -> None:
    result = auto_tag(dry_run="true")

    assert (result.exit_status, result.calls, result.changes) == (0, (LIST,), ())
    assert "Would create" in result.annotation.message
    assert (result.outputs["created"], result.outputs["reason"]) == ("false", "dry-run")


def test_a_tag_by_hand_and_a_shallow_clone_still_tell_an_unchanged_folder(
    monorepo: Any, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Any
) -> None:
    for tag in ("shop-core-v1.0.0-dev", "shop-cli-v0.1.0-dev"):
        monorepo.push_tag(tag)
    monorepo.commit("packages/cli/shop_cli/__init__.py", "changed = True\n")
    monorepo.push()
    shallow = tmp_path / "shallow"
    url = sandbox.git_url(sandbox.user_token)
    git("clone", "-q", "--depth=1", "--no-tags", "--branch=dev", url, str(shallow), cwd=tmp_path)

    result = run_stage("auto-tag", app_inputs(sandbox), workspace=shallow)

    folder = "GET contents/packages"
    assert result.calls == (LIST, READ_OBJECT, folder, READ_OBJECT, folder)
    assert described(result) == {
        "shop-core": ("unchanged", "shop-core-v1.0.0-dev"),
        "shop-cli": ("exists-other", "shop-cli-v0.1.0-dev"),
    }


def test_the_root_package_does_not_change_with_those_below(auto_tag: Any, monorepo: Any) -> None:
    monorepo.write_settings(
        '[packages.shop]\npath = "."\n[packages.shop-core]\npath = "packages/core"\n'
    )
    text = '[project]\nname = "shop"\nversion = "5.0"\n'
    monorepo.commit("pyproject.toml", text)
    monorepo.push()
    auto_tag()
    monorepo.set_version("core", "1.1.0")
    monorepo.push()

    below = auto_tag()
    monorepo.commit("README.md", "# Shop\n")
    monorepo.push()
    above = auto_tag()

    assert below.exit_status == above.exit_status == 0
    assert described(below) == {
        "shop": ("unchanged", "shop-v5.0-dev"),
        "shop-core": ("created", "shop-core-v1.1.0-dev"),
    }
    assert described(above)["shop"] == ("exists-other", "shop-v5.0-dev")
