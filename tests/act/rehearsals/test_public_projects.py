"""Public projects that nobody here wrote go to production as `dist-actions init` sets them up.

Each is downloaded as its source distribution, and nothing of it is edited. They take an hour
together, so they run when they are asked for: `scripts/test -m public`.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.paths import ROOT

pytestmark = [pytest.mark.public]


@dataclass(frozen=True)
class Project:
    """A public project.

    Attributes:
        requirement: What pip downloads; several are packages of one repository.
        kind: What it is an example of.
        obstacle: What its maintainer has to do before, as the rehearsal says it; empty where it
            reaches production.
    """

    requirement: str
    kind: str
    obstacle: str = ""


PROJECTS = (
    Project("iniconfig==2.3.1", "version from tags, setuptools-scm; dependency groups"),
    Project("humanize==4.17.0", "version from tags, hatch-vcs; test extra"),
    Project("pluggy==1.6.0", "version from tags, setuptools-scm; dependency groups"),
    Project("unearth==0.19.0", "pdm; pdm's groups"),
    Project("jaraco.text==4.2.0", "namespace package in the root; test extra"),
    Project("id==1.6.1", "flit; test extra"),
    Project("flake8==7.5.0", "setup.cfg without tests in its source distribution"),
    Project("tomlkit==0.15.2", "poetry; dependency groups"),
    Project("six==1.17.0", "setup.py and one module"),
    Project("itsdangerous==2.2.0", "flit; requirement files"),
    Project("markupsafe==3.0.4", "a module in C"),
    Project("simplejson==3.20.2", "a module in C, tests in the package"),
    Project("cachecontrol==0.14.4", "uv_build; dependency groups"),
    Project("zope.event==6.1", "namespace package, tests in a module"),
    Project("iniconfig==2.3.1 humanize==4.17.0", "a repository of two packages"),
)


def fetch(project: Project, folder: Path) -> Path:
    """Download a project's source distributions, several into folders of one repository."""
    requirements = project.requirement.split()
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    for requirement in requirements:
        name = requirement.partition("==")[0]
        subprocess.run([*pip, "--no-binary", name, "--dest", str(folder), requirement], check=True)
    (folder / "unpacked").mkdir()
    for archive in folder.glob("*.tar.gz"):
        subprocess.run(["tar", "-xzf", str(archive), "-C", str(folder / "unpacked")], check=True)
    sources = sorted((folder / "unpacked").iterdir())
    if len(sources) == 1:
        return sources[0]
    for source in sources:
        shutil.move(source, folder / "repository" / "packages" / source.name.partition("-")[0])
    return folder / "repository"


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.requirement)
def test_it_reaches_production_as_init_sets_it_up(tmp_path: Path, project: Project) -> None:
    (tmp_path / "repository" / "packages").mkdir(parents=True)
    folder = fetch(project, tmp_path)
    command = [sys.executable, "-m", "dist_sandbox.cli", "rehearse", "--init", str(folder)]
    done = subprocess.run(
        [*command, "--output", str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    if project.obstacle:
        assert done.returncode == 1
        assert project.obstacle in done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    production = report["environments"][-1]
    assert production["name"] == "prd"
    assert production["installed_version"]
