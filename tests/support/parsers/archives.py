"""Parsers of distributions and of the manifest, which ran through a build of the project's code."""

import gzip
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from hypothesis import strategies as st

from dist_actions.distributions.checks.record import RecordEntry, parse_record
from dist_actions.distributions.checks.sdist import check_sdist
from dist_actions.distributions.checks.wheel import check_wheel
from dist_actions.distributions.contained_metadata import read_contained_metadata
from dist_actions.distributions.files import read_distributions
from dist_actions.distributions.manifest import Manifest, parse_manifest, require_canonical
from dist_actions.distributions.metadata import parse_generator
from dist_actions.distributions.normalising import normalise_file
from dist_actions.errors import DistActionsError
from support.distributions.archives import (
    INFO,
    ROOT,
    SDIST,
    WHEEL,
    entries,
    tar_member,
    tar_of,
    wheel_files,
    write_gzip,
    write_zip,
)
from support.distributions.builders import make_manifest
from support.parsers.annotated_types import check_types
from support.parsers.parser import Parser
from support.parsers.texts import damaged, decoded, json_texts, texts

_NAMES = texts(
    [
        "eigenoid_sample",
        "/",
        "..",
        ".",
        "a",
        INFO,
        "RECORD",
        "METADATA",
        "\\",
        "C:",
        "\x00",
        " ",
        "~",
        ROOT,
        "PKG-INFO",
        ".pypirc",
        "AUX",
        "é",
        "é",
        ".data/scripts/x",
        "A",
        "\n",
        "a/b",
    ]
)
#: In characters; ZIP has two bytes for the length of a name in bytes.
_LONGEST_NAME = 10_000
_CONTENTS = st.one_of(st.binary(max_size=200), st.just(b"Name: x\n"))


