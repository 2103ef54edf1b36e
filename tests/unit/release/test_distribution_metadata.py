"""A distribution must say inside what its file name says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.distribution_metadata import require_same_metadata
from dist_actions.errors import ReleaseError
from dist_builders import PROJECT, write_sdist, write_wheel

NAME = canonicalize_name(PROJECT)


def require(path: Path, version: str = "0.1.0") -> None:
    require_same_metadata([path], NAME, Version(version))


@pytest.mark.parametrize("write", [write_wheel, write_sdist])
def test_equal_metadata_pass(tmp_path: Path, write: Callable[..., Path]) -> None:
    require(write(tmp_path))
    require(write(tmp_path, "1.0", project="Eigenoid.Sample"), "1.0.0")


@pytest.mark.parametrize("write", [write_wheel, write_sdist])
def test_another_version_inside_is_refused(tmp_path: Path, write: Callable[..., Path]) -> None:
    path = write(tmp_path, "0.2.0")
    renamed = path.rename(tmp_path / path.name.replace("0.2.0", "0.1.0"))
    with pytest.raises(ReleaseError, match=r"says inside that it is 'eigenoid-sample' '0\.2\.0'"):
        require(renamed)


@pytest.mark.parametrize("write", [write_wheel, write_sdist])
def test_another_name_inside_is_refused(tmp_path: Path, write: Callable[..., Path]) -> None:
    with pytest.raises(ReleaseError, match=r"'other' '0\.1\.0', not eigenoid-sample"):
        require(write(tmp_path, project="other"))


def test_a_vendored_copy_does_not_speak_for_the_sdist(tmp_path: Path) -> None:
    vendored = {"vendored/PKG-INFO": "Name: other\nVersion: 9\n"}
    require(write_sdist(tmp_path, members=vendored))


def test_metadata_that_no_version_can_be_read_from_is_refused(tmp_path: Path) -> None:
    path = write_sdist(tmp_path, members={"PKG-INFO": "Name: eigenoid-sample\nVersion: new\n"})
    with pytest.raises(ReleaseError, match="'new', not"):
        require(path)
