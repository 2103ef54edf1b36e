"""The starter of one branch: a pull request, then one workflow from the push to PyPI."""

import re
import shutil
from pathlib import Path

import pytest

from support.act.rehearse_command import read_report, rehearse
from support.paths import EXAMPLES

pytestmark = pytest.mark.network


@pytest.fixture
def one_branch(tmp_path: Path) -> Path:
    """The starter without its tests on each Python, which take most of the time."""
    project = tmp_path / "project"
    shutil.copytree(EXAMPLES / "pypi", project)
    for workflow in (project / ".github" / "workflows").iterdir():
        text = workflow.read_text(encoding="utf-8")
        command = "python -m pip install pytest dist/*.whl\n          pytest.*"
        workflow.write_text(re.sub(command, "ls dist/*.whl", text), encoding="utf-8")
    return project


def test_a_push_of_a_new_version_goes_to_pypi_without_a_secret(tmp_path: Path) -> None:
    done = rehearse(EXAMPLES / "pypi", tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(tmp_path)
    (place,) = report["environments"]
    assert (place["tag"], place["branch"], place["installed_version"]) == (
        "v1.0.0",
        "main",
        "1.0.0",
    )
    assert {place["tagger"], place["release"]["author"]} == {"github-actions[bot]"}
    assert place["release"]["latest"]
    assert len(place["files"]) == 2
    assert report["indexes"] == []
    assert report["deployment_policies"] == {"pypi": {"branches": ["main"], "tags": []}}
    log = next(tmp_path.glob("logs/*-release-pypi/publish.log")).read_text(encoding="utf-8")
    assert re.search(r"output project-url=https://.*/project/eigenoid-pypi/1\.0\.0/$", log, re.M)


def test_a_pull_request_is_tested_and_a_version_that_is_not_new_is_red(
    one_branch: Path, tmp_path: Path
) -> None:
    patch = tmp_path / "forget.patch"
    code = "--- /dev/null\n+++ b/extra.py\n@@ -0,0 +1,1 @@\n+EXTRA = True\n"
    patch.write_text(code, encoding="utf-8")

    done = rehearse(one_branch, tmp_path / "out", "--then", str(patch))

    assert done.returncode == 1, done.stdout
    assert "pull-request #1 (refs/pull/1/merge) failed at version" in done.stderr
    assert "Tag v1.0.0 exists on" in done.stderr
    (logs,) = (tmp_path / "out" / "logs").glob("*-pull-request-1")
    states = {
        file.stem: file.read_text(encoding="utf-8").splitlines()[0] for file in logs.glob("*.log")
    }
    assert states["test-3.13"] == "test (3.13): success"
    assert states["passed"] == "passed: failure"