def _write_wheel(files: Mapping[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_zip(Path(folder), entries(files))
        return Path(folder, WHEEL).read_bytes()


@st.composite
def _wheels(draw: st.DrawFn) -> bytes:
    """Make a wheel: sound, with more members, with other bytes somewhere, or cut off."""
    extra = draw(st.dictionaries(_NAMES, _CONTENTS, max_size=2))
    extra = {name.replace("\0", ""): data for name, data in extra.items() if _can_be_packed(name)}
    return draw(_altered(_write_wheel(wheel_files(extra))))


@st.composite
def _sdists(draw: st.DrawFn) -> bytes:
    """Make an sdist: sound, with more members, with other bytes somewhere, or cut off."""
    kinds = st.sampled_from([b"0", b"1", b"2", b"5", b"3", b"x", b"g", b"L", b"S", b"7"])
    members = draw(
        st.lists(
            st.tuples(
                _NAMES.filter(_can_be_packed), _CONTENTS, kinds, _NAMES.filter(_can_be_packed)
            ),
            max_size=3,
        )
    )
    tar = tar_of(
        tar_member(f"{ROOT}/{name}", data, type=kind, linkname=target)
        for name, data, kind, target in members
    )
    with tempfile.TemporaryDirectory() as folder:
        write_gzip(Path(folder), draw(_altered(tar)))
        return draw(_altered(Path(folder, SDIST).read_bytes()))


def _can_be_packed(name: str) -> bool:
    """Tell whether Python's own writers take the name."""
    is_text = "\0" not in name and not any(0xD800 <= ord(each) < 0xE000 for each in name)
    return is_text and len(name) <= _LONGEST_NAME


def _altered(data: bytes) -> st.SearchStrategy[bytes]:
    """Leave bytes as they are, replace some, or cut them off."""
    at = st.integers(0, max(len(data) - 1, 0))
    return st.one_of(
        st.just(data),
        st.builds(lambda i, new: data[:i] + new + data[i + len(new) :], at, st.binary(max_size=8)),
        st.builds(lambda i: data[:i], at),
        st.builds(lambda i, new: data[:i] + new + data[i:], at, st.binary(max_size=8)),
    )


def _with_file(name: str, read: Callable[[Path], Any]) -> Callable[[bytes], Any]:
    def parse(data: bytes) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(data)
            return read(path)

    return parse


def _check_wheel(path: Path) -> bytes:
    (distribution,) = read_distributions([path], {})
    check_types(distribution)
    metadata, warnings = check_wheel(path)
    assert all(warnings)
    _names_stay_inside(path)
    _stays_sound(path, check_wheel)
    return metadata


def _names_stay_inside(path: Path) -> None:
    """Assert that what was accepted unpacks below its folder, by Python's own reading."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as wheel:
        for name in wheel.namelist():
            assert not name.startswith("/")
            assert ".." not in PurePosixPath(name.replace("\\", "/")).parts


def _stays_sound(path: Path, check: Callable[[Path], object]) -> None:
    """Assert that a sound archive is sound when it is repacked, and equal the second time."""
    normalise_file(path, 1_700_000_000)
    once = path.read_bytes()
    check(path)
    normalise_file(path, 1_700_000_000)
    assert path.read_bytes() == once


def _check_sdist(path: Path) -> bytes:
    metadata, _ = check_sdist(path)
    assert read_contained_metadata(path, path.name) == metadata
    _stays_sound(path, check_sdist)
    return metadata


def _parse_manifest(data: str) -> Manifest:
    content = data.encode("utf-8", errors="surrogatepass")
    manifest = parse_manifest(content, hashlib.sha256(content).hexdigest())
    check_types(manifest)
    written = manifest.to_json().encode()
    again = parse_manifest(written, hashlib.sha256(written).hexdigest())
    assert again == manifest
    require_canonical(again, written)
    try:
        require_canonical(manifest, content)
    except DistActionsError:
        assert content != written
    return manifest


def _sizes_are_whole(_text: str, listed: Mapping[str, RecordEntry]) -> None:
    check_types(listed)


def _manifest() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, WHEEL).write_bytes(_write_wheel(wheel_files()))
        return json.loads(make_manifest(Path(folder), notes="x").to_json())


_RECORDS = texts(
    [
        "a.py,",
        "sha256=" + "A" * 43 + ",",
        "12\n",
        ",,\n",
        '"',
        "sha512=",
        "\r\n",
        "9" * 5000 + "\n",
        "RECORD,,\n",
        "md5=x,",
        "\uff11\n",
        "-1\n",
        "=",
        ",",
        "\n",
    ]
)

PARSERS = (
    Parser(
        "wheels",
        (check_wheel, read_distributions, normalise_file),
        _wheels(),
        _with_file(WHEEL, _check_wheel),
        from_bytes=lambda data: data,
        seeds=(_write_wheel(wheel_files()),),
    ),
    Parser(
        "sdists",
        (check_sdist, read_contained_metadata),
        _sdists(),
        _with_file(SDIST, _check_sdist),
        from_bytes=lambda data: gzip.compress(data, mtime=0),
        seeds=(tar_of([tar_member(f"{ROOT}/a.py", b"x")]),),
    ),
    Parser(
        "metadata in wheels",
        (read_contained_metadata,),
        _wheels(),
        _with_file(WHEEL, lambda path: read_contained_metadata(path, path.name)),
        refusals=(ValueError,),
        from_bytes=lambda data: data,
    ),
    Parser(
        "metadata in sdists",
        (read_contained_metadata,),
        _sdists(),
        _with_file(SDIST, lambda path: read_contained_metadata(path, path.name)),
        refusals=(ValueError,),
        from_bytes=lambda data: data,
    ),
    Parser(
        "records",
        (parse_record,),
        _RECORDS,
        lambda text: parse_record(WHEEL, text, ["RECORD"]),
        _sizes_are_whole,
        from_bytes=decoded,
    ),
    Parser(
        "manifests",
        (parse_manifest,),
        json_texts(damaged(_manifest())),
        _parse_manifest,
        from_bytes=decoded,
    ),
    Parser(
        "generators",
        (parse_generator,),
        texts(
            ["Generator: ", "hatchling 1.27", "\n", "Wheel-Version: 1.0\n", "(", ")", "bdist_wheel"]
        ),
        parse_generator,
        from_bytes=decoded,
    ),
)
