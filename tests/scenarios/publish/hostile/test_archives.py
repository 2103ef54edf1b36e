"""Crafted wheels and sdists are refused, each for its own reason, before any request."""

import gzip
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.distributions.archives import (
    INFO,
    MODULE,
    ROOT,
    SDIST,
    WHEEL,
    central_offset,
    deflated,
    entries,
    entry,
    link,
    local_offset,
    patched,
    raw_header,
    tar_member,
    tar_of,
    wheel_files,
    write_files,
    write_gzip,
    write_tar,
    write_zip,
)
from support.publishing.job import PublishingJob

MIB = 1024 * 1024
Write = Callable[[Path], None]


def with_member(name: str, data: bytes = b"") -> Write:
    """A wheel with one file more, listed in RECORD as it should be."""
    return lambda folder: write_files(folder, wheel_files({name: data}))


def with_entry(name: str, data: bytes = b"", mode: int = 0o100644) -> Write:
    """A wheel with one more entry in the ZIP."""
    return lambda folder: write_zip(folder, [*entries(wheel_files()), entry(name, data, mode=mode)])


def with_files(change: Callable[[dict[str, bytes]], object]) -> Write:
    """A wheel whose files are changed after RECORD was written."""

    def write(folder: Path) -> None:
        files = wheel_files()
        change(files)
        write_files(folder, files)

    return write


def with_bytes(change: Callable[[bytes], bytes]) -> Write:
    """A wheel whose bytes are changed."""
    return lambda folder: write_files(folder, wheel_files(), change)


def with_record(before: str, after: str) -> Write:
    """A wheel whose RECORD is rewritten."""
    name = f"{INFO}/RECORD"
    return with_files(
        lambda files: files.update({name: files[name].replace(before.encode(), after.encode())})
    )


def with_tar(*members: tuple[tarfile.TarInfo, bytes], sound: bool = True) -> Write:
    """An sdist with these members."""
    return lambda folder: write_tar(folder, *members, sound=sound)


def _without_end() -> bytes:
    """A sound sdist's tar up to where the next header goes."""
    return tar_of([])[: 512 * 2]


def with_headers(*raw: bytes) -> Write:
    """An sdist with raw headers before its end."""
    end = bytes(2 * 512)
    return lambda folder: write_gzip(folder, _without_end() + b"".join(raw) + end)


def at(place: str, name: str, offset: int, value: bytes) -> Write:
    """A wheel with a field changed in a `local` header or the `central` directory."""
    find = local_offset if place == "local" else central_offset
    return with_bytes(patched(lambda data: find(data, name) + offset, value))


def overlapping(folder: Path) -> None:
    """Two entries of the directory share one content: a bomb without nesting."""
    second = "eigenoid_sample/__copy__.py"
    files = wheel_files({second: b"VALUE = 1\n"})
    change = patched(lambda data: central_offset(data, second) + 42, bytes(4))
    write_files(folder, files, change)


def bomb(folder: Path) -> None:
    members = entries(wheel_files({"eigenoid_sample/zeros.bin": bytes(80 * MIB)}))
    write_zip(folder, [(deflated(info), data) for info, data in members])


def longer_than_said(folder: Path) -> None:
    """The directory and the header both say 10 bytes; the deflated content has more."""
    files = {**wheel_files({MODULE: b"x" * 10}), MODULE: b"x" * 900}
    members = [(deflated(info), data) for info, data in entries(files)]

    def change(data: bytes) -> bytes:
        small = (10).to_bytes(4, "little")
        data = patched(lambda one: local_offset(one, MODULE) + 22, small)(data)
        return patched(lambda one: central_offset(one, MODULE) + 24, small)(data)

    write_zip(folder, members, change)


def streamed(folder: Path) -> None:
    """As written to a pipe: the sizes stand behind the content."""

    class Pipe:
        def __init__(self, path: Path) -> None:
            self._file = path.open("wb")
            self.write, self.flush, self.close = (
                self._file.write,
                self._file.flush,
                self._file.close,
            )

    pipe = Pipe(folder / WHEEL)
    with zipfile.ZipFile(pipe, "w") as archive:  # type: ignore[arg-type]
        for name, data in wheel_files().items():
            archive.writestr(name, data)
    pipe.close()


