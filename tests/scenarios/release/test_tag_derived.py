"""Versions derived from tags: each tool builds exactly the tag's version, wherever it would look.

The checkouts are those that mislead such tools: a commit with the tags of all environments, a clone
of depth 1, and one without any tag.
"""

import io
import os
import shutil
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

import pytest

from dist_actions.services.foreign_code.backend import Backend
from dist_sandbox.google.state import repository_name
from support.paths import PROJECTS
from support.projects.releases import PUBLISHING, target_inputs
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner, app_inputs

TOOLS = {
    "setuptools-scm": "setuptools-scm",
    "hatch-vcs": "hatch-vcs",
    "pdm-scm": "pdm-backend",
    "poetry-dynamic": "poetry-dynamic-versioning",
    "uv-dynamic": "uv-dynamic-versioning",
    "versioneer": "versioneer",
}
TAGS = ("v1.2.0-dev", "v1.2.0-qa", "v1.2.0", "v1.3.0-dev")


def push_project(checkout: Path, project: str, *, tags: tuple[str, ...] = TAGS) -> None:
    """Put a project on the branches of all environments, one commit with all tags."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECTS / project, checkout, ignore=ignored, dirs_exist_ok=True)
    git("add", "-A", cwd=checkout)
    git("commit", "-qm", "A project", cwd=checkout)
    for tag in tags:
        # Of several tags on a commit `git describe` takes the newest: none may be newer by luck.
        git("tag", "-a", "-m", tag, tag, cwd=checkout, date="2026-11-01T12:00:00Z")
    branches = [f"HEAD:refs/heads/{branch}" for branch in ("dev", "qa", "main")]
    git("push", "-q", "--force", "origin", *branches, *tags, cwd=checkout)


def clone(checkout: Path, folder: Path, *, tags: bool, depth: str = "--depth=1") -> Path:
    """What a job checks out; with `tags` those of all environments are there."""
    url = git("remote", "get-url", "origin", cwd=checkout).stdout.strip()
    git("clone", "-q", "--no-tags", depth, "-b", "dev", url, str(folder), cwd=checkout)
    if tags:
        git("fetch", "-q", depth, "origin", "refs/tags/*:refs/tags/*", cwd=folder)
    return folder


def release(
    run_stage: StageRunner, sandbox: Sandbox, workspace: Path, environment: int, **options: Any
) -> StageResult:
    chosen = sandbox.world.environments[environment]
    inputs = {**app_inputs(sandbox, "releaser-bot"), **target_inputs(chosen)}
    return run_stage(
        "release",
        {**inputs, **options.pop("inputs", {})},
        workspace=workspace,
        ref=f"refs/tags/v1.2.0{chosen.suffix}",
        permissions=PUBLISHING,
        environment=chosen.name,
        **options,
    )


def indexed(sandbox: Sandbox, environment: int) -> dict[str, bytes]:
    name = repository_name(sandbox.world.environments[environment])
    repository = sandbox.world.google.repositories[name]
    return {path.name: path.read_bytes() for path in repository.files()}


def described(name: str, content: bytes) -> tuple[str, str]:
    """Name and version in a distribution's metadata."""
    if name.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as wheel:
            member = next(one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
            text = wheel.read(member).decode()
    else:
        with tarfile.open(fileobj=io.BytesIO(content)) as sdist:
            file = sdist.extractfile(f"{name.removesuffix('.tar.gz')}/PKG-INFO")
            assert file is not None
            text = file.read().decode()
    headers = HeaderParser().parsestr(text)
    return headers["Name"].replace("_", "-"), headers["Version"]


@pytest.mark.network
@pytest.mark.parametrize("project", TOOLS)
def test_every_environment_gets_exactly_the_tags_version(
    run_stage: StageRunner, sandbox: Sandbox, checkout: Path, tmp_path: Path, project: str
) -> None:
    push_project(checkout, project)
    module = f"sample_{project.replace('-', '_')}"
    workspaces = [
        clone(checkout, tmp_path / "whole", tags=True, depth="--depth=100"),
        clone(checkout, tmp_path / "shallow", tags=False),
        clone(checkout, tmp_path / "tagged", tags=True),
    ]
    for environment, workspace in enumerate(workspaces):
        result = release(run_stage, sandbox, workspace, environment)
        assert result.exit_status == 0, result.log
        assert result.outputs["version"] == "1.2.0"
        files = indexed(sandbox, environment)
        assert set(files) == {f"{module}-1.2.0.tar.gz", f"{module}-1.2.0-py3-none-any.whl"}
        told = {described(name, content) for name, content in files.items()}
        assert told == {(f"sample-{project}", "1.2.0")}
        # setuptools-scm lists files by asking git, which must answer.
        sdist = files[f"{module}-1.2.0.tar.gz"]
        if project == "setuptools-scm":
            with tarfile.open(fileobj=io.BytesIO(sdist)) as opened:
                assert f"{module}-1.2.0/src/{module}/data.txt" in opened.getnames()
        assert git("status", "--porcelain", "--ignored", cwd=workspace).stdout == "?? dist/\n"


@pytest.mark.network
@pytest.mark.parametrize(
    ("project", "tags", "built"),
    [
        ("setuptools-scm", True, "1.2.0.dev0"),
        ("hatch-vcs", True, "1.2.0.dev0"),
        ("pdm-scm", True, "1.2.0.dev0"),
        ("versioneer", True, "1.2.0.dev0"),
        # Both know suffixes, but not without tags.
        ("poetry-dynamic", False, "0.0.0.post1.dev0+"),
        ("uv-dynamic", False, "0.0.0.post1.dev0+"),
    ],
)
def test_left_alone_the_tool_builds_another_version(
    checkout: Path, tmp_path: Path, project: str, tags: bool, built: str
) -> None:
    push_project(checkout, project, tags=TAGS[:2])
    workspace = clone(checkout, tmp_path / "shallow", tags=tags)
    _, version = Backend(workspace, os.environ, {}, print).metadata()
    assert version.startswith(built)


@pytest.mark.parametrize("project", TOOLS)
def test_auto_tag_is_refused_with_all_ways_out(
    run_stage: StageRunner, sandbox: Sandbox, checkout: Path, project: str
) -> None:
    push_project(checkout, project, tags=())
    result = run_stage("auto-tag", app_inputs(sandbox), workspace=checkout)
    assert (result.exit_status, result.requests, result.outputs) == (2, (), {})
    message = result.annotation.message
    assert f"{TOOLS[project]} derives the version from git tags" in message
    for way_out in ("bump: conventional", "or declare it, such as version"):
        assert way_out in message
    assert "input version" in message
    assert result.annotation.line > 0
