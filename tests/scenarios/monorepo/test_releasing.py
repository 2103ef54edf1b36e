"""release in a repository with several packages: a tag releases its own package alone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_sandbox.google.identity.providers import recommended_condition
from dist_sandbox.organisation import tag_pattern
from support.projects.releases import PUBLISHING, target_inputs
from support.sandbox.fixtures import Sandbox
from support.stages.runner_model import Annotation
from support.stages.running import StageResult, StageRunner, app_inputs

CHANGELOG = """\
## shop-cli 1.0.0

- Of a later command.

## shop-cli 0.1.0

- Of the command.

## shop-core 1.0.0

- Of the core.
"""


@pytest.fixture
def release(sandbox: Sandbox, run_stage: StageRunner, monorepo: Any) -> Any:
    """Runs release for a tag, with further inputs, `_` for `-`; Google trusts both packages."""
    for one in sandbox.world.environments:
        patterns = tuple(tag_pattern(f"shop-{name}-v", one.suffix) for name in ("core", "cli"))
        trusting = replace(one, tag_patterns=patterns)
        condition = recommended_condition(sandbox.world.organisation, trusting)
        change = {"attribute_condition": condition}
        sandbox.control("PATCH", f"google/providers/{one.name}", change)

    def run(tag: str, *, environment: str = "dev", **inputs: str) -> StageResult:
        target = next(one for one in sandbox.world.environments if one.name == environment)
        given = {**app_inputs(sandbox, "releaser-bot"), **target_inputs(target)}
        named = {name.replace("_", "-"): value for name, value in inputs.items()}
        options: dict[str, Any] = {"permissions": PUBLISHING, "environment": environment}
        options["workspace"] = monorepo.folder
        return run_stage("release", {**given, **named}, ref=f"refs/tags/{tag}", **options)

    return run


def refused(result: StageResult, exit_status: int, *texts: str) -> Annotation:
    """The only error, which says these texts; nothing was changed."""
    assert result.exit_status == exit_status, result.log
    assert (result.changes, result.outputs) == ((), {})
    for text in (*texts, "Why: ", "Fix: "):
        assert text in result.annotation.message
    return result.annotation


def test_a_tag_selects_its_package(release: Any, monorepo: Any) -> None:
    monorepo.push_tag("shop-cli-v0.1.0-dev")

    result = release("shop-cli-v0.1.0-dev", phase="plan")

    assert result.exit_status == 0, result.log
    shown = {name: result.outputs[name] for name in ("package", "package-path", "version", "tag")}
    assert shown == {
        "package": "shop-cli",
        "package-path": "packages/cli",
        "version": "0.1.0",
        "tag": "shop-cli-v0.1.0-dev",
    }
    assert json.loads(result.outputs["matrix"])["include"][0] == {
        "python": "3.11",
        "experimental": False,
    }
    assert "packages/cli" in result.summary


@pytest.mark.parametrize("tag", ["v0.1.0-dev", "shop-web-v0.1.0-dev", "shop-core-v1.0.0-prd"])
def test_a_tag_of_no_package_is_refused_with_the_forms(release: Any, tag: str) -> None:
    result = release(tag, phase="plan")

    refused(
        result,
        2,
        f"The tag {tag} is of none of this repository's packages",
        "shop-core-v{version}{suffix} of shop-core, shop-cli-v{version}{suffix} of shop-cli",
        "-dev, -qa, (none)",
    )
    assert result.calls == ()


def test_a_tag_of_another_version_than_its_package_is_refused(release: Any) -> None:
    """The other package does have this version."""
    result = release("shop-cli-v1.0.0-dev", phase="plan")

    said = "The tag shop-cli-v1.0.0-dev says 1.0.0, but packages/cli/pyproject.toml:7 says 0.1.0."
    shown = refused(result, 1, said)
    assert (shown.file, shown.line) == ("packages/cli/pyproject.toml", 7)
    assert result.calls == ()


def test_a_package_of_another_name_is_refused(release: Any, monorepo: Any) -> None:
    monorepo.set_version("cli", "0.1.0", name="shop-tool")

    result = release("shop-cli-v0.1.0-dev", phase="plan")

    refused(result, 2, "names the project shop-tool, the settings name it shop-cli")


@pytest.mark.parametrize(
    ("path", "exit_status"), [("packages/cli", 0), ("packages/cli/", 0), ("packages/core", 2)]
)
def test_package_path_must_be_the_tags(
    release: Any, monorepo: Any, path: str, exit_status: int
) -> None:
    monorepo.push_tag("shop-cli-v0.1.0-dev")

    result = release("shop-cli-v0.1.0-dev", phase="plan", package_path=path)

    assert result.exit_status == exit_status, result.log
    if exit_status:
        refused(result, 2, "is of shop-cli in packages/cli", "leave package-path out")


@pytest.mark.network
def test_only_the_files_and_changes_of_the_tags_package_are_released(
    release: Any, monorepo: Any, sandbox: Sandbox
) -> None:
    monorepo.commit("CHANGELOG.md", CHANGELOG)
    monorepo.push()
    monorepo.push_tag("shop-core-v1.0.0-dev")
    assert release("shop-core-v1.0.0-dev").exit_status == 0
    _empty(monorepo.folder / "dist")
    monorepo.commit("packages/cli/shop_cli/__init__.py", "", "Work on the *command* @everyone")
    monorepo.commit("packages/core/shop_core/__init__.py", "", "Work on the core")
    monorepo.set_version("core", "1.1.0")
    monorepo.push()
    for tag in ("shop-core-v1.1.0-dev", "shop-cli-v0.1.0-dev"):
        monorepo.push_tag(tag)

    core = release("shop-core-v1.1.0-dev")
    _empty(monorepo.folder / "dist")
    cli = release("shop-cli-v0.1.0-dev")

    assert (core.exit_status, cli.exit_status) == (0, 0), core.log + cli.log
    first, second, third = sandbox.repository.releases
    assert [one.tag_name for one in (first, second, third)] == [
        "shop-core-v1.0.0-dev",
        "shop-core-v1.1.0-dev",
        "shop-cli-v0.1.0-dev",
    ]
    assert first.name == "shop-core-v1.0.0-dev"
    assert {asset.name for asset in third.assets} == {
        MANIFEST_NAME,
        "shop_cli-0.1.0-py3-none-any.whl",
        "shop_cli-0.1.0.tar.gz",
    }
    notes = [one.body or "" for one in (first, second, third)]
    assert "- Of the core." in notes[0]
    assert "command" not in notes[0]
    assert "- Of the command." in notes[2]
    subjects = [_subjects(text) for text in notes]
    assert subjects[0] == ["core 1.0.0", "Change"]
    assert subjects[1] == ["core 1.1.0", "Work on the core"]
    assert subjects[2] == ["Work on the \\*command\\* @\u200beveryone", "cli 0.1.0", "Change"]
    reads = [call for call in core.calls if call.startswith(("GET commits", "GET compare"))]
    assert reads[-2:] == [
        "GET compare/refs/tags/shop-core-v1.0.0-dev...refs/tags/shop-core-v1.1.0-dev",
        "GET commits",
    ]
    assert not [call for call in core.calls if "generate-notes" in call]


@pytest.mark.network
def test_the_latest_release_is_one_of_the_leading_package(
    release: Any, monorepo: Any, sandbox: Sandbox
) -> None:
    """It would name another package after each release otherwise."""
    monorepo.push("main")
    for tag in ("shop-core-v1.0.0", "shop-cli-v0.1.0"):
        monorepo.push_tag(tag)

    core = release("shop-core-v1.0.0", environment="prd")
    _empty(monorepo.folder / "dist")
    cli = release("shop-cli-v0.1.0", environment="prd")

    assert (core.exit_status, cli.exit_status) == (0, 0), core.log + cli.log
    latest = sandbox.request("GET", "releases/latest", token=sandbox.user_token).json()
    assert latest["tag_name"] == "shop-core-v1.0.0"
    assert [one.prerelease for one in sandbox.repository.releases] == [False, False]


@pytest.mark.network
def test_phases_in_jobs_of_their_own_take_the_package_from_tag_and_manifest(
    release: Any, monorepo: Any, sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path
) -> None:
    monorepo.push_tag("shop-cli-v0.1.0-dev")

    built = release("shop-cli-v0.1.0-dev", phase="build")
    publishing = tmp_path / "publishing"
    (monorepo.folder / "dist").rename(_made(publishing) / "dist")
    inputs = {
        "phase": "publish",
        "manifest-sha256": built.outputs["manifest-sha256"],
        **app_inputs(sandbox, "releaser-bot"),
        **target_inputs(sandbox.world.environments[0]),
    }
    options: dict[str, Any] = {"permissions": PUBLISHING, "environment": "dev"}
    options |= {"ref": "refs/tags/shop-cli-v0.1.0-dev", "sha": monorepo.head}
    published = run_stage("release", inputs, workspace=publishing, **options)

    assert built.exit_status == published.exit_status == 0, built.log + published.log
    names = ["shop_cli-0.1.0-py3-none-any.whl", "shop_cli-0.1.0.tar.gz"]
    assert built.outputs["distributions"].split() == names
    assert published.outputs["files"].split() == names
    assert _subjects(sandbox.repository.releases[0].body or "") == ["cli 0.1.0", "Change"]


def _subjects(notes: str) -> list[str]:
    """The commits that the notes name, as written there."""
    items = [line for line in notes.splitlines() if line.startswith("* ")]
    return [item.removeprefix("* ").partition(" ([")[0] for item in items if "/commit/" in item]


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
