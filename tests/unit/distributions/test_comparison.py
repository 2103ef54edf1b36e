"""Two builds of a distribution are compared member by member."""

import gzip
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.comparison import Difference, compare_files, compare_folders
from support.distributions.archives import (
    INFO,
    MODULE,
    ROOT,
    SDIST,
    WHEEL,
    entry,
    link,
    tar_member,
    tar_of,
    wheel_files,
    write_zip,
)

CONTENTS = "different contents"
PACKING = "only headers, metadata or compression differ"


def write_sdist(folder: Path, *members: tuple[tarfile.TarInfo, bytes], **gzip_fields: Any) -> None:
    folder.mkdir(exist_ok=True)
    (folder / SDIST).write_bytes(gzip.compress(tar_of(members), **{"mtime": 0, **gzip_fields}))


def write_wheel(folder: Path, files: dict[str, bytes], **fields: Any) -> None:
    """A wheel; `fields` are those of the module's header."""
    folder.mkdir(exist_ok=True)
    members = [entry(name, data) for name, data in files.items()]
    for info, _ in members:
        if info.filename == MODULE:
            for key, value in fields.items():
                setattr(info, key, value)
    write_zip(folder, members)


def compared(folder: Path, file: str) -> list[tuple[str, str]]:
    differences = compare_files(folder / "ours" / file, folder / "other" / file)
    assert {difference.file for difference in differences} <= {file}
    return [(difference.member, difference.kind) for difference in differences]


A, B = f"{ROOT}/a.py", f"{ROOT}/b.bin"
MEMBERS = (tar_member(A, b"one\n"), tar_member(B, b"\0\1"), link("latest", "a.py"))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        pytest.param(MEMBERS, [], id="equal"),
        pytest.param((tar_member(A, b"two\n"), *MEMBERS[1:]), [(A, CONTENTS)], id="a content"),
        pytest.param(MEMBERS[1:], [(A, "added")], id="a file less"),
        pytest.param(
            (*MEMBERS, tar_member(f"{ROOT}/c")), [(f"{ROOT}/c", "missing")], id="a file more"
        ),
        pytest.param(
            (*MEMBERS[:2], link("latest", "b.bin")),
            [(f"{ROOT}/latest", CONTENTS)],
            id="a link to elsewhere",
        ),
        pytest.param(
            (MEMBERS[0], link("b.bin", "a.py"), MEMBERS[2]), [(B, CONTENTS)], id="a link for a file"
        ),
        pytest.param(tuple(reversed(MEMBERS)), [("", PACKING)], id="the order"),
        pytest.param(
            (tar_member(A, b"one\n", mtime=10**9), *MEMBERS[1:]), [("", PACKING)], id="a time"
        ),
        pytest.param(
            (tar_member(A, b"one\n", mode=0o600), *MEMBERS[1:]), [("", PACKING)], id="a mode"
        ),
    ],
)
def test_members_of_sdists(
    tmp_path: Path,
    members: tuple[tuple[tarfile.TarInfo, bytes], ...],
    expected: list[tuple[str, str]],
) -> None:
    write_sdist(tmp_path / "ours", *MEMBERS)
    write_sdist(tmp_path / "other", *members)
    assert compared(tmp_path, SDIST) == expected


@pytest.mark.parametrize("fields", [{"mtime": 10**9}, {"compresslevel": 1}])
def test_the_same_tar_packed_in_another_way(tmp_path: Path, fields: dict[str, int]) -> None:
    write_sdist(tmp_path / "ours", *MEMBERS)
    write_sdist(tmp_path / "other", *MEMBERS, **fields)
    assert compared(tmp_path, SDIST) == [("", PACKING)]


@pytest.mark.parametrize(
    "fields",
    [
        {"date_time": (2026, 1, 31, 12, 0, 0)},
        {"external_attr": 0o100664 << 16},
        {"extra": b"UT\x01\x00\x00"},
        {"compress_type": zipfile.ZIP_DEFLATED},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_headers_of_a_wheel(tmp_path: Path, fields: dict[str, Any]) -> None:
    write_wheel(tmp_path / "ours", wheel_files())
    write_wheel(tmp_path / "other", wheel_files(), **fields)
    assert compared(tmp_path, WHEEL) == [("", PACKING)]


def test_record_differs_with_each_other_member_of_a_wheel(tmp_path: Path) -> None:
    write_wheel(tmp_path / "ours", wheel_files({"more.py": b""}))
    write_wheel(tmp_path / "other", wheel_files({MODULE: b"VALUE = 2\n"}))
    assert compared(tmp_path, WHEEL) == [
        (f"{INFO}/RECORD", CONTENTS),
        (MODULE, CONTENTS),
        ("more.py", "added"),
    ]


@pytest.mark.parametrize("file", [SDIST, WHEEL])
def test_an_archive_that_cannot_be_read_is_a_difference(tmp_path: Path, file: str) -> None:
    write_sdist(tmp_path / "ours", *MEMBERS)
    write_wheel(tmp_path / "ours", wheel_files())
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / file).write_bytes((tmp_path / "ours" / file).read_bytes()[:60])
    assert compared(tmp_path, file) == [("", "cannot be read")]


def test_files_that_only_one_build_made(tmp_path: Path) -> None:
    write_sdist(tmp_path / "ours", *MEMBERS)
    write_wheel(tmp_path / "other", wheel_files())
    differences = compare_folders(tmp_path / "ours", tmp_path / "other", [SDIST, WHEEL])
    assert list(map(str, differences)) == [f"{WHEEL}: missing", f"{SDIST}: added"]
    assert compare_folders(tmp_path / "ours", tmp_path / "ours", [SDIST, SDIST]) == ()


def test_names_of_an_archive_are_short_and_in_one_line(tmp_path: Path) -> None:
    names = ["a\n::error::obey", "b\x1b[31m", "c" * 1_000, "d"]
    write_sdist(tmp_path / "ours", *(tar_member(f"{ROOT}/{name}") for name in names))
    write_sdist(tmp_path / "other")
    differences = compare_files(tmp_path / "ours" / SDIST, tmp_path / "other" / SDIST)
    assert len(differences) == len(names)
    for text in map(str, differences):
        assert text.isprintable()
        assert len(text) < 250
    assert str(differences[-1]) == f"{SDIST}: {ROOT}/d: added"
    assert differences[-1] == Difference(SDIST, f"{ROOT}/d", "added")
