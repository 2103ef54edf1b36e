"""What normalised distributions are: the same whoever packed them, and what they were."""

import csv
import gzip
import hashlib
import io
import os
import stat
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.normalising import normalise
from dist_actions.errors import BuildError, ReleaseError
from support.distributions.archives import (
    INFO,
    MODULE,
    ROOT,
    SDIST,
    WHEEL,
    deflated,
    entry,
    link,
    tar_member,
    wheel_files,
    write_tar,
    write_zip,
)
from support.distributions.builders import metadata, record_line, write_release

EPOCH = 1_769_860_801
LONG = f"{ROOT}/{'folder-of-forty-characters-in-its-name/' * 3}ünï.txt"


def members(folder: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(folder / SDIST) as archive:
        return {info.name: info for info in archive.getmembers()}


def content(folder: Path, name: str) -> bytes:
    with tarfile.open(folder / SDIST) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def require_sound(folder: Path) -> None:
    assert check_distributions(folder, scan_folder(folder)) == ()


def digests(folder: Path) -> Mapping[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def repacked_sdist(folder: Path) -> None:
    """The same sdist as another machine would pack it: order, owner, times, modes, format, gzip."""
    with tarfile.open(folder / SDIST) as archive:
        found = [
            (info, file.read() if (file := archive.extractfile(info)) else b"")
            for info in archive.getmembers()
        ]
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for number, (info, data) in enumerate(reversed(found)):
            info.uid, info.gid, info.uname, info.gname = 1000, 100, "somebody", "users"
            info.mtime, info.mode = 10**9 + number, info.mode & 0o700
            archive.addfile(info, io.BytesIO(data))
    packed = io.BytesIO()
    with gzip.GzipFile("name.tar", "wb", 1, packed, mtime=10**9) as stream:
        stream.write(raw.getvalue())
    (folder / SDIST).write_bytes(packed.getvalue())


def repacked_wheel(folder: Path) -> None:
    """The same wheel as another machine would pack it."""
    with zipfile.ZipFile(folder / WHEEL) as archive:
        found = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(folder / WHEEL, "w") as archive:
        for info, data in reversed(found):
            again = zipfile.ZipInfo(info.filename, (2001, 9, 9, 1, 46, 40))
            again.external_attr = (stat.S_IMODE(info.external_attr >> 16) & 0o700) << 16
            again.create_system = 0 if not info.external_attr >> 16 & 0o111 else 3
            lines = data.splitlines(keepends=True)
            text = b"".join(reversed(lines)) if info.filename.endswith("/RECORD") else data
            archive.writestr(again, text, zipfile.ZIP_DEFLATED, 1)


def write_both(folder: Path) -> None:
    """A wheel and an sdist with all that can be in them."""
    folder.mkdir()
    data = b"text\n" * 100_000
    write_tar(
        folder,
        tar_member(f"{ROOT}/z", type=tarfile.DIRTYPE, mode=0o700),
        tar_member(f"{ROOT}/z/data.txt", data),
        tar_member(f"{ROOT}/a.sh", b"#!/bin/sh\n", mode=0o700),
        tar_member(LONG, b"long"),
        link("latest", "z/data.txt"),
        link("b/latest", f"../{LONG.removeprefix(ROOT + '/')}"),
    )
    files = wheel_files({"z/data.txt": data, "a.sh": b"#!/bin/sh\n", "ünï.txt": b""})
    entries = [
        entry("z/", mode=0o040700),
        *(
            entry(name, text, mode=0o100755 if name == "a.sh" else 0o100600)
            for name, text in files.items()
        ),
    ]
    write_zip(folder, [(deflated(info), text) for info, text in entries])


def test_two_packings_of_the_same_contents_become_the_same_files(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        write_both(folder)
    repacked_sdist(two)
    repacked_wheel(two)
    assert digests(one)[SDIST] != digests(two)[SDIST]
    assert digests(one)[WHEEL] != digests(two)[WHEEL]
    for folder in (one, two):
        normalise(folder, EPOCH)
        require_sound(folder)
    assert digests(one) == digests(two)
    normalise(one, EPOCH)
    assert digests(one) == digests(two), "a normalised file changes again"
    normalise(one, EPOCH + 2)
    assert digests(one)[SDIST] != digests(two)[SDIST]
    assert digests(one)[WHEEL] != digests(two)[WHEEL]


def test_an_sdist_keeps_names_contents_links_and_programs(tmp_path: Path) -> None:
    write_both(tmp_path / "dist")
    folder = tmp_path / "dist"
    names, text = set(members(folder)), content(folder, f"{ROOT}/z/data.txt")
    normalise(folder, EPOCH)
    found = members(folder)
    assert list(found) == sorted(names)
    assert content(folder, f"{ROOT}/z/data.txt") == text
    assert content(folder, f"{ROOT}/PKG-INFO") == metadata("0.1.0").encode()
    assert content(folder, LONG) == b"long"
    assert (found[f"{ROOT}/latest"].linkname, found[f"{ROOT}/b/latest"].issym()) == (
        "z/data.txt",
        True,
    )
    assert found[f"{ROOT}/b/latest"].linkname.endswith("/ünï.txt")
    modes = {name: info.mode for name, info in found.items()}
    assert (modes[f"{ROOT}/z"], modes[f"{ROOT}/a.sh"], modes[f"{ROOT}/PKG-INFO"]) == (
        0o755,
        0o755,
        0o644,
    )
    owners = {(info.uid, info.gid, info.uname, info.gname) for info in found.values()}
    assert (owners, {info.mtime for info in found.values()}) == ({(0, 0, "", "")}, {EPOCH})
    assert {key for info in found.values() for key in info.pax_headers} == {"path", "linkpath"}
    header = (folder / SDIST).read_bytes()[:10]
    assert header == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


#: Other bytes would make the rebuild of every older release differ.
TAR_SHA256 = "85417de040c3b516367b156bc2721777ec74ff75fed0564ebfbc3c397ce5d567"


def test_the_tar_is_the_same_bytes_on_every_python(tmp_path: Path) -> None:
    write_tar(tmp_path, tar_member(LONG, b"long"), link("latest", "PKG-INFO"))
    normalise(tmp_path, EPOCH)
    tar = gzip.decompress((tmp_path / SDIST).read_bytes())
    assert len(tar) % 10_240 == 0
    assert hashlib.sha256(tar).hexdigest() == TAR_SHA256


def test_names_of_every_length_are_read_back(tmp_path: Path) -> None:
    names = [f"{ROOT}/ü{'x' * length}" for length in range(40, 120)]
    write_tar(tmp_path, *map(tar_member, names))
    normalise(tmp_path, EPOCH)
    require_sound(tmp_path)
    assert members(tmp_path).keys() == {f"{ROOT}/PKG-INFO", *names}


def test_tools_of_the_system_read_the_tar(tmp_path: Path) -> None:
    write_both(tmp_path / "dist")
    normalise(tmp_path / "dist", EPOCH)
    listed = subprocess.run(
        ["tar", "-tzf", str(tmp_path / "dist" / SDIST)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert listed.stderr == ""
    assert f"{ROOT}/z/\n{ROOT}/z/data.txt\n" in listed.stdout


def test_a_hard_link_becomes_the_file_that_it_repeats(tmp_path: Path) -> None:
    again = link("a-link", f"{ROOT}/z-file", tarfile.LNKTYPE)
    write_tar(tmp_path, tar_member(f"{ROOT}/z-file", b"same", mode=0o755), again)
    normalise(tmp_path, EPOCH)
    require_sound(tmp_path)
    assert members(tmp_path)[f"{ROOT}/a-link"].isreg()
    assert content(tmp_path, f"{ROOT}/a-link") == b"same"


def test_a_wheel_keeps_contents_and_ends_with_record(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    write_both(folder)
    with zipfile.ZipFile(folder / WHEEL) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    normalise(folder, EPOCH)
    with zipfile.ZipFile(folder / WHEEL) as archive:
        infos = archive.infolist()
        after = {info.filename: archive.read(info) for info in infos}
        assert archive.testzip() is None
    record = f"{INFO}/RECORD"
    assert sorted(after.pop(record).splitlines()) == sorted(before.pop(record).splitlines())
    assert after == before
    names = [info.filename for info in infos]
    assert names == ["a.sh", MODULE, "z/", "z/data.txt", "ünï.txt", *names[5:]]
    assert names[5:] == [f"{INFO}/METADATA", f"{INFO}/WHEEL", record]
    modes = {info.filename: oct(info.external_attr >> 16) for info in infos}
    assert (modes["a.sh"], modes["z/"], modes[MODULE]) == ("0o100755", "0o40755", "0o100644")
    assert {info.date_time for info in infos} == {(2026, 1, 31, 12, 0, 0)}
    assert {(info.create_system, info.create_version, info.extra) for info in infos} == {
        (3, 20, b"")
    }


def test_the_lines_of_record_stand_in_the_order_of_the_members(tmp_path: Path) -> None:
    files = wheel_files({"a,b": b"x"})
    record = f"{INFO}/RECORD"
    files[record] = files[record].replace(b"\na,b,", b'\n"a,b",')
    write_zip(tmp_path, [entry(name, data) for name, data in files.items()])
    normalise(tmp_path, EPOCH)
    with zipfile.ZipFile(tmp_path / WHEEL) as archive:
        names, text = archive.namelist(), archive.read(record).decode()
    assert names == ["a,b", MODULE, f"{INFO}/METADATA", f"{INFO}/WHEEL", record]
    assert [row[0] for row in csv.reader(text.splitlines())] == names
    assert text.startswith(f'"a,b",{record_line("", b"x")[1:]}')


def test_a_signed_record_is_left_alone(tmp_path: Path) -> None:
    files = wheel_files({"z.py": b"", "a.py": b""})
    record = files.pop(f"{INFO}/RECORD")
    signed = {**files, f"{INFO}/RECORD.jws": b"{}", f"{INFO}/RECORD": record}
    write_zip(tmp_path, [entry(name, data) for name, data in signed.items()])
    normalise(tmp_path, EPOCH)
    with zipfile.ZipFile(tmp_path / WHEEL) as archive:
        assert archive.read(f"{INFO}/RECORD") == record


@pytest.mark.parametrize(
    ("epoch", "in_zip", "in_tar"),
    [
        pytest.param(0, (1980, 1, 1, 0, 0, 0), 0, id="1970"),
        pytest.param(-5, (1980, 1, 1, 0, 0, 0), 0, id="before"),
        pytest.param(10**11, (2107, 12, 31, 23, 59, 58), 10**11, id="the far future"),
    ],
)
def test_times_that_a_format_cannot_hold(
    tmp_path: Path, epoch: int, in_zip: tuple[int, ...], in_tar: int
) -> None:
    write_release(tmp_path)
    normalise(tmp_path, epoch)
    with zipfile.ZipFile(tmp_path / WHEEL) as archive:
        assert {info.date_time for info in archive.infolist()} == {in_zip}
    assert {info.mtime for info in members(tmp_path).values()} == {in_tar}


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(link("out", "../../outside"), id="a link that leads out"),
        pytest.param(link("hard", f"{ROOT}/nothing", tarfile.LNKTYPE), id="a link to nothing"),
        pytest.param(tar_member("/etc/passwd"), id="an absolute path"),
        pytest.param(tar_member(f"{ROOT}/pipe", type=tarfile.FIFOTYPE), id="a pipe"),
    ],
)
def test_a_hostile_sdist_is_refused_and_stays(
    tmp_path: Path, wrong: tuple[tarfile.TarInfo, bytes]
) -> None:
    write_tar(tmp_path, wrong)
    before = digests(tmp_path)
    with pytest.raises((ReleaseError, BuildError)):
        normalise(tmp_path, EPOCH)
    assert digests(tmp_path) == before


def test_a_wheel_whose_record_is_wrong_is_refused_and_stays(tmp_path: Path) -> None:
    files = {**wheel_files(), MODULE: b"VALUE = 2\n"}
    write_zip(tmp_path, [entry(name, data) for name, data in files.items()])
    before = digests(tmp_path)
    with pytest.raises(BuildError):
        normalise(tmp_path, EPOCH)
    assert digests(tmp_path) == before


def test_hard_links_that_multiply_a_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dist_actions.distributions.checks.limits.UNPACKED_BYTES", 100_000)
    large = tar_member(f"{ROOT}/a", bytes(50_000))
    links = [link(f"l{number}", f"{ROOT}/a", tarfile.LNKTYPE) for number in range(3)]
    write_tar(tmp_path, large, *links)
    with pytest.raises(ReleaseError, match="unpacks to more than"):
        normalise(tmp_path, EPOCH)


def test_modes_of_the_files_themselves_and_other_files_stay(tmp_path: Path) -> None:
    write_release(tmp_path)
    (tmp_path / "dist-manifest.json").write_text("{}")
    (tmp_path / SDIST).chmod(0o640)
    normalise(tmp_path, EPOCH)
    assert stat.S_IMODE((tmp_path / SDIST).stat().st_mode) == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {SDIST, WHEEL, "dist-manifest.json"}


def test_the_level_is_ours_and_not_that_of_the_packer(tmp_path: Path) -> None:
    data = os.urandom(2_000) * 20
    write_zip(tmp_path, [entry(name, text) for name, text in wheel_files({"d": data}).items()])
    normalise(tmp_path, EPOCH)
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    with zipfile.ZipFile(tmp_path / WHEEL) as archive:
        assert archive.getinfo("d").compress_size == len(packed)
