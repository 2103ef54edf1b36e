"""Each difference between two builds has its cause named."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.differences import (
    find_differences,
    find_differences_of_folders,
    summarise,
)
from support.distributions.archives import (
    INFO,
    MODULE,
    ROOT,
    SDIST,
    WHEEL,
    entry,
    wheel_files,
    write_zip,
)

FILES = {"PKG-INFO": b"Name: x\n", "a.py": b"one\ntwo\n", "b.bin": b"\0\1\2"}


def write_sdist(
    folder: Path,
    files: Mapping[str, bytes] = FILES,
    *,
    mtime: int | None = 1_700_000_000,
    name: str = "",
    level: int = 9,
    kind: bytes = tarfile.REGTYPE,
    **fields: Any,
) -> None:
    """An sdist; `fields` are those of the header of a.py, in a tar of the format `format`."""
    folder.mkdir(exist_ok=True)
    raw, packed = io.BytesIO(), io.BytesIO()
    form = fields.pop("format", tarfile.PAX_FORMAT)
    with tarfile.open(fileobj=raw, mode="w", format=form) as archive:
        for path, data in files.items():
            info = tarfile.TarInfo(f"{ROOT}/{path}")
            info.size, info.mtime = len(data), 1_700_000_000
            if path == "a.py":
                info.type = kind
                for key, value in fields.items():
                    setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    with gzip.GzipFile(name, "wb", level, packed, mtime=mtime) as stream:
        stream.write(raw.getvalue())
    (folder / SDIST).write_bytes(packed.getvalue())


def compared(folder: Path, name: str = SDIST) -> list[tuple[str, str, str]]:
    found = find_differences(folder / "ours" / name, folder / "other" / name)
    assert {difference.file for difference in found} <= {name}
    return [(one.cause, one.member.partition("/")[2], one.text) for one in found]


A = "a.py"
SDISTS: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "equal": ({}, []),
    "the gzip header's time": (
        {"mtime": 0},
        [("gzip header", "", "time 2023-11-14 22:13:20 and none")],
    ),
    "its file name": (
        {"name": "x.tar"},
        [("gzip header", "", "file name '' and 'x.tar'")],
    ),
    "the level": ({"level": 1}, [("gzip header", "", "compression's mark 2 and 4")]),
    "a mode": ({"mode": 0o664}, [("mode", A, "0644 and 0664")]),
    "an owner": ({"uid": 1000}, [("owner", A, "0:0 ('':'') and 1000:0 ('':'')")]),
    "an owner's name": ({"gname": "users"}, [("owner", A, "0:0 ('':'') and 0:0 ('':'users')")]),
    "an extended header": (
        {"pax_headers": {"SCHILY.xattr.user": "x"}},
        [("archive header", A, "extended headers differ: 'SCHILY.xattr.user'")],
    ),
    "the tar's format": (
        {"format": tarfile.GNU_FORMAT},
        [("archive header", "", "the archives' padding, or fields that hold nothing")],
    ),
    "a link in place of a file": (
        {
            "kind": tarfile.SYMTYPE,
            "linkname": "b.bin",
            "size": 0,
        },
        [("content", A, "file and symbolic link")],
    ),
    "a line": (
        {"files": {**FILES, A: b"one\nTWO\n"}},
        [("content", A, "line 2: 'two\\n' and 'TWO\\n'")],
    ),
    "line ends": (
        {"files": {**FILES, A: b"one\r\ntwo\n"}},
        [("content", A, "line 1: 'one\\n' and 'one\\r\\n'")],
    ),
    "one more line": (
        {"files": {**FILES, A: b"one\ntwo\nthree\n"}},
        [("content", A, "line 3: 'three\\n' is in the other alone")],
    ),
    "a byte": (
        {"files": {**FILES, "b.bin": b"\0\1\3\4"}},
        [("content", "b.bin", "byte 3 of 3 and 4 is the first that differs")],
    ),
    "a file less": (
        {"files": {"PKG-INFO": FILES["PKG-INFO"], A: FILES[A]}},
        [("additional", "b.bin", "only our build holds it")],
    ),
    "a file more": (
        {"files": {**FILES, "c": b""}},
        [("missing", "c", "only the other build holds it")],
    ),
    "the order": (
        {"files": dict(reversed(FILES.items()))},
        [
            (
                "order",
                "",
                f"'{ROOT}/PKG-INFO' and '{ROOT}/b.bin' are number 1 of those that both hold",
            )
        ],
    ),
}


@pytest.mark.parametrize("case", SDISTS)
def test_sdists(tmp_path: Path, case: str) -> None:
    changes, expected = SDISTS[case]
    write_sdist(tmp_path / "ours")
    write_sdist(tmp_path / "other", **changes)
    assert compared(tmp_path) == expected


def test_the_time_of_a_member(tmp_path: Path) -> None:
    write_sdist(tmp_path / "ours")
    write_sdist(tmp_path / "other")
    rewritten(tmp_path / "other", lambda info: setattr(info, "mtime", 1_700_000_000.25))
    found = compared(tmp_path)
    assert [cause for cause, _, _ in found] == ["mtime"] * 3
    assert found[0][2] == "2023-11-14 22:13:20 and 2023-11-14 22:13:20.25"
    differences = find_differences(tmp_path / "ours" / SDIST, tmp_path / "other" / SDIST)
    assert summarise(differences) == (
        f"{SDIST}: mtime in 3 members, such as {ROOT}/PKG-INFO: {found[0][2]}",
    )


def rewritten(folder: Path, change: Callable[[tarfile.TarInfo], None]) -> None:
    """The sdist with the headers of all members changed."""
    raw = io.BytesIO()
    with (
        tarfile.open(folder / SDIST) as old,
        tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for info in old.getmembers():
            file = old.extractfile(info)
            change(info)
            new.addfile(info, file)
    (folder / SDIST).write_bytes(gzip.compress(raw.getvalue(), mtime=1_700_000_000))
    data = bytearray((folder / SDIST).read_bytes())
    data[8:10] = b"\x02\xff"
    (folder / SDIST).write_bytes(data)


def test_another_compression_of_the_same_tar(tmp_path: Path) -> None:
    files = {"PKG-INFO": b"Name: x\n" * 1000 + bytes(range(256)) * 9}
    write_sdist(tmp_path / "ours", files)
    write_sdist(tmp_path / "other", files, level=4)
    data = bytearray((tmp_path / "other" / SDIST).read_bytes())
    data[8] = 2
    (tmp_path / "other" / SDIST).write_bytes(data)
    assert compared(tmp_path) == [
        ("compression", "", "the same tar was compressed by another zlib or level")
    ]


@pytest.mark.parametrize("name", [SDIST, WHEEL])
def test_a_file_that_cannot_be_read_is_a_difference(tmp_path: Path, name: str) -> None:
    write_sdist(tmp_path / "ours")
    write_wheel(tmp_path / "ours")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / name).write_bytes((tmp_path / "ours" / name).read_bytes()[:60])
    ((cause, _, text),) = compared(tmp_path, name)
    assert cause == "content"
    assert text.startswith("an archive cannot be read: ")


def write_wheel(folder: Path, files: Mapping[str, bytes] | None = None, **fields: Any) -> None:
    """A wheel; `fields` are those of the module's header."""
    folder.mkdir(exist_ok=True)
    members = [entry(name, data) for name, data in (files or wheel_files()).items()]
    for info, _ in members:
        if info.filename == MODULE:
            for key, value in fields.items():
                setattr(info, key, value)
    write_zip(folder, members)


