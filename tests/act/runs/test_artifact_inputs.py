"""The stand-ins of the artifact actions choose files and artifacts as those actions do."""

import os
from pathlib import Path

import pytest

from support.act.fixtures import ActSandbox
from support.act.stand_ins import Job

FILES = ("dist/a.whl", "dist/a.tar.gz", "dist/.hidden", "dist/tmp/x.log", ".cache/y/z.txt")


@pytest.fixture
def artifact_job(act_sandbox: ActSandbox, tmp_path: Path) -> Job:
    artifact_job = Job(act_sandbox, tmp_path)
    for name in FILES:
        (artifact_job.workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (artifact_job.workspace / name).write_text(name)
    return artifact_job


def _download(artifact_job: Job, **inputs: str) -> list[str]:
    assert artifact_job.run("download-artifact", path="got", **inputs).succeeded
    folder = artifact_job.workspace / "got"
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("inputs", "files"),
    [
        ({"path": "dist"}, ["a.tar.gz", "a.whl", "tmp/x.log"]),
        ({"path": "dist\n!dist/tmp"}, ["a.tar.gz", "a.whl"]),
        ({"path": "dist/**\n!dist/**/*.log\n# a comment"}, ["a.tar.gz", "a.whl"]),
        ({"path": "!dist/a.whl\ndist/*.whl"}, ["a.whl"]),
        ({"path": "dist/*.whl\ndist/tmp"}, ["a.whl", "tmp/x.log"]),
        ({"path": "dist/*", "include_hidden_files": "true"}, None),
        ({"path": ".cache/y"}, ["z.txt"]),
    ],
)
def test_paths_choose_the_files(
    artifact_job: Job, inputs: dict[str, str], files: list[str] | None
) -> None:
    assert artifact_job.run("upload-artifact", **inputs).succeeded
    everything = [".hidden", "a.tar.gz", "a.whl", "tmp/x.log"]
    assert _download(artifact_job, name="artifact") == (everything if files is None else files)


def test_files_may_be_older_than_zip_knows(artifact_job: Job) -> None:
    os.utime(artifact_job.workspace / "dist" / "a.whl", (0, 0))
    assert artifact_job.run("upload-artifact", path="dist/a.whl").succeeded
    assert _download(artifact_job, name="artifact") == ["a.whl"]


def test_overwrite_replaces_an_artifact(artifact_job: Job) -> None:
    assert artifact_job.run("upload-artifact", path="dist/a.whl").succeeded
    assert not artifact_job.run("upload-artifact", path="dist/tmp").succeeded
    assert artifact_job.run("upload-artifact", path="dist/tmp", overwrite="true").succeeded
    assert _download(artifact_job, name="artifact") == ["x.log"]


@pytest.mark.parametrize(
    ("inputs", "files"),
    [
        ({}, ["docs/x.log", "wheel-a/a.whl", "wheel-b/a.tar.gz"]),
        ({"pattern": "wheel-*"}, ["wheel-a/a.whl", "wheel-b/a.tar.gz"]),
        ({"pattern": "wheel-{b,c}"}, ["a.tar.gz"]),
        ({"pattern": "wheel-*", "merge_multiple": "true"}, ["a.tar.gz", "a.whl"]),
        ({"pattern": "none-*"}, []),
    ],
)
def test_a_pattern_chooses_the_artifacts(
    artifact_job: Job, inputs: dict[str, str], files: list[str]
) -> None:
    for name, path in (
        ("wheel-a", "dist/*.whl"),
        ("wheel-b", "dist/*.tar.gz"),
        ("docs", "dist/tmp"),
    ):
        assert artifact_job.run("upload-artifact", name=name, path=path).succeeded
    assert _download(artifact_job, **inputs) == files


def test_an_artifact_is_found_by_its_id(artifact_job: Job) -> None:
    number = artifact_job.run("upload-artifact", path="dist/a.whl").outputs["artifact-id"]
    assert _download(artifact_job, artifact_ids=number) == ["a.whl"]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"compression_level": "ten"}, "Invalid compression-level"),
        ({"retention_days": "-1"}, "Invalid retention-days"),
        ({"archive": "false"}, "Fix: "),
    ],
)
def test_wrong_numbers_are_refused(artifact_job: Job, inputs: dict[str, str], words: str) -> None:
    outcome = artifact_job.run("upload-artifact", path="dist", **inputs)
    assert not outcome.succeeded
    assert words in outcome.annotations[0][2]


def test_a_run_elsewhere_is_told_as_a_limit_of_the_rehearsal(artifact_job: Job) -> None:
    inputs = {"github_token": "x", "run_id": "12"}
    ((level, title, _),) = artifact_job.run("download-artifact", **inputs).annotations
    assert (level, title) == ("error", "rehearsal")
