"""A project without anything goes to production: one command, one push, two merges."""

import sys
from pathlib import Path

import pytest

from support.act.rehearse_command import read_report, rehearse
from support.projects.declared import make_project

pytestmark = pytest.mark.network

#: For the Python of this test alone, in which the result is installed at the end.
_PROJECT = f"""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "acme-tool"
version = "0.1.0"
requires-python = "=={sys.version_info[0]}.{sys.version_info[1]}.*"
"""


def test_a_new_project_goes_to_production(tmp_path: Path) -> None:
    """GitHub has one branch, and variables that google.sh printed; the command makes the rest."""
    project = tmp_path / "acme-tool"
    make_project(project, {"pyproject.toml": _PROJECT, "src/acme_tool/__init__.py": ""})

    done = rehearse(project, tmp_path / "out", "--init")

    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(tmp_path / "out")
    assert [(row["name"], row["installed_version"]) for row in report["environments"]] == [
        ("dev", "0.1.0"),
        ("qa", "0.1.0"),
        ("prd", "0.1.0"),
    ]
    assert [stage["command"] for stage in report["stages"] if "command" in stage] == [
        "dist-actions init --yes --apply",
        "git push origin dev",
        "gh pr merge 1 --merge",
        "gh pr merge 2 --merge",
    ]
    assert "Every file has the same sha256 in dev, qa and prd." in done.stdout
