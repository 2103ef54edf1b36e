"""Only the metadata of a wheel or sdist are read, whatever else is in it."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from dist_actions.distributions.checks.limits import METADATA_BYTES
from dist_actions.distributions.contained_metadata import read_contained_metadata
from support.distributions.builders import metadata, write_sdist, write_wheel

INFO = "core-1.0.dist-info/METADATA"


def wheel(folder: Path, members: Mapping[str, bytes]) -> Path:
    path = folder / "core-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_metadata_of_a_wheel_and_of_an_sdist(tmp_path: Path) -> None:
    for path in (write_wheel(tmp_path, project="core"), write_sdist(tmp_path, project="core")):
        text = read_contained_metadata(path, path.name).decode()
        assert text == metadata("0.1.0", "core")


def test_what_else_is_in_it_is_passed_over(tmp_path: Path) -> None:
    members = {"../../escape": b"x", "bomb": bytes(50_000_000), INFO: b"Name: core\n"}
    path = wheel(tmp_path, {**members, "core/other-1.dist-info/METADATA": b"Name: other\n"})
    assert read_contained_metadata(path, path.name) == b"Name: core\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="none"),
        pytest.param({INFO: b"", "other-1.dist-info/METADATA": b""}, id="two"),
        pytest.param({INFO: bytes(METADATA_BYTES + 1)}, id="endless"),
    ],
)
def test_a_wheel_without_one_metadata_is_refused(
    tmp_path: Path, members: Mapping[str, bytes]
) -> None:
    path = wheel(tmp_path, members)
    with pytest.raises(ValueError, match="METADATA"):
        read_contained_metadata(path, path.name)


@pytest.mark.parametrize("name", ["core-1.0-py3-none-any.whl", "core-1.0.tar.gz"])
def test_what_is_damaged_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for content in (b"", b"PK\x03\x04 and no more", bytes(1000)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"."):
            read_contained_metadata(path, name)


def test_an_sdist_without_pkg_info_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "core-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("core-1.0/setup.py")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(ValueError, match="it has no PKG-INFO"):
        read_contained_metadata(path, path.name)
