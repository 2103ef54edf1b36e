"""Packages that need one another go to production in one rehearsal, a repository each."""

import shutil
from pathlib import Path

import pytest

from support.act.rehearse_command import read_report, rehearse, write_one_job_release
from support.paths import EXAMPLES

pytestmark = pytest.mark.network


def test_a_package_waits_until_what_it_needs_was_promoted(tmp_path: Path) -> None:
    """From folders without workflows to production, promoted in the wrong order first.

    Of the package that needs nothing only the release is there: a single job, as how it is tested
    is not what this is about.
    """
    projects = [
        shutil.copytree(
            EXAMPLES / "private-dependencies" / name,
            tmp_path / name,
            ignore=shutil.ignore_patterns(".github"),
        )
        for name in ("core", "web")
    ]
    release = tmp_path / "core" / ".github" / "workflows" / "release.yml"
    release.parent.mkdir(parents=True)
    release.write_text(write_one_job_release(), encoding="utf-8")
    out = tmp_path / "out"
    too_early = ["--first", "core=dev", "--first", "web=qa"]
    done = rehearse(projects, out, "--init", *too_early)
    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(out)
    stages = [(stage.get("project"), stage["name"]) for stage in report["stages"]]
    order = [stage for stage in stages if stage[1].startswith(("release", "promote qa", "start"))]
    assert order == [
        ("core", "release dev"),
        ("core", "promote qa"),
        ("web", "release dev"),
        ("web", "promote qa"),
        ("core", "release qa"),
        ("core", "release prd"),
        ("web", "start promote qa again"),
        ("web", "promote qa"),
        ("web", "release qa"),
        ("web", "release prd"),
    ]
    early, later = (
        stage for stage in report["stages"] if (stage["name"], stage["project"]) == PROMOTION
    )
    (warning,) = [note["text"] for note in early["notes"] if note["level"] == "warning"]
    assert "eigenoid-web 2.0.0 requires eigenoid-core>=1.1, of which qa has nothing" in warning
    assert "Fix: promote eigenoid-core 1.1.0 from dev to qa first" in warning
    assert [note["level"] for note in later["notes"]] == ["notice"]
    stands = [
        (place["package"], place["name"], place["installed_version"])
        for place in report["environments"]
    ]
    assert stands == [
        (package, name, version)
        for package, version in (("eigenoid-core", "1.1.0"), ("eigenoid-web", "2.0.0"))
        for name in ("dev", "qa", "prd")
    ]
    (tested,) = out.glob("logs/*-web-release-qa/test*.log")
    assert "/eigenoid-qa/eigenoid-all/simple/" in tested.read_text()
    (published,) = out.glob("logs/*-web-release-qa/publish.summary.md")
    assert "Tested with `eigenoid-core 1.1.0`" in published.read_text()


PROMOTION = ("promote qa", "web")
