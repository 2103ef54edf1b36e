"""The manifest proves that what is published is what was built."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    parse_manifest,
    require_same_files,
)
from dist_actions.errors import ReleaseError
from support.distributions.builders import make_manifest, write_release, write_sdist


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    write_release(tmp_path)
    return make_manifest(tmp_path, notes="Ünï\n- `code`")


def test_it_is_read_as_it_was_written(manifest: Manifest) -> None:
    assert parse_manifest(manifest.to_json().encode(), manifest.sha256) == manifest


def test_it_names_what_the_release_consists_of(manifest: Manifest) -> None:
    data = json.loads(manifest.to_json())
    assert (data["name"], data["version"], data["tag"]) == (
        "eigenoid-sample",
        "0.1.0",
        "v0.1.0-dev",
    )
    assert {file["name"] for file in data["files"]} == {
        "eigenoid_sample-0.1.0-py3-none-any.whl",
        "eigenoid_sample-0.1.0.tar.gz",
    }
    assert all(len(file["sha256"]) == 64 and file["size"] > 0 for file in data["files"])


def test_an_altered_manifest_is_refused_with_both_digests(manifest: Manifest) -> None:
    altered = manifest.to_json().replace("v0.1.0-dev", "v0.2.0-dev").encode()
    with pytest.raises(ReleaseError) as raised:
        parse_manifest(altered, manifest.sha256)
    assert hashlib.sha256(altered).hexdigest() in raised.value.what
    assert manifest.sha256 in raised.value.what
    assert raised.value.anchor == "manifest"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b'{"format": 2}', id="another format"),
        pytest.param(b'{"format": 1}', id="without fields"),
        pytest.param(b'{"format": 1, "name": "x", "version": "not a version"}', id="bad version"),
    ],
)
def test_what_is_no_manifest_is_refused_even_with_its_own_digest(data: bytes) -> None:
    with pytest.raises(ReleaseError, match="cannot be read"):
        parse_manifest(data, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("number", ["1e999", "-1e999", "Infinity", "NaN", "9" * 5000, "[]", "null"])
@pytest.mark.parametrize("key", ["size", "source-date-epoch"])
def test_what_is_no_number_is_refused(manifest: Manifest, key: str, number: str) -> None:
    data = re.sub(rf'"{key}": \d+', f'"{key}": {number}', manifest.to_json()).encode()
    assert number.encode() in data
    with pytest.raises(ReleaseError, match="cannot be read"):
        parse_manifest(data, hashlib.sha256(data).hexdigest())


def test_an_unchanged_folder_is_accepted(manifest: Manifest, tmp_path: Path) -> None:
    require_same_files(manifest, scan_folder(tmp_path, besides=[MANIFEST_NAME]))


@pytest.mark.parametrize("change", ["altered", "added", "removed"])
def test_a_changed_folder_is_refused(manifest: Manifest, tmp_path: Path, change: str) -> None:
    sdist = tmp_path / "eigenoid_sample-0.1.0.tar.gz"
    named = sdist.name
    if change == "altered":
        sdist.write_bytes(sdist.read_bytes() + b"\0")
    elif change == "removed":
        sdist.unlink()
    else:
        named = write_sdist(tmp_path, "0.1.1").name
    with pytest.raises(ReleaseError, match="The distributions differ from") as raised:
        require_same_files(manifest, scan_folder(tmp_path))
    assert raised.value.what.endswith(f": {named}.")
