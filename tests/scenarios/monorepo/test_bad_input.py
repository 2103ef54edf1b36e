"""Settings, versions and inputs of a repository with several packages that stop a run offline."""

from pathlib import Path
from typing import Any

import pytest

from support.stages.running import StageResult, StageRunner


def refused(result: StageResult, *texts: str) -> None:
    """Exit 2 with one error that says these texts; `run_stage_alone` has no service to call."""
    assert result.exit_status == 2, result.log
    assert result.annotation.level == "error"
    for text in (*texts, "Why: ", "Fix: "):
        assert text in result.annotation.message
    assert result.outputs == {}


#: What is written over a repository with good packages, and what the refusal says.
BAD_SETTINGS = {
    "overlapping tags": (
        '[packages.shop]\npath = "a"\ntag-format = "v{version}{suffix}"\n'
        '[packages.cli]\npath = "b"\ntag-format = "v{version}{suffix}"\n',
        ("cli", "shop"),
    ),
    "one form for all": (
        'tag-format = "v{version}{suffix}"\n'
        '[packages.shop]\npath = "a"\n[packages.cli]\npath = "b"\n',
        ("cli", "shop"),
    ),
    "path outside": ('[packages.shop]\npath = "../shop"\n', ("packages.shop.path", "../shop")),
    "absolute path": ('[packages.shop]\npath = "/srv/shop"\n', ("packages.shop.path",)),
    "one folder twice": (
        '[packages.shop]\npath = "a"\n[packages.cli]\npath = "a/b"\n',
        ("packages.cli.path",),
    ),
}


@pytest.mark.parametrize(("settings", "texts"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
@pytest.mark.parametrize("action", ["auto-tag", "release"])
def test_unusable_settings(
    offline_monorepo: Any,
    run_stage_alone: StageRunner,
    action: str,
    settings: str,
    texts: tuple[str, ...],
) -> None:
    offline_monorepo.write_settings(settings)

    result = run(run_stage_alone, action, offline_monorepo.folder)

    refused(result, ".github/dist-actions.toml", *texts)


@pytest.mark.parametrize("action", ["auto-tag", "release"])
def test_a_package_behind_a_link_out_of_the_repository(
    offline_monorepo: Any, run_stage_alone: StageRunner, tmp_path: Path, action: str
) -> None:
    outside = tmp_path / "outside"
    (offline_monorepo.folder / "packages/core").rename(outside)
    (offline_monorepo.folder / "packages/core").symlink_to(outside)

    result = run(run_stage_alone, action, offline_monorepo.folder)

    refused(result, "packages.shop-core.path", "out of the repository")


@pytest.mark.parametrize("file", ["pyproject.toml", "setup.py"])
@pytest.mark.parametrize("action", ["auto-tag", "release"])
def test_the_only_package_behind_a_link_out_of_the_repository(
    offline_monorepo: Any, run_stage_alone: StageRunner, tmp_path: Path, action: str, file: str
) -> None:
    outside = tmp_path / "outside"
    (offline_monorepo.folder / "packages/core/pyproject.toml").rename(
        offline_monorepo.folder / "packages/core" / file
    )
    (offline_monorepo.folder / "packages/core").rename(outside)
    (offline_monorepo.folder / "linked").symlink_to(outside)
    (offline_monorepo.folder / ".github/dist-actions.toml").unlink()

    result = run(run_stage_alone, action, offline_monorepo.folder, {"package-path": "linked"})

    refused(result, "The input package-path linked leads out of the repository")


@pytest.mark.parametrize(
    ("version", "text"),
    [
        ("1.0.0-rc-x", "is not a version"),
        ("1.2-alpha", "is not the normal form"),
        ("1.0+local", "is a local version"),
    ],
)
def test_one_bad_version_stops_all_and_names_the_package(
    offline_monorepo: Any, run_stage_alone: StageRunner, version: str, text: str
) -> None:
    offline_monorepo.set_version("cli", version)

    result = run(run_stage_alone, "auto-tag", offline_monorepo.folder)

    where = "packages/cli/pyproject.toml"
    refused(result, f"Package shop-cli: {where}:7: ", text, "no package is tagged")
    assert "shop-core" not in result.annotation.message
    assert (result.annotation.file, result.annotation.line) == (where, 7)


def test_every_bad_version_is_named(offline_monorepo: Any, run_stage_alone: StageRunner) -> None:
    offline_monorepo.set_version("core", "1.0-dev")
    (offline_monorepo.folder / "packages/cli/pyproject.toml").unlink()

    result = run(run_stage_alone, "auto-tag", offline_monorepo.folder)

    refused(result, "Package shop-core: ", "Package shop-cli: ", "no Python project")


def test_a_package_of_another_name(offline_monorepo: Any, run_stage_alone: StageRunner) -> None:
    offline_monorepo.set_version("cli", "0.1.0", name="shop-tool")

    result = run(run_stage_alone, "auto-tag", offline_monorepo.folder)

    refused(result, "names the project shop-tool, the settings name it shop-cli")


@pytest.mark.parametrize(
    ("inputs", "texts"),
    [
        ({"package": "shop-web"}, ("package is 'shop-web'", "shop-core in packages/core")),
        ({"package-path": "packages/web"}, ("package-path is 'packages/web'", "shop-cli in")),
        (
            {"package": "shop-cli", "package-path": "packages/core"},
            ("package is 'shop-cli' and package-path is 'packages/core'",),
        ),
        ({"version": "1.0"}, ("for one package", "shop-core, shop-cli")),
        ({"version-file": "VERSION"}, ("for one package",)),
    ],
    ids=["unknown name", "unknown path", "contradiction", "version", "version-file"],
)
def test_inputs_that_fit_no_package(
    offline_monorepo: Any,
    run_stage_alone: StageRunner,
    inputs: dict[str, str],
    texts: tuple[str, ...],
) -> None:
    result = run(run_stage_alone, "auto-tag", offline_monorepo.folder, inputs)

    refused(result, *texts)


def test_a_name_where_there_is_one_package(
    offline_monorepo: Any, run_stage_alone: StageRunner
) -> None:
    offline_monorepo.write_settings("")

    result = run(run_stage_alone, "auto-tag", offline_monorepo.folder, {"package": "shop-cli"})

    refused(result, "they list no packages at all")


def run(
    stage: StageRunner, action: str, folder: Path, inputs: dict[str, str] | None = None
) -> StageResult:
    """Start an action as a push to `dev`, or of a tag, would."""
    given = {**({"token": "a-token"} if action == "auto-tag" else {"phase": "plan"})}
    ref = "refs/heads/dev" if action == "auto-tag" else "refs/tags/shop-core-v1.0.0-dev"
    return stage(action, {**given, **(inputs or {})}, workspace=folder, ref=ref)