def many_members(folder: Path) -> None:
    write_gzip(folder, _without_end() + raw_header(f"{ROOT}/d", b"5", b"") * 100_001)


def tar_bomb(folder: Path) -> None:
    write_tar(folder, tar_member(f"{ROOT}/zeros", bytes(80 * MIB)))


def cut(name: str, write: Write) -> Write:
    """An archive without its last bytes."""

    def write_cut(folder: Path) -> None:
        write(folder)
        path = folder / name
        path.write_bytes(path.read_bytes()[:-10])

    return write_cut


KEY = b'{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----"}'
READ = "cannot be read"
PUBLISH = "must not be published"
VALID = "is not valid"

WHEELS: dict[str, tuple[Write, str]] = {
    "parent": (with_member("../evil.py"), f"{PUBLISH}: its member '../evil.py' leads out"),
    "inner parent": (with_member("a/../../evil.py"), "leads out of the archive"),
    "absolute": (with_member("/etc/evil"), "has an absolute path"),
    "drive": (with_member("C:/evil.py"), "has an absolute path"),
    "backslash": (with_member("a\\evil.py"), "has a backslash"),
    "line feed": (with_member("a\nevil.py"), "has a control character"),
    "NUL": (with_entry("evil.py\x00.txt"), "has a control character"),
    "bidi": (with_entry("evil\u202eyp.txt"), "has a control character"),
    "empty part": (with_member("a//evil.py"), "has an empty part"),
    "not UTF-8": (
        with_bytes(
            lambda data: data.replace(b"eigenoid_sample/__init__", b"eigenoid_s\xffmple/__init__")
        ),
        "is not marked as UTF-8",
    ),
    "twice": (with_entry(MODULE, b"VALUE = 2\n"), f"it holds {MODULE!r} twice"),
    "case": (with_member("Eigenoid_sample/__INIT__.py"), "which are one file on some systems"),
    "normal form": (
        lambda folder: write_files(folder, wheel_files({"\u00e9.py": b"", "e\u0301.py": b""})),
        "which are one file on some systems",
    ),
    "file and folder": (with_member(f"{MODULE}/inner.py"), "is a file and a folder"),
    "symbolic link": (with_entry("evil", b"/etc", 0o120777), "'evil' is a link"),
    "device": (with_entry("evil", mode=0o020666), "is a file of a special kind"),
    "encrypted": (at("central", MODULE, 8, b"\x01\x00"), "is encrypted"),
    "method": (at("central", MODULE, 10, b"\x0c\x00"), "neither stored nor deflated"),
    "version": (at("central", MODULE, 6, b"\x40\x00"), "a version of ZIP that Python"),
    "streamed": (streamed, "stands behind its content"),
    "other local name": (at("local", MODULE, 30, b"e1genoid_sample"), "differ"),
    "other local size": (at("local", MODULE, 18, b"\x01"), "differ"),
    "other local checksum": (at("local", MODULE, 14, b"\0\0\0\0"), "differ"),
    "comment": (at("central", MODULE, 32, b"\x01\x00"), f"{READ}: a comment on"),
    "data before": (with_bytes(lambda data: b"#!/bin/sh\n" + data), "before or behind"),
    "data behind": (with_bytes(lambda data: data + b"evil"), "data follows the ZIP"),
    "two ZIPs": (with_bytes(lambda data: data + data), "before or behind"),
    "hidden entry": (
        with_bytes(patched(lambda data: len(data) - 14, b"\x03\x00\x03\x00")),
        "longer than it says",
    ),
    "cut off": (cut(WHEEL, with_member("a")), "cut off, or data follows"),
    "overlap": (overlapping, "unaccounted bytes"),
    "bomb": (bomb, f"{PUBLISH}: it unpacks to more than 50 times its size"),
    "longer than said": (longer_than_said, "has another size than it says"),
    "not in RECORD": (with_files(lambda files: files.update(a=b"")), "does not list 'a'"),
    "not in the wheel": (with_files(lambda files: files.pop(MODULE)), "which it does not hold"),
    "other content": (
        with_files(lambda files: files.update({MODULE: b"VALUE = 2\n"})),
        f"{VALID}: the sha256 of {MODULE!r} is not the one in its RECORD",
    ),
    "other length": (with_record(",10\n", ",11\n"), "has 10 bytes, and 11 in its RECORD"),
    "md5": (with_record("sha256=", "md5="), "no sha256"),
    "no digest": (with_member("a,b"), "RECORD has 4 fields"),
    "RECORD twice": (with_record(f"{INFO}/RECORD,,", f"{MODULE},,\n{MODULE},,"), "twice"),
    "no RECORD": (with_files(lambda files: files.pop(f"{INFO}/RECORD")), "it has no"),
    "no METADATA": (with_files(lambda files: files.pop(f"{INFO}/METADATA")), "METADATA'"),
    "two .dist-info": (with_member("other-1.0.dist-info/METADATA"), "must have one .dist-info"),
    "other .data": (
        with_member("other-1.0.data/purelib/a.py"),
        "is not 'eigenoid_sample-0.1.0.data'",
    ),
    "unknown .data": (
        with_member("eigenoid_sample-0.1.0.data/evil/a"),
        "no installer knows where",
    ),
    "module of .data": (
        with_member(f"eigenoid_sample-0.1.0.data/purelib/{MODULE}", b"VALUE = 2\n"),
        f"it holds {MODULE!r} twice",
    ),
    "module of .data in other case": (
        with_member("eigenoid_sample-0.1.0.data/platlib/EIGENOID_sample/__init__.py"),
        "which are one file on some systems",
    ),
    "second .dist-info by .data": (
        with_member("eigenoid_sample-0.1.0.data/platlib/other-1.0.dist-info/METADATA"),
        "another distribution's",
    ),
    "other project by .data": (
        with_member("eigenoid_sample-0.1.0.data/data/lib/python3.13/site-packages/o-1.dist-info/a"),
        "another distribution's",
    ),
    "egg-info": (with_member("evil-1.0.egg-info/PKG-INFO"), "another distribution's"),
    "stream": (with_member(f"{MODULE}::$DATA"), "has a colon in its name"),
    "full stop at the end": (with_member(f"{MODULE}."), "ends with a full stop or space"),
    "space at the end": (with_member("eigenoid_sample /a.py"), "ends with a full stop or space"),
    "other tags": (
        with_member(f"{INFO}/WHEEL", b"Wheel-Version: 1.0\nTag: cp313-abi3-linux_x86_64\n"),
        "tags in its WHEEL",
    ),
    "later format": (
        with_member(f"{INFO}/WHEEL", b"Wheel-Version: 2.0\nTag: py3-none-any\n"),
        "Wheel-Version 1.x",
    ),
    "git credentials": (with_member(".git-credentials"), "holds .git-credentials"),
    "key of Google": (
        with_member("eigenoid_sample/a.json", KEY),
        "key of a Google service account",
    ),
}

