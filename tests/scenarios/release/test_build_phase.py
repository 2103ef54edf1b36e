"""The phase `build`: sdist and wheel of exactly one commit, by the project's own backend."""

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import tarfile
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.paths import PROJECTS
from support.sandbox.fixtures import git
from support.stages.running import StageResult, StageRunner

COMMITTED_AT = "2026-01-31T12:00:00+00:00"
BACKENDS = ("hatchling", "setuptools", "flit")


def repository_of(project: str, folder: Path) -> Path:
    """A repository with one commit of a project, and its tag of dev."""
    shutil.copytree(PROJECTS / project, folder, ignore=shutil.ignore_patterns("__pycache__"))
    git("init", "-q", "-b", "dev", cwd=folder)
    return committed(folder)


def committed(folder: Path) -> Path:
    """Commit everything at a fixed time, and put the tag there."""
    git("add", "-A", cwd=folder)
    dates = {"GIT_AUTHOR_DATE": COMMITTED_AT, "GIT_COMMITTER_DATE": COMMITTED_AT}
    environ = {"PATH": os.environ["PATH"], **dates}
    who = ["-c", "user.name=Dev", "-c", "user.email=dev@example.com"]
    subprocess.run(["git", *who, "commit", "-qm", "A"], cwd=folder, env=environ, check=True)
    git("tag", "-f", "-a", "-m", "v1.2.0-dev", "v1.2.0-dev", cwd=folder)
    return folder


def build(run_stage_alone: StageRunner, workspace: Path, **more: Any) -> StageResult:
    inputs = {"phase": "build", **more.pop("inputs", {})}
    options = {"workspace": workspace, "ref": "refs/tags/v1.2.0-dev", **more}
    return run_stage_alone("release", inputs, **options)


def names(archive: Path) -> set[str]:
    if archive.suffix == ".whl":
        return set(zipfile.ZipFile(archive).namelist())
    with tarfile.open(archive) as opened:
        return {name.partition("/")[2] for name in opened.getnames()}


@pytest.mark.network
@pytest.mark.parametrize("event", ["pull_request", "merge_group"])
def test_a_pull_request_is_built_for_a_tag_that_does_not_exist(
    run_stage_alone: StageRunner, tmp_path: Path, event: str
) -> None:
    """Nothing is carried, so GitHub is not asked: no service answers here."""
    repository = repository_of("hatchling", tmp_path / "repository")
    git("tag", "-d", "v1.2.0-dev", cwd=repository)
    preview = {"event": event, "ref": "refs/pull/7/merge"}

    result = build(run_stage_alone, repository, **preview, inputs={"tag": "v1.2.0-qa"})

    assert result.exit_status == 0, result.log
    assert json.loads(result.outputs["python-versions"])
    assert json.loads(result.outputs["matrix"])["include"]
    assert len(result.outputs["distributions"].split()) == 2


@pytest.mark.network
@pytest.mark.parametrize("project", BACKENDS)
def test_a_project_is_built_from_its_commit(
    run_stage_alone: StageRunner, tmp_path: Path, project: str
) -> None:
    repository = repository_of(project, tmp_path / "repository")
    (repository / "untracked.txt").write_text("not committed")
    (repository / f"gha-creds-{project}.json").write_text("{}")
    source = next(repository.rglob("__init__.py"))
    source.write_text(source.read_text() + "\nDIRTY = True\n")
    result = build(run_stage_alone, repository)
    assert result.exit_status == 0, result.log
    wheel, sdist = (repository / "dist" / name for name in result.outputs["distributions"].split())
    assert (wheel.name, sdist.name) == (
        f"sample_{project}-1.2.0-py3-none-any.whl",
        f"sample_{project}-1.2.0.tar.gz",
    )
    every = names(wheel) | names(sdist)
    assert not [name for name in every if "untracked" in name or "gha-creds" in name]
    with zipfile.ZipFile(wheel) as opened:
        assert b"DIRTY" not in opened.read(f"sample_{project}/__init__.py")
        years = {info.date_time[:3] for info in opened.infolist()}
    assert years <= {(2026, 1, 31), (1980, 1, 1)}
    manifest_file = repository / "dist" / MANIFEST_NAME
    digest = hashlib.sha256(manifest_file.read_bytes()).hexdigest()
    assert result.outputs["manifest-sha256"] == digest
    manifest = json.loads(manifest_file.read_text())
    expected = datetime(2026, 1, 31, 12, tzinfo=timezone.utc).timestamp()
    assert manifest["source-date-epoch"] == expected
    assert re.fullmatch(rf"{project} \d+(\.\d+)+", manifest["backend"])
    assert manifest["normalised"] is False
    assert manifest["commit"] == git("rev-parse", "HEAD", cwd=repository).stdout.strip()
    assert manifest["tree"] == git("rev-parse", "HEAD^{tree}", cwd=repository).stdout.strip()
    assert manifest["notes"] == ("- Built on hatchling." if project == "hatchling" else "")
    assert git("worktree", "list", cwd=repository).stdout.count("\n") == 1
    assert "DIRTY" in source.read_text()