def changed(**contents: bytes) -> dict[str, bytes]:
    """The files of a wheel with other contents, and the RECORD that follows."""
    return wheel_files({MODULE if key == "module" else key: data for key, data in contents.items()})


GENERATED = b"Wheel-Version: 1.0\nGenerator: x %s\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
M = "__init__.py"
WHEELS: dict[str, tuple[dict[str, Any], list[tuple[str, str, str]]]] = {
    "equal": ({}, []),
    "a time": (
        {"date_time": (2026, 1, 31, 12, 0, 0)},
        [("mtime", M, "1980-01-01 00:00:00 and 2026-01-31 12:00:00")],
    ),
    "a mode": (
        {"external_attr": 0o100664 << 16},
        [("mode", M, "100644 and 100664")],
    ),
    "a mark of MS-DOS": (
        {"external_attr": 0o100644 << 16 | 0x20},
        [("mode", M, "100644 and 100644 (MS-DOS 0x20)")],
    ),
    "the system": ({"create_system": 0}, [("archive header", M, "system differ")]),
    "an extra field": (
        {"extra": b"UT\x01\x00\x00"},
        [("archive header", M, "extra fields differ")],
    ),
    "a method": (
        {"compress_type": zipfile.ZIP_DEFLATED},
        [("compression", M, "stored and deflated")],
    ),
    "a content, and RECORD that follows": (
        {"files": changed(module=b"VALUE = 2\n")},
        [("content", M, "line 1: 'VALUE = 1\\n' and 'VALUE = 2\\n'")],
    ),
    "a file more, and RECORD that follows": (
        {"files": wheel_files({"x/more.py": b""})},
        [("missing", "more.py", "only the other build holds it")],
    ),
}