SDISTS: dict[str, tuple[Write, str]] = {
    "parent": (with_tar(tar_member(f"{ROOT}/../../evil")), "leads out of the archive"),
    "absolute": (with_tar(tar_member("/etc/evil")), "has an absolute path"),
    "outside the folder": (with_tar(tar_member("setup.py")), "is not in its folder"),
    "other folder": (with_tar(tar_member("other-1.0/PKG-INFO"), sound=False), "of another name"),
    "no PKG-INFO": (with_tar(tar_member(f"{ROOT}/a"), sound=False), "it has no PKG-INFO"),
    "twice": (with_tar(tar_member(f"{ROOT}/PKG-INFO", b"Name: x\n")), "PKG-INFO' twice"),
    "absolute link": (with_tar(link("a", "/etc/passwd")), "to an absolute path"),
    "link out": (with_tar(link("a", "../evil")), "leads out of its folder"),
    "link to a drive": (with_tar(link("a", "C:/x")), "to an absolute path"),
    "link with an escape": (with_tar(link("a", "b\x1b[2J")), "control character in its target"),
    "link through a link in other case": (
        with_tar(link("A", "b/c"), link("d", "a/../../../evil")),
        "leads through another link",
    ),
    "second PKG-INFO": (with_tar(tar_member(f"{ROOT}/pkg-info")), "its PKG-INFO too"),
    "PKG-INFO with a stream": (with_tar(tar_member(f"{ROOT}/PKG-INFO::$DATA")), "its PKG-INFO too"),
    "link through a link": (
        with_tar(link("a", "b/c"), link("d", "a/../../../evil")),
        "leads through another link",
    ),
    "file through a link": (
        with_tar(link("a", "b"), tar_member(f"{ROOT}/a/evil")),
        "is a file and a folder",
    ),
    "hard link out": (with_tar(link("a", "/etc/passwd", tarfile.LNKTYPE)), "no file before it"),
    "hard link ahead": (
        with_tar(link("a", f"{ROOT}/b", tarfile.LNKTYPE), tar_member(f"{ROOT}/b")),
        "no file before it",
    ),
    "device": (with_tar(tar_member(f"{ROOT}/a", type=tarfile.CHRTYPE)), "is a device"),
    "pipe": (with_tar(tar_member(f"{ROOT}/a", type=tarfile.FIFOTYPE)), "is a pipe"),
    "sparse": (with_tar(tar_member(f"{ROOT}/a", type=tarfile.GNUTYPE_SPARSE)), "is sparse"),
    "sparse by PAX": (
        with_headers(raw_header("x", b"x", b"22 GNU.sparse.major=1\n")),
        "is sparse",
    ),
    "two sizes": (
        with_headers(
            raw_header("x", b"x", b"12 size=512\n"), raw_header(f"{ROOT}/a", b"0", b"")
        ),
        "a file has two sizes",
    ),
    "PAX upon PAX": (
        with_headers(*[raw_header("x", b"x", b"6 a=b\n")] * 2),
        "two headers describe the same file",
    ),
    "huge PAX": (with_headers(raw_header("x", b"x", b"", size=1 << 32)), "extended header in it"),
    "global path": (with_headers(raw_header("x", b"g", b"10 path=a\n")), "global header names"),
    "global header of nothing": (
        with_headers(raw_header("x", b"g", b"16 comment=abcd\n")), "belongs to no file"
    ),
    "bomb": (tar_bomb, "unpacks to more than 50 times its size"),
    "many members": (many_members, "more than 100,000 members"),
    "cut off": (cut(SDIST, with_tar(tar_member(f"{ROOT}/a"))), f"{READ}: it is cut off"),
    "data behind": (lambda folder: write_gzip(folder, tar_of([]), b"evil"), "data follows"),
    "two streams": (
        lambda folder: write_gzip(folder, tar_of([]), gzip.compress(tar_of([]))),
        "another gzip stream follows",
    ),
    "two tars": (lambda folder: write_gzip(folder, tar_of([]) * 2), "data follow the end"),
    "key of ssh": (with_tar(tar_member(f"{ROOT}/.ssh/id_rsa")), "holds eigenoid_sample-0.1.0/.ssh"),
    "job token": (with_tar(tar_member(f"{ROOT}/.git/config")), ".git/config, a file of"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        *(pytest.param(WHEEL, *case, id=f"wheel, {key}") for key, case in WHEELS.items()),
        *(pytest.param(SDIST, *case, id=f"sdist, {key}") for key, case in SDISTS.items()),
    ],
)
def test_a_crafted_archive_is_refused_offline(
    publisher: PublishingJob, name: str, write: Write, said: str
) -> None:
    (publisher.dist / name).unlink()
    write(publisher.dist)
    result = publisher()
    assert result.exit_status == 1, result.log
    (annotation,) = result.annotations
    assert annotation.level == "error"
    assert name in annotation.message
    assert said in annotation.message
    assert "/docs/troubleshooting.md#" in annotation.message
    assert result.requests == ()


def test_there_are_enough_of_them() -> None:
    assert len(WHEELS) + len(SDISTS) >= 40
