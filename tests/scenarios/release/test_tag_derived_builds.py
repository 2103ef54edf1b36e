"""What else decides the version of a build: the job's variables, and a tool that ignores them."""

import shutil
from pathlib import Path

import pytest

from support.paths import PROJECTS
from support.sandbox.fixtures import git
from support.stages.running import StageResult, StageRunner

TAG = "v1.2.0-dev"

#: A build requirement with a version of its own, which it would lose with the project's pins.
REQUIREMENT = """\
import os

from setuptools import setup

if "SETUPTOOLS_SCM_PRETEND_VERSION" in os.environ:
    raise SystemExit("a build requirement is told the project's version")
setup(name="sample-requirement", version="0.3.0")
"""


def repository_of(folder: Path, *, files: dict[str, str], project: str = "") -> Path:
    """A repository with one commit, and its tag of dev."""
    folder.mkdir()
    if project:
        shutil.copytree(PROJECTS / project, folder, dirs_exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git("init", "-q", "-b", "dev", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "A project", cwd=folder)
    git("tag", "-a", "-m", TAG, TAG, cwd=folder)
    return folder


def build(
    run_stage_alone: StageRunner, workspace: Path, environ: dict[str, str] | None = None
) -> StageResult:
    ref = f"refs/tags/{TAG}"
    inputs = {"phase": "build"}
    return run_stage_alone("release", inputs, workspace=workspace, ref=ref, environ=environ)


@pytest.mark.network
def test_neither_the_jobs_own_pins_nor_ours_reach_too_far(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    requirement = tmp_path / "requirement"
    requirement.mkdir()
    (requirement / "setup.py").write_text(REQUIREMENT, encoding="utf-8")
    name = "pyproject.toml"
    text = (PROJECTS / "setuptools-scm" / name).read_text(encoding="utf-8")
    needed = f'"sample-requirement @ {requirement.as_uri()}", "setuptools-scm>=8"'
    changed = text.replace('"setuptools-scm>=8"', needed)
    assert changed != text
    repository = repository_of(
        tmp_path / "repository", files={name: changed}, project="setuptools-scm"
    )
    own = {"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_SAMPLE_SETUPTOOLS_SCM": "9.9.9"}
    result = build(run_stage_alone, repository, own)
    assert result.exit_status == 0, result.log
    assert "sample_setuptools_scm-1.2.0.tar.gz" in result.outputs["distributions"]


#: The first two have no variable, and are told by the only tag of a repository of their own.
OTHERS = {
    "setuptools-git-versioning": {
        "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77", "setuptools-git-versioning>=3"]
build-backend = "setuptools.build_meta"

[project]
name = "sample"
dynamic = ["version"]

[tool.setuptools]
py-modules = []

[tool.setuptools-git-versioning]
enabled = true
""",
    },
    "versioningit": {
        "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77", "versioningit>=3"]
build-backend = "setuptools.build_meta"

[project]
name = "sample"
dynamic = ["version"]

[tool.setuptools]
py-modules = []

[tool.versioningit]
"""
    },
    "flit-scm": {
        "pyproject.toml": """\
[build-system]
requires = ["flit_scm"]
build-backend = "flit_scm:buildapi"

[project]
name = "sample"
dynamic = ["version", "description"]
requires-python = ">=3.10"

[tool.setuptools_scm]
write_to = "sample/_version.py"
""",
        "sample/__init__.py": '"""A module."""\n\nfrom ._version import version as __version__\n',
        ".gitignore": "_version.py\n",
    },
    "pbr": {
        "pyproject.toml": """\
[build-system]
requires = ["setuptools>=77", "pbr>=7"]
build-backend = "setuptools.build_meta"
""",
        "setup.py": "from setuptools import setup\n\nsetup(pbr=True)\n",
        "setup.cfg": "[metadata]\nname = sample\nsummary = A sample\n",
    },
}


@pytest.mark.network
@pytest.mark.parametrize("tool", OTHERS)
def test_the_other_tools_build_the_tags_version_too(
    run_stage_alone: StageRunner, tmp_path: Path, tool: str
) -> None:
    repository = repository_of(tmp_path / "repository", files=OTHERS[tool])
    result = build(run_stage_alone, repository)
    assert result.exit_status == 0, result.log
    assert result.outputs["distributions"].split() == [
        "sample-1.2.0-py3-none-any.whl",
        "sample-1.2.0.tar.gz",
    ]


def test_a_tool_that_cannot_be_told_is_refused_before_anything_is_built(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    text = (PROJECTS / "poetry-dynamic" / "pyproject.toml").read_text(encoding="utf-8")
    changed = text.replace("poetry_dynamic_versioning.backend", "poetry.core.masonry.api")
    assert changed != text
    repository = repository_of(tmp_path / "repository", files={"pyproject.toml": changed})
    result = build(run_stage_alone, repository)
    assert (result.exit_status, result.outputs) == (2, {})
    message = result.annotation.message
    assert "poetry-dynamic-versioning cannot be told the version of a tag" in message
    assert 'write build-backend = "poetry_dynamic_versioning.backend"' in message
    assert not (repository / "dist").exists()
