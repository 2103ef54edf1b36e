"""`scripts/release-image` lets a release name no image but one of its source, which starts."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from support.image_source import commit_all, make_image_source, run_release_image

DIGEST = f"sha256:{'a' * 64}"
#: Answers as an engine does whose registry has the image, with what the environment says of it.
DOCKER = """#!/usr/bin/env bash
case $1 in
  pull) [[ $GIVEN ]] ;;
  image) echo "$LABEL" ;;
  run) exit "$STATUS" ;;
esac
"""


@pytest.fixture
def image_source(tmp_path: Path) -> Path:
    """A commit of what the script reads, beside an engine that answers as it is told."""
    engine = tmp_path / "bin" / "docker"
    engine.parent.mkdir()
    engine.write_text(DOCKER)
    engine.chmod(0o755)
    return make_image_source(tmp_path / "checkout")


def run(folder: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    environ = {"GIVEN": "yes", "LABEL": "", "STATUS": "2", **environ, "PATH": path}
    return run_release_image(folder, *arguments, environ=environ)


def source_of(folder: Path) -> str:
    """Return the label that the script expects of an image, from its refusal of another one."""
    expected = re.search(r"this commit's is (\w+)", run(folder, "check").stderr)
    assert expected is not None
    return expected[1]


def test_an_image_of_this_source_that_starts_is_released(image_source: Path) -> None:
    assert run(image_source, "pin", DIGEST).returncode == 0
    image = f"docker://ghcr.io/eigenoid/dist-actions@{DIGEST}"
    assert f"  image: {image}\n" in (image_source / "action.yml").read_text(encoding="utf-8")
    label = source_of(image_source)
    commit_all(image_source)
    assert source_of(image_source) == label, "what names the image is no part of its source"
    done = run(image_source, "check", LABEL=label)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environ", "what"),
    [
        ({"GIVEN": ""}, "The registry does not give"),
        ({"LABEL": "other"}, "was built from other source"),
        ({"STATUS": "127"}, "does not start"),
    ],
)
def test_another_image_is_refused(image_source: Path, environ: dict[str, str], what: str) -> None:
    run(image_source, "pin", DIGEST)
    done = run(image_source, "check", **{"LABEL": source_of(image_source), **environ})
    assert done.returncode == 1
    assert what in done.stderr
    assert "\nWhy: " in done.stderr
    assert "\nFix: " in done.stderr


def test_changed_source_needs_a_new_image(image_source: Path) -> None:
    run(image_source, "pin", DIGEST)
    label = source_of(image_source)
    (image_source / "src" / "module.py").write_text("CHANGED = True\n")
    commit_all(image_source)
    assert "was built from other source" in run(image_source, "check", LABEL=label).stderr


def test_an_action_that_is_built_in_each_job_is_not_released(image_source: Path) -> None:
    assert "names no image by its digest" in run(image_source, "check").stderr


@pytest.mark.parametrize("digest", ["latest", "sha256:abc", f"{DIGEST}|e touch x"])
def test_only_a_digest_is_pinned(image_source: Path, digest: str) -> None:
    done = run(image_source, "pin", digest)
    assert done.returncode == 1
    assert "is no digest" in done.stderr
