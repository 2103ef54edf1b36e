"""The stand-in of actions/setup-python reads versions as that action does."""

import os
import shutil
from pathlib import Path

import pytest

from support.act.fixtures import ActSandbox
from support.act.stand_ins import Job

VERSIONS = ("cpython-3.10.4-x", "cpython-3.12.9-x", "cpython-3.13.2-x", "pypy-3.10.16-x")


@pytest.fixture
def python_job(shared_act_sandbox: ActSandbox, tmp_path: Path) -> Job:
    """A job on a machine with some interpreters, which make an environment of any kind."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "sed"):
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").symlink_to(os.path.realpath(str(shutil.which("python3"))))
    (tools / "uv").write_text('#!/bin/bash\necho "${@: -1:1}" | sed "s:.*/::" >>"$HOME/made"\n')
    (tools / "uv").chmod(0o755)
    for version in VERSIONS:
        folder = tmp_path / "pythons" / version / "bin"
        folder.mkdir(parents=True)
        (folder / "python3").write_text("")
    environ = {"PATH": str(tools), "UV_PYTHON_INSTALL_DIR": str(tmp_path / "pythons")}
    python_job = Job(shared_act_sandbox, tmp_path, environ)
    python_job.workspace.mkdir()
    return python_job


#: What a workflow asks for, and which of the versions it gets.
REQUIREMENTS = {
    "3.12": "3.12.9",
    "3.x": "3.13.2",
    "3": "3.13.2",
    "x": "3.13.2",
    "3.10.4": "3.10.4",
    ">=3.9 <3.13": "3.12.9",
    ">= 3.9, != 3.12.*, < 3.13": "3.10.4",
    "3.9 - 3.11": "3.10.4",
    "~3.12.0-0": "3.12.9",
    "3.13-dev": "3.13.2",
    "3.9 || 3.10": "3.10.4",
    "^3.10": "3.13.2",
    "pypy3.10": "3.10.16",
    "pypy-3.10-v7.3.x": "3.10.16",
}


def test_the_newest_version_that_fits_is_taken(python_job: Job) -> None:
    outcome = python_job.run("setup-python", python_version="\n".join(REQUIREMENTS))
    assert outcome.annotations == []
    made = (python_job.folder / "made").read_text().splitlines()
    assert dict(zip(reversed(REQUIREMENTS), made, strict=True)) == REQUIREMENTS


def test_another_version_that_stands_in_is_told(python_job: Job) -> None:
    requirements = ["3.14", "pypy3.9", "3.13t", "graalpy-24.1"]
    outcome = python_job.run("setup-python", python_version="\n".join(requirements))
    assert {row[:2] for row in outcome.annotations} == {("notice", "rehearsal")}
    for requirement, (_, _, text) in zip(reversed(requirements), outcome.annotations, strict=True):
        assert f"Python {requirement} is not on this machine" in text


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        (".python-version", "# pinned\n3.12\n3.10\n", "3.12.9"),
        (".tool-versions", "nodejs 20\npython 3.10.4\n", "3.10.4"),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.10,<3.13"\n', "3.12.9"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "~3.12"\n', "3.12.9"),
        ("Pipfile", '[requires]\npython_version = "3.10"\n', "3.10.4"),
    ],
)
def test_a_file_may_say_the_version(python_job: Job, name: str, text: str, version: str) -> None:
    (python_job.workspace / name).write_text(text)
    outcome = python_job.run("setup-python", python_version_file=name)
    assert outcome.outputs["python-version"] == version


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"python_version": "3.1"}, 'put the version in quotes: "3.10"'),
        ({"cache": "pip"}, "No file in"),
        ({"cache": "poetry"}, "Unable to locate executable file: poetry"),
        ({"cache": "uv"}, "Caching for 'uv' is not supported"),
        ({"python_version_file": ".python-version"}, "doesn't exist"),
    ],
)
def test_what_github_refuses_is_refused(
    python_job: Job, inputs: dict[str, str], words: str
) -> None:
    outcome = python_job.run("setup-python", **inputs)
    assert not outcome.succeeded
    assert words in outcome.annotations[0][2]


def test_a_machine_of_another_kind_is_told(python_job: Job) -> None:
    (_, _, text), *_ = python_job.run("setup-python", architecture="x86").annotations
    assert text.startswith("architecture x86: ")