@pytest.mark.network
@pytest.mark.parametrize(("kinds", "ending"), [("sdist", ".tar.gz"), ("wheel", ".whl")])
def test_one_kind_is_a_part_of_a_release_without_a_manifest(
    run_stage_alone: StageRunner, tmp_path: Path, kinds: str, ending: str
) -> None:
    repository = repository_of("flit", tmp_path / "repository")
    inputs = {"distributions": kinds, "verify-rebuild": "strict"}
    result = build(run_stage_alone, repository, inputs=inputs)
    assert result.exit_status == 0, result.log
    (file,) = (repository / "dist").iterdir()
    assert (file.name.endswith(ending), result.outputs["distributions"]) == (True, file.name)
    assert result.outputs["manifest-sha256"] == ""
    assert "The same bytes as a rebuild" in result.log


@pytest.mark.network
def test_the_backend_sees_no_input_and_no_credential_of_the_job(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    repository = repository_of("setuptools", tmp_path / "repository")
    secrets = {"MY_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "s"}
    result = build(run_stage_alone, repository, environ={**secrets, "MY_FLAG": "1"})
    assert result.exit_status == 0, result.log
    seen = {name for line in re.findall(r"BACKEND SEES (.*)", result.log) for name in line.split()}
    assert {"PATH", "SOURCE_DATE_EPOCH", "MY_FLAG"} <= seen
    hidden = ("INPUT_", "ACTIONS_", "GITHUB_", "RUNNER_", *secrets)
    assert not [name for name in seen if name.startswith(hidden)]


@pytest.mark.network
def test_a_version_from_git_is_pinned_to_the_tags(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    repository = repository_of("setuptools", tmp_path / "repository")
    pyproject = repository / "pyproject.toml"
    text = pyproject.read_text().replace('"setuptools>=77"', '"setuptools>=77", "setuptools-scm"')
    text = text.partition("[tool.setuptools.dynamic]")[0] + "[tool.setuptools_scm]\n"
    pyproject.write_text(text)
    (repository / "VERSION").write_text("1.2.0\n")
    committed(repository)
    inputs = {"version-file": "VERSION", "version-pattern": "(.+)"}
    result = build(run_stage_alone, repository, inputs=inputs)
    assert result.exit_status == 0, result.log
    assert "sample_setuptools-1.2.0.tar.gz" in result.outputs["distributions"]


@pytest.mark.network
def test_a_warning_of_the_backend_is_text_and_no_command(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    repository = repository_of("setuptools", tmp_path / "repository")
    script = repository / "setup.py"
    forged = 'import warnings\nwarnings.warn("beware\\n::error title=forged::obey me")\n'
    script.write_text(f"{script.read_text()}\n{forged}")
    committed(repository)
    result = build(run_stage_alone, repository)
    assert result.exit_status == 0, result.log
    assert "beware" in result.log
    assert result.annotations == ()


def test_a_folder_that_holds_something_is_refused(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    repository = repository_of("hatchling", tmp_path / "repository")
    (repository / "dist").mkdir()
    (repository / "dist" / "old-0.1.tar.gz").write_text("old")
    result = build(run_stage_alone, repository)
    assert result.exit_status == 1
    assert "The folder dist is not empty" in result.annotation.message
    assert [path.name for path in (repository / "dist").iterdir()] == ["old-0.1.tar.gz"]


@pytest.mark.network
def test_hooks_of_the_checkout_do_not_run(run_stage_alone: StageRunner, tmp_path: Path) -> None:
    repository = repository_of("flit", tmp_path / "repository")
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    result = build(run_stage_alone, repository)
    assert result.exit_status == 0, result.log
    assert not (tmp_path / "hooked").exists()
