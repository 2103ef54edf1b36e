"""Runs the command `dist-sandbox rehearse` as a user does."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.paths import EXAMPLES, ROOT

SAMPLE = EXAMPLES / "eigenoid-sample"
#: The starter's test job installs pytest over a whole matrix; most stories are about the rest.
_TEST_JOB = re.compile(r"  test:\n.*?(?=  publish:\n)", re.DOTALL)
_CHECKOUT = re.compile(r"actions/checkout@\S+")
_WITHIN_SECONDS = 600


#: Stands for the starter's release where releases are not what a story is about: one job is
#: started three times as fast as three.
_RELEASE = """\
name: release
on: {push: {tags: ["v*"]}}
permissions: {}
jobs:
  release:
    runs-on: ubuntu-latest
    environment: ${{ endsWith(github.ref_name, '-dev') && 'dev'
      || endsWith(github.ref_name, '-qa') && 'qa' || 'prd' }}
    permissions: {contents: read, id-token: write}
    steps:
      - uses: CHECKOUT
      - uses: eigenoid/dist-actions/release@v1
        with:
          phase: all
          client-id: ${{ vars.RELEASER_BOT_CLIENT_ID }}
          private-key: ${{ secrets.RELEASER_BOT_PRIVATE_KEY }}
          workload-identity-provider: ${{ vars.GCP_WIF_PROVIDER }}
          service-account: ${{ vars.GCP_SA_EMAIL }}
          project-id: ${{ vars.GCP_PROJECT_ID }}
          location: ${{ vars.AR_LOCATION }}
          repository: ${{ vars.AR_REPOSITORY }}
"""


def copy_bare_sample(project: Path) -> Path:
    """Copy the sample without its workflows."""
    shutil.copytree(SAMPLE, project, ignore=shutil.ignore_patterns(".github"))
    return project


def copy_sample(project: Path, promote: str = "promote.yml", *, one_job: bool = False) -> Path:
    """Copy the sample with the starter workflows, without their test job.

    Args:
        project: A new folder.
        promote: The example that promotes.
        one_job: Whether each release is made by a single job.
    """
    copy_bare_sample(project)
    folder = project / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name in ("auto-tag.yml", "release.yml", promote):
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        if one_job and name == "release.yml":
            text = write_one_job_release()
        text = _TEST_JOB.sub("", text).replace("needs: [plan, build, test]", "needs: [plan, build]")
        (folder / name).write_text(text, encoding="utf-8")
    return project


def write_one_job_release() -> str:
    """Write a workflow whose single job builds and publishes."""
    checkout = _CHECKOUT.search((EXAMPLES / "release.yml").read_text(encoding="utf-8"))
    assert checkout is not None
    return _RELEASE.replace("CHECKOUT", checkout[0])


def rehearse(
    project: Path | Sequence[Path], output: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run the command on projects of ours; `output` is where it leaves report and logs."""
    projects = [project] if isinstance(project, Path) else project
    command = [sys.executable, "-m", "dist_sandbox.cli", "rehearse", *map(str, projects)]
    return subprocess.run(
        [*command, "--keep-tools", "--output", str(output), *options],
        cwd=output.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_WITHIN_SECONDS,
    )


def read_report(output: Path) -> dict[str, Any]:
    """Read the report of a rehearsal that succeeded."""
    report: dict[str, Any] = json.loads((output / "report.json").read_text(encoding="utf-8"))
    return report
