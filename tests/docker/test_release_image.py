"""`scripts/release-image` builds, pushes, pins and checks with an engine and a registry."""

from pathlib import Path

import pytest

from support.image_source import (
    build_and_pin,
    commit_all,
    make_image_source,
    run_release_image,
    use_registry,
    write_small_image,
)
from support.registry import remove_images

pytestmark = pytest.mark.docker

#: As the root action ends without its inputs.
REFUSES = "return 2;"


@pytest.fixture
def small_image(registry: str, tmp_path: Path) -> Path:
    """A commit whose image is one small program, kept in a registry of this machine."""
    folder = make_image_source(tmp_path / "checkout")
    write_small_image(folder, REFUSES)
    use_registry(folder, registry)
    commit_all(folder)
    return folder


def test_what_is_built_and_pinned_is_what_is_released(small_image: Path, registry: str) -> None:
    digest = build_and_pin(small_image)
    commit_all(small_image)
    remove_images(registry)
    done = run_release_image(small_image, "check")
    assert done.returncode == 0, done.stderr
    image = f"{registry}/eigenoid/dist-actions@{digest}"
    assert done.stdout == f"{image} is of this commit's source, and starts.\n"


def test_an_image_of_other_source_is_not_released(small_image: Path) -> None:
    build_and_pin(small_image)
    (small_image / "src" / "module.py").write_text("CHANGED = True\n")
    commit_all(small_image)
    assert "was built from other source" in run_release_image(small_image, "check").stderr


def test_an_image_that_does_not_start_is_not_released(small_image: Path) -> None:
    write_small_image(small_image, "return 1;")
    commit_all(small_image)
    build_and_pin(small_image)
    assert "it ended with status 1, not 2" in run_release_image(small_image, "check").stderr


def test_an_image_that_was_not_pushed_is_not_released(small_image: Path) -> None:
    run_release_image(small_image, "pin", f"sha256:{'0' * 64}")
    assert "The registry does not give" in run_release_image(small_image, "check").stderr


def test_only_what_is_committed_is_built(small_image: Path) -> None:
    (small_image / "src" / "new.py").write_text("")
    done = run_release_image(small_image, "build")
    assert done.returncode == 1
    assert "not as in the last commit: src/new.py.\n" in done.stderr
