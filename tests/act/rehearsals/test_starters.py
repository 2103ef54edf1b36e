"""Every starter of `examples/` goes from dev to production, as it stands."""

import difflib
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from support.act.rehearse_command import read_report, rehearse
from support.paths import EXAMPLES

pytestmark = pytest.mark.network

BOT = "automation-bot[bot]"
RELEASER = "releaser-bot[bot]"


def carry(name: str, output: Path, *options: str) -> dict[str, Any]:
    """Rehearse a starter to its end, and return the report."""
    done = rehearse(EXAMPLES / name, output, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return read_report(output)


def stands(report: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Environment, tag, author of the release and installed version of each line."""
    return [
        (place["name"], place["tag"], place["release"]["author"], place["installed_version"])
        for place in report["environments"]
    ]


def refuse_missing_files(report: dict[str, Any]) -> None:
    """What is in an index is in the GitHub release too, byte for byte."""
    for place in report["environments"]:
        assets = {asset["name"]: asset["sha256"] for asset in place["release"]["assets"]}
        files = {file["name"]: file["sha256"] for file in place["files"]}
        assert len(files) == 2
        assert files.items() <= assets.items()


def commands(report: dict[str, Any]) -> list[str]:
    """What a person typed."""
    return [stage["command"] for stage in report["stages"] if "command" in stage]


def test_a_legacy_project_with_its_version_in_a_module(tmp_path: Path) -> None:
    report = carry("legacy-setup-py", tmp_path, "--until", "qa")
    assert stands(report) == [
        ("dev", "v1.0.0-dev", RELEASER, "1.0.0"),
        ("qa", "v1.0.0-qa", RELEASER, "1.0.0"),
    ]
    assert report["package"] == "mylib"
    refuse_missing_files(report)
    assert {place["tagger"] for place in report["environments"]} == {BOT}


def test_a_poetry_project_released_by_hand(tmp_path: Path) -> None:
    """In dev and production a person publishes the release; in qa one starts the workflow."""
    report = carry("poetry", tmp_path, "--dispatch", "release.yml --ref v1.0.0-qa")
    assert stands(report) == [
        ("dev", "v1.0.0-dev", "developer", "1.0.0"),
        ("qa", "v1.0.0-qa", RELEASER, "1.0.0"),
        ("prd", "v1.0.0", "developer", "1.0.0"),
    ]
    refuse_missing_files(report)
    assert [place["release"]["prerelease"] for place in report["environments"]] == [
        True,
        True,
        False,
    ]
    assert commands(report) == [
        "git push origin dev",
        "gh release create v1.0.0-dev --verify-tag --prerelease --title v1.0.0-dev",
        "gh pr merge 1 --merge",
        "gh workflow run release.yml --ref v1.0.0-qa",
        "gh pr merge 2 --merge",
        "gh release create v1.0.0 --verify-tag --title v1.0.0",
    ]


def test_versions_that_are_derived_from_tags(tmp_path: Path) -> None:
    report = carry("setuptools-scm", tmp_path, "--until", "qa")
    assert stands(report) == [
        ("dev", "v0.1.0-dev", RELEASER, "0.1.0"),
        ("qa", "v0.1.0-qa", RELEASER, "0.1.0"),
    ]
    refuse_missing_files(report)
    assert {place["tagger"] for place in report["environments"]} == {BOT}


def test_a_version_that_only_a_build_tells(tmp_path: Path) -> None:
    """One job asks the build, the next one tags what it was told."""
    report = carry("computed-version", tmp_path, "--until", "qa")
    assert stands(report) == [
        ("dev", "v1.4.2-dev", RELEASER, "1.4.2"),
        ("qa", "v1.4.2-qa", RELEASER, "1.4.2"),
    ]
    refuse_missing_files(report)
    assert {place["tagger"] for place in report["environments"]} == {BOT}


def test_a_version_that_nobody_gave_is_asked_for(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(EXAMPLES / "setuptools-scm", project)
    workflow = project / ".github" / "workflows" / "auto-tag.yml"
    _edit(workflow, "required: false", "required: true")
    _edit(workflow, re.escape("[dev, qa, main]"), "[qa, main]")
    done = rehearse(project, tmp_path / "output")
    assert done.returncode == 2
    assert "auto-tag.yml asks for version" in done.stderr
    assert '--dispatch "auto-tag.yml --ref dev -f version=VALUE"' in done.stderr


def test_two_packages_of_a_repository(tmp_path: Path) -> None:
    """One push tags both; each is released, and promoted by a pull request of its own."""
    report = carry("monorepo", tmp_path, "--until", "qa")
    assert stands(report) == [
        (environment, f"{package}-v1.0.0{suffix}", RELEASER, "1.0.0")
        for environment, suffix in (("dev", "-dev"), ("qa", "-qa"))
        for package in ("shop-core", "shop-api")
    ]
    assert report["packages"] == [
        {"package": "shop-core", "version": "1.0.0"},
        {"package": "shop-api", "version": "1.0.0"},
    ]
    refuse_missing_files(report)
    for place in report["environments"]:
        (name,) = {file["name"].partition("-")[0] for file in place["files"]}
        assert name == place["package"].replace("-", "_")
    stages = [stage["name"] for stage in report["stages"]]
    assert stages.count("auto-tag dev") == 1
    assert stages.count("merge qa") == 2
    for environment in ("dev", "qa"):
        for package in ("shop-core", "shop-api"):
            assert stages.count(f"release {package} {environment}") == 1


@pytest.fixture
def promoted_by_hand(tmp_path: Path) -> Path:
    """The two packages, without tests, and with promotions that only a person starts."""
    project = tmp_path / "shop"
    shutil.copytree(EXAMPLES / "monorepo", project)
    workflows = project / ".github" / "workflows"
    _edit(workflows / "promote.yml", r"  release:\n    types: \[published\]\n", "")
    _edit(workflows / "release.yml", r"(?s)  test:\n.*?(?=  publish:\n)", "")
    _edit(workflows / "release.yml", re.escape("[plan, build, test]"), "[plan, build]")
    return project


def test_all_are_promoted_at_once_and_a_second_push_is_about_one_package(
    promoted_by_hand: Path, tmp_path: Path
) -> None:
    patch = tmp_path / "api-1.1.0.patch"
    patch.write_text(_bump(promoted_by_hand, "packages/api/pyproject.toml"), encoding="utf-8")
    output = tmp_path / "out"
    one = "promote.yml --ref shop-api-v1.1.0-dev -f package=shop-api"
    options = ("--until", "qa", "--then", str(patch), "--dispatch", one)
    done = rehearse(promoted_by_hand, output, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(output)
    assert stands(report) == [
        ("dev", "shop-core-v1.0.0-dev", RELEASER, "1.0.0"),
        ("dev", "shop-api-v1.1.0-dev", RELEASER, "1.1.0"),
        ("qa", "shop-core-v1.0.0-qa", RELEASER, "1.0.0"),
        ("qa", "shop-api-v1.1.0-qa", RELEASER, "1.1.0"),
    ]
    assert [stage["name"] for stage in report["stages"]] == [
        "push",
        "auto-tag dev",
        "release shop-core dev",
        "release shop-api dev",
        "start promote qa",
        "promote qa",
        "pull-request #1",
        "merge qa",
        "auto-tag qa",
        "release shop-core qa",
        "release shop-api qa",
        "open api-1.1.0",
        "pull-request #2",
        "merge dev",
        "auto-tag dev",
        "release shop-api dev",
        "start promote shop-api qa",
        "promote shop-api qa",
        "pull-request #3",
        "merge qa",
        "auto-tag qa",
        "release shop-api qa",
    ]
    # Its own pull request builds and tests each package; those of promotions are left out.
    assert [len(list(output.glob(f"logs/*-pull-request-{n}/test-*.log"))) for n in (1, 2, 3)] == [
        0,
        2,
        0,
    ]
    started = [command for command in commands(report) if "workflow run" in command]
    assert started == [
        "gh workflow run promote.yml --ref dev -f from=dev",
        f"gh workflow run {one}",
    ]


def _edit(file: Path, pattern: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    changed = re.sub(pattern, new, text)
    assert changed != text
    file.write_text(changed, encoding="utf-8")


def _bump(project: Path, path: str) -> str:
    """The change that raises a version to 1.1.0, as `git diff` writes it."""
    before = (project / path).read_text(encoding="utf-8").splitlines(keepends=True)
    after = [line.replace('version = "1.0.0"', 'version = "1.1.0"') for line in before]
    assert after != before
    return "".join(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"))
