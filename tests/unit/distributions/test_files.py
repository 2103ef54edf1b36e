"""What may lie in a folder that is published."""

import hashlib
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from dist_actions.distributions.files import require_same_release, scan_folder, sha256_of
from dist_actions.errors import ReleaseError
from support.distributions.builders import parsed, write_release, write_sdist, write_wheel


def test_wheels_come_first_with_size_and_digest(tmp_path: Path) -> None:
    write_release(tmp_path)
    wheel, sdist = scan_folder(tmp_path)
    assert (wheel.kind, sdist.kind) == ("wheel", "sdist")
    data = (tmp_path / sdist.name).read_bytes()
    assert (sdist.size_bytes, sdist.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert sha256_of(tmp_path / sdist.name) == sdist.sha256


@pytest.mark.parametrize("made", [True, False], ids=["empty", "absent"])
def test_a_folder_without_distributions_is_refused(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "dist"
    if made:
        folder.mkdir()
    with pytest.raises(ReleaseError, match="There is no distribution in dist") as raised:
        scan_folder(folder)
    assert raised.value.anchor == "distributions"


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "gha-creds-0123.json",
        ".pypirc",
        ".env",
        "demo.whl",
        "demo-1.0.exe",
        "demo-notaversion.tar.gz",
        "demo.exe.asc",
    ],
)
def test_a_foreign_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    write_release(tmp_path)
    (tmp_path / name).write_text("x")
    with pytest.raises(ReleaseError) as raised:
        scan_folder(tmp_path)
    assert name in raised.value.what


def test_a_subfolder_and_a_link_are_foreign(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "elsewhere")
    folder = tmp_path / "dist"
    (folder / "sub-1.0.tar.gz").mkdir(parents=True)
    with pytest.raises(ReleaseError, match=r"sub-1\.0\.tar\.gz"):
        scan_folder(folder)
    (folder / "sub-1.0.tar.gz").rmdir()
    (folder / wheel.name).symlink_to(wheel)
    with pytest.raises(ReleaseError, match=wheel.name):
        scan_folder(folder)


@pytest.mark.parametrize(("project", "version"), [("other", "0.1.0"), ("eigenoid-sample", "0.2.0")])
def test_files_of_another_release_are_refused(tmp_path: Path, project: str, version: str) -> None:
    write_release(tmp_path)
    with pytest.raises(ReleaseError, match=f"not {project} {version}"):
        require_same_release(scan_folder(tmp_path), canonicalize_name(project), parsed(version))


def test_versions_are_compared_as_versions(tmp_path: Path) -> None:
    write_release(tmp_path)
    name = canonicalize_name("Eigenoid.Sample")
    require_same_release(scan_folder(tmp_path), name, parsed("0.1"))


@pytest.mark.parametrize(
    "other",
    ["Eigenoid.Sample-0.1.tar.gz", "eigenoid-sample-0.1.0.tar.gz", "eigenoid_sample-0.1.0.0.zip"],
)
def test_two_sdists_of_one_release_are_refused(tmp_path: Path, other: str) -> None:
    sdist = write_sdist(tmp_path)
    write_wheel(tmp_path)
    (tmp_path / other).write_bytes(sdist.read_bytes())
    with pytest.raises(ReleaseError, match="There are 2 sdists") as raised:
        scan_folder(tmp_path)
    assert other in raised.value.what
    assert sdist.name in raised.value.what
    assert raised.value.anchor == "distributions"
