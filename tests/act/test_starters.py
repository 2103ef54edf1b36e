"""Every starter of `examples/` goes from dev to production, as it stands."""

from pathlib import Path
from typing import Any

import pytest

from act.rehearsing import EXAMPLES, read_report, rehearse

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
    report = carry("legacy-setup-py", tmp_path)
    assert stands(report) == [
        ("dev", "v1.0.0-dev", RELEASER, "1.0.0"),
        ("qa", "v1.0.0-qa", RELEASER, "1.0.0"),
        ("prd", "v1.0.0", RELEASER, "1.0.0"),
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
    start = "auto-tag.yml --ref dev -f version=1.2.0"
    report = carry("setuptools-scm", tmp_path, "--dispatch", start)
    assert stands(report) == [
        ("dev", "v1.2.0-dev", RELEASER, "1.2.0"),
        ("qa", "v1.2.0-qa", RELEASER, "1.2.0"),
        ("prd", "v1.2.0", RELEASER, "1.2.0"),
    ]
    refuse_missing_files(report)
    assert f"gh workflow run {start}" in commands(report)


def test_a_version_that_nobody_gave_is_asked_for(tmp_path: Path) -> None:
    done = rehearse(EXAMPLES / "setuptools-scm", tmp_path)
    assert done.returncode == 2
    assert "auto-tag.yml asks for version" in done.stdout
    assert '--dispatch "auto-tag.yml --ref dev -f version=VALUE"' in done.stdout
