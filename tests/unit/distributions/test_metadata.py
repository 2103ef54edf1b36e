"""A distribution must say inside what its file name says."""

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.distributions.metadata import require_same_metadata
from dist_actions.errors import ReleaseError
from support.distributions.builders import PROJECT, metadata

NAME = canonicalize_name(PROJECT)


def require(text: str, version: str = "0.1.0") -> None:
    require_same_metadata("sample.whl", text.encode(), NAME, Version(version))


def test_equal_metadata_pass() -> None:
    require(metadata("0.1.0"))
    require(metadata("1.0", "Eigenoid.Sample"), "1.0.0")


def test_another_version_inside_is_refused() -> None:
    with pytest.raises(ReleaseError, match=r"says inside that it is 'eigenoid-sample' '0\.2\.0'"):
        require(metadata("0.2.0"))


def test_another_name_inside_is_refused() -> None:
    with pytest.raises(ReleaseError, match=r"'other' '0\.1\.0', not eigenoid-sample"):
        require(metadata("0.1.0", "other"))


@pytest.mark.parametrize("text", ["Name: eigenoid-sample\nVersion: new\n", "", "\x00"])
def test_metadata_that_no_version_can_be_read_from_is_refused(text: str) -> None:
    with pytest.raises(ReleaseError, match="not eigenoid-sample"):
        require(text)