@pytest.mark.parametrize("case", WHEELS)
def test_wheels(tmp_path: Path, case: str) -> None:
    changes, expected = WHEELS[case]
    write_wheel(tmp_path / "ours")
    write_wheel(tmp_path / "other", **changes)
    assert compared(tmp_path, WHEEL) == expected


def test_another_version_of_the_backend(tmp_path: Path) -> None:
    for folder, version in (("ours", b"1.0"), ("other", b"1.1")):
        files = wheel_files({f"{INFO}/WHEEL": GENERATED % version})
        write_wheel(tmp_path / folder, files)
    assert compared(tmp_path, WHEEL) == [("generator", "WHEEL", "'x 1.0' and 'x 1.1'")]
    files = wheel_files({f"{INFO}/WHEEL": (GENERATED % b"1.1").replace(b"true", b"false")})
    write_wheel(tmp_path / "other", files)
    assert [cause for cause, _, _ in compared(tmp_path, WHEEL)] == ["content"]


RECORDS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another order": (lambda record: b"".join(reversed(record.splitlines(True))), "order"),
    "another form": (lambda record: record.replace(b"\n", b"\r\n"), "content"),
    "another digest": (lambda record: record.replace(b"sha256=", b"sha256=A", 1), "content"),
}


@pytest.mark.parametrize("case", RECORDS)
def test_record_alone(tmp_path: Path, case: str) -> None:
    change, cause = RECORDS[case]
    files = wheel_files()
    write_wheel(tmp_path / "ours", files)
    record = f"{INFO}/RECORD"
    write_wheel(tmp_path / "other", {**files, record: change(files[record])})
    assert [(one[0], one[1]) for one in compared(tmp_path, WHEEL)] == [(cause, "RECORD")]


def test_the_packed_bytes_of_one_content(tmp_path: Path) -> None:
    data = b"".join(bytes([number % 7, number % 251]) for number in range(5_000))
    for folder, level in (("ours", 9), ("other", 1)):
        (tmp_path / folder).mkdir()
        with zipfile.ZipFile(tmp_path / folder / WHEEL, "w") as archive:
            info = zipfile.ZipInfo("data")
            archive.writestr(info, data, zipfile.ZIP_DEFLATED, level)
    ((cause, _, text),) = compared(tmp_path, WHEEL)
    assert (cause, text.endswith(" bytes by another zlib or level")) == ("compression", True)


def test_files_that_only_one_build_made(tmp_path: Path) -> None:
    write_sdist(tmp_path / "ours")
    write_wheel(tmp_path / "other")
    found = find_differences_of_folders(tmp_path / "ours", tmp_path / "other", [SDIST, WHEEL])
    assert [str(one) for one in found] == [
        f"{WHEEL}: missing: only the second build made this file",
        f"{SDIST}: additional: only the first build made this file",
    ]


def test_a_summary_counts_places_where_not_all_are_members(tmp_path: Path) -> None:
    write_wheel(tmp_path / "ours")
    record = f"{INFO}/RECORD"
    same = dict(reversed(wheel_files().items()))
    same[record] = b"".join(reversed(same[record].splitlines(True)))
    write_wheel(tmp_path / "other", same)
    (line,) = summarise(find_differences(tmp_path / "ours" / WHEEL, tmp_path / "other" / WHEEL))
    assert line == (
        f"{WHEEL}: order in 2 places, such as '{MODULE}' and '{record}' are number 1 of those "
        "that both hold"
    )


def test_values_of_an_archive_are_short_and_in_one_line(tmp_path: Path) -> None:
    write_sdist(tmp_path / "ours", {A: b"x" * 10_000 + b"\x1b[31m"})
    write_sdist(tmp_path / "other", {A: b"y\n::error::obey"})
    ((_, _, text),) = compared(tmp_path)
    assert len(text) < 250
    assert "\n" not in text
    assert "\x1b" not in text


def test_names_of_an_archive_are_short_and_in_one_line(tmp_path: Path) -> None:
    write_sdist(tmp_path / "ours", {"a\n::error::obey": b"", "b\x1b[31m": b"", "c" * 1_000: b""})
    write_sdist(tmp_path / "other", {})
    found = find_differences(tmp_path / "ours" / SDIST, tmp_path / "other" / SDIST)
    assert len(found) == 3
    for text in (*map(str, found), *summarise(found), *summarise(found[:1])):
        assert text.isprintable()
        assert len(text) < 250
