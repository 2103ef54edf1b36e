"""This project releases itself: its workflow is rehearsed as any other project's is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dist_actions import __version__
from support.act.rehearse_command import read_report, rehearse
from support.automation import files as automation
from support.image_source import build_and_pin, commit_all, use_registry
from support.paths import ROOT
from support.registry import find_missing_tool

pytestmark = pytest.mark.network

#: What a release has no part in.
LEFT_OUT = ("tests/", "docs/", "benchmarks/")
#: It pulls the image, which is left out where there is no engine or no registry.
IMAGE_JOB = re.compile(r"  image:\n.*?(?=  build:\n)", re.DOTALL)
#: A rehearsal keeps its jobs from the machine's engine; this one is to have it.
DOCKER = """\
#!/bin/sh
unset DOCKER_HOST
exec {docker} "$@"
"""
#: It installs more than fifty packages for each Python.
INSTALLATION = re.compile(r"run: \|\n          wheel=.*?dist-sandbox --version\n", re.DOTALL)


@pytest.fixture
def own_project(tmp_path: Path) -> Path:
    """A copy of this project for one Python, whose release is without what takes most time."""
    copy = tmp_path / "dist-actions"
    for path in automation.tracked_files():
        if not path.startswith(LEFT_OUT):
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, copy / path)
    workflow = copy / ".github" / "workflows" / "release.yml"
    text = workflow.read_text(encoding="utf-8")
    workflow.write_text(INSTALLATION.sub("run: ls dist/*.whl\n", text), encoding="utf-8")
    settings, version = copy / "pyproject.toml", f"3.{sys.version_info.minor}"
    text = settings.read_text(encoding="utf-8").replace('">=3.10"', f'"=={version}.*"')
    settings.write_text(text, encoding="utf-8")
    changelog = copy / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("[Unreleased]", f"[{__version__}]", 1), encoding="utf-8")
    return copy


@pytest.fixture
def engine_options(
    own_project: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, ...]:
    """Build and pin the image of the project, if this machine can; return the rehearsal's options.

    Else its job is left out of the release.
    """
    if find_missing_tool():
        leave_image_out(own_project)
        return ()
    use_registry(own_project, request.getfixturevalue("registry"))
    subprocess.run([ROOT / "scripts" / "images"], check=True, capture_output=True)
    # What the Dockerfile makes of this source: that of the copy would take a minute more.
    (own_project / "Dockerfile").write_text("FROM dist-actions-publish\n", encoding="utf-8")
    commit_all(own_project)
    build_and_pin(own_project)
    commit_all(own_project)
    docker = own_project.parent / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER.format(docker=shutil.which("docker")), encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}:{os.environ['PATH']}")
    return ("--walls", "none")


def leave_image_out(project: Path) -> None:
    workflow = project / ".github" / "workflows" / "release.yml"
    text = IMAGE_JOB.sub("", workflow.read_text(encoding="utf-8"))
    text = text.replace("needs: [image, build, test]", "needs: [build, test]")
    workflow.write_text(text, encoding="utf-8")


def test_a_person_releases_this_project_and_a_second_run_changes_nothing(
    own_project: Path, engine_options: tuple[str, ...], tmp_path: Path
) -> None:
    output, tag = tmp_path / "out", f"v{__version__}"
    done = rehearse(own_project, output, "--rerun", *engine_options)

    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(output)
    (place,) = report["environments"]
    assert (place["tag"], place["installed_version"]) == (tag, __version__)
    assert place["release"]["latest"]
    assert report["rerun"]["changes"] == []
    for log in output.glob("logs/*/image.log"):
        assert log.read_text(encoding="utf-8").endswith("is of this commit's source, and starts.\n")
    summary = next(output.glob("logs/*-release-pypi/publish.summary.md")).read_text(
        encoding="utf-8"
    )
    assert f"`v1` is on the commit of `{tag}` now." in summary
    # The simulated PyPI verifies attestations, and refuses files whose attestations are wrong.
    page = (output / "index.html").read_text(encoding="utf-8")
    assert "signingCert" in page
    assert "legacy/: 200" in page
