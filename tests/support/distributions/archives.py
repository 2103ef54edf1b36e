"""Wheels and sdists in which one thing is wrong: written by hand, as no backend writes them."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from support.distributions.builders import metadata, record_line

WHEEL = "eigenoid_sample-0.1.0-py3-none-any.whl"
SDIST = "eigenoid_sample-0.1.0.tar.gz"
INFO = "eigenoid_sample-0.1.0.dist-info"
ROOT = "eigenoid_sample-0.1.0"
MODULE = "eigenoid_sample/__init__.py"

Entry = tuple[zipfile.ZipInfo, bytes]
Change = Callable[[bytes], bytes]


def wheel_files(files: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Make the files of a sound wheel, RECORD last; `files` are added or replace others."""
    contents = {
        MODULE: b"VALUE = 1\n",
        f"{INFO}/METADATA": metadata("0.1.0").encode(),
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **(files or {}),
    }
    records = "".join(record_line(name, data) for name, data in contents.items())
    return {**contents, f"{INFO}/RECORD": f"{records}{INFO}/RECORD,,\n".encode()}


def entry(name: str, data: bytes = b"", *, mode: int = 0o100644) -> Entry:
    """Make one member of a ZIP."""
    info = zipfile.ZipInfo("x")
    info.filename = name
    info.external_attr = mode << 16
    return info, data


def entries(files: Mapping[str, bytes]) -> list[Entry]:
    """Make members of these names and contents."""
    return [entry(name, data) for name, data in files.items()]


def write_zip(
    folder: Path, members: Iterable[Entry], change: Change | None = None, name: str = WHEEL
) -> None:
    """Write a ZIP of these members, its bytes changed at the end; equal names give no warning."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for info, data in members:
            archive.NameToInfo.pop(info.filename, None)
            archive.writestr(info, data, info.compress_type)
    data = raw.getvalue()
    (folder / name).write_bytes(change(data) if change else data)


def write_files(folder: Path, files: Mapping[str, bytes], change: Change | None = None) -> None:
    """Write a wheel of these files alone."""
    write_zip(folder, entries(files), change)


def tar_member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """Make one member of a tar; `fields` are those of its header."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    """Make a link of a tar."""
    return tar_member(f"{ROOT}/{name}", type=kind, linkname=target)


def tar_of(members: Iterable[tuple[tarfile.TarInfo, bytes]], *, sound: bool = True) -> bytes:
    """Make a tar of a sound sdist's files, with these members behind them."""
    raw = io.BytesIO()
    first_members = [tar_member(f"{ROOT}/PKG-INFO", metadata("0.1.0").encode())] if sound else []
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for info, data in [*first_members, *members]:
            archive.addfile(info, io.BytesIO(data))
    return raw.getvalue()


def write_tar(folder: Path, *members: tuple[tarfile.TarInfo, bytes], sound: bool = True) -> None:
    """Write an sdist with these members behind PKG-INFO."""
    write_gzip(folder, tar_of(members, sound=sound))


def write_gzip(folder: Path, tar: bytes, behind: bytes = b"") -> None:
    """Write a tar as an sdist, with bytes behind its gzip stream."""
    (folder / SDIST).write_bytes(gzip.compress(tar, mtime=0) + behind)


def raw_header(name: str, kind: bytes, data: bytes, size: int | None = None) -> bytes:
    """Make a header of a tar and its content, whatever the header says."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.size = len(data) if size is None else size
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)


def deflated(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Make a member that will be deflated."""
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def local_offset(data: bytes, name: str) -> int:
    """Find where the local header of a member begins."""
    return data.index(name.encode()) - 30


def central_offset(data: bytes, name: str) -> int:
    """Find where a member begins in the central directory."""
    return data.rindex(name.encode(), 0, data.rindex(b"PK\x05\x06")) - 46


def patched(offset: Callable[[bytes], int], value: bytes) -> Change:
    """Make a change of some bytes."""

    def change(data: bytes) -> bytes:
        at = offset(data)
        return data[:at] + value + data[at + len(value) :]

    return change


def crc32(data: bytes) -> bytes:
    """Compute the checksum as a ZIP's header holds it."""
    return zlib.crc32(data).to_bytes(4, "little")
