"""Differences that no common backend makes, and contents too large to be read whole."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from dist_actions.distributions.differences import find_differences, find_differences_of_folders
from dist_actions.distributions.differences.contents import READ_BYTES, compare_contents
from dist_actions.distributions.differences.difference import time_text
from support.distributions.archives import (
    INFO,
    MODULE,
    ROOT,
    SDIST,
    WHEEL,
    entry,
    link,
    tar_of,
    wheel_files,
    write_tar,
    write_zip,
)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("ours", "other"):
        (tmp_path / name).mkdir()
    return tmp_path / "ours", tmp_path / "other"


def compared(folders: tuple[Path, Path], name: str) -> list[tuple[str, str]]:
    ours, other = (folder / name for folder in folders)
    return [(one.cause, one.text) for one in find_differences(ours, other)]


@pytest.mark.parametrize(
    ("ours", "other", "text"),
    [
        pytest.param(b"\xff\xfe", b"\xff\xfd", "byte 2 of 2 and 2", id="no UTF-8"),
        pytest.param(b"x\n" * 9, b"\0", "byte 1 of 18 and 1", id="text and no text"),
        pytest.param(b"\0" * 9, b"\0" * 9, "they differ after", id="bytes far behind"),
        pytest.param(b"x\n" * 9, b"x\n" * 9, "they differ after", id="lines far behind"),
        pytest.param(b"x\ny\n", b"x\n", "line 2: 'y\\n' is in ours alone", id="a line of ours"),
    ],
)
def test_contents(ours: bytes, other: bytes, text: str) -> None:
    found = compare_contents("a.txt", ours, other)
    assert found.cause == "content"
    assert found.text.startswith(text)


def test_text_that_is_cut_off_in_a_character_is_text() -> None:
    ours = b"one\n" + b"x" * (READ_BYTES - 5) + "ü".encode()[:1]
    found = compare_contents("a.txt", ours, ours.replace(b"one", b"two"))
    assert found.text == "line 1: 'one\\n' and 'two\\n'"


@pytest.mark.parametrize("seconds", [1e30, float("nan")])
def test_a_time_that_is_none(seconds: float) -> None:
    assert time_text(seconds) == str(seconds)


def test_links(folders: tuple[Path, Path]) -> None:
    for folder, target in zip(folders, ("PKG-INFO", "./PKG-INFO"), strict=True):
        write_tar(folder, link("latest", target))
    assert compared(folders, SDIST) == [("content", "link to 'PKG-INFO' and './PKG-INFO'")]


def test_headers_about_all_members(folders: tuple[Path, Path]) -> None:
    for folder, comment in zip(folders, ("a" * 40, "b" * 40), strict=True):
        raw = io.BytesIO()
        headers = {"comment": comment}
        with tarfile.open(
            fileobj=raw, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers
        ) as archive:
            archive.addfile(tarfile.TarInfo(f"{ROOT}/a"))
        (folder / SDIST).write_bytes(gzip.compress(raw.getvalue(), mtime=0))
    causes = [cause for cause, _ in compared(folders, SDIST)]
    assert set(causes) == {"archive header"}


def test_an_extra_field_in_the_gzip_header(folders: tuple[Path, Path]) -> None:
    packed = gzip.compress(tar_of([]), mtime=0)
    for folder, extra in zip(folders, (b"", b"\x02\x00XY"), strict=True):
        flags = b"\x0c" if extra else b"\x08"
        header = packed[:3] + flags + packed[4:10] + extra + (b"b\0" if extra else b"a\0")
        (folder / SDIST).write_bytes(header + packed[10:])
    assert compared(folders, SDIST) == [("gzip header", "file name 'a' and 'b'")]


def test_the_system_in_the_gzip_header_of_one_of_two_files(folders: tuple[Path, Path]) -> None:
    packed = gzip.compress(tar_of([]), mtime=0)
    for folder, system in zip(folders, (b"\x03", b"\xff"), strict=True):
        (folder / SDIST).write_bytes(packed[:9] + system + packed[10:])
        write_wheel(folder, wheel_files())
    found = find_differences_of_folders(*folders, [WHEEL, SDIST])
    assert list(map(str, found)) == [f"{SDIST}: gzip header: system 3 and 255"]


def write_wheel(folder: Path, files: Mapping[str, bytes]) -> None:
    write_zip(folder, [entry(name, data) for name, data in files.items()])


def test_the_order_of_record_beside_another_difference(folders: tuple[Path, Path]) -> None:
    record = f"{INFO}/RECORD"
    ours, other = wheel_files(), wheel_files({MODULE: b"VALUE = 2\n"})
    other[record] = b"".join(reversed(other[record].splitlines(keepends=True)))
    write_wheel(folders[0], ours)
    write_wheel(folders[1], other)
    assert compared(folders, WHEEL) == [
        ("content", "line 1: 'VALUE = 1\\n' and 'VALUE = 2\\n'"),
        ("order", "RECORD holds its lines in another order"),
    ]


def test_a_file_less_and_the_comment_of_a_zip(folders: tuple[Path, Path]) -> None:
    write_wheel(folders[0], wheel_files({"more.py": b""}))
    write_wheel(folders[1], wheel_files())
    with zipfile.ZipFile(folders[1] / WHEEL, "a") as archive:
        archive.comment = b"hidden"
    assert compared(folders, WHEEL) == [
        ("additional", "only our build holds it"),
        ("archive header", "the comment of the ZIP"),
    ]


def test_bytes_that_nothing_accounts_for(folders: tuple[Path, Path]) -> None:
    for folder, gap in zip(folders, (b"a", b"b"), strict=True):
        write_zip(folder, [entry("a", b"")], lambda data, gap=gap: gap + data)
    ((cause, text),) = compared(folders, WHEEL)
    assert (cause, text) == ("archive header", "the archives' padding, or fields that hold nothing")
