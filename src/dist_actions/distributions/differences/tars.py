"""Compares two sdists: the gzip header, the members of the tar, and how it was compressed."""

import hashlib
import struct
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dist_actions.distributions.checks.gzip_stream import GzipStream
from dist_actions.distributions.differences.contents import READ_BYTES, compare_contents
from dist_actions.distributions.differences.difference import Cause, Difference, quoted, time_text
from dist_actions.distributions.differences.membership import compare_names

_CHUNK_BYTES = 1024 * 1024
# Spec: https://www.rfc-editor.org/rfc/rfc1952 section 2.3.1
_GZIP = struct.Struct("<2sBBLBB")
_HAS_EXTRA = 0x04
_HAS_NAME = 0x08
#: Bytes of a header in which a file name can stand.
_HEADER_BYTES = 4096
_KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.LNKTYPE: "hard link",
    tarfile.SYMTYPE: "symbolic link",
    tarfile.DIRTYPE: "folder",
}
#: Extended headers that other causes speak of.
_TOLD = {"path", "linkpath", "size", "mtime", "uid", "gid", "uname", "gname"}


@dataclass(frozen=True)
class _GzipHeader:
    mtime: int
    level: int
    system: int
    name: str


@dataclass(frozen=True)
class _Sdist:
    """An sdist, unpacked into a temporary file."""

    gzip_header: _GzipHeader
    tar_sha256: str
    archive: tarfile.TarFile
    members: Mapping[str, tarfile.TarInfo]


def compare_sdists(ours: Path, other: Path) -> Iterator[Difference]:
    """All differences of two sdists with different bytes."""
    with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as two:
        yield from _compare(ours.name, _read(ours, one), _read(other, two))


def _read(path: Path, tar: BinaryIO) -> _Sdist:
    digest = hashlib.sha256()
    with path.open("rb") as packed:
        stream = GzipStream(packed, path.name, path.stat().st_size)
        while piece := stream.read(_CHUNK_BYTES):
            digest.update(piece)
            tar.write(piece)
    tar.seek(0)
    archive = tarfile.open(fileobj=tar, mode="r:", encoding="utf-8")  # noqa: SIM115 - its file's block ends it
    members = {info.name: info for info in archive.getmembers()}
    return _Sdist(_gzip_header(path), digest.hexdigest(), archive, members)


def _gzip_header(path: Path) -> _GzipHeader:
    with path.open("rb") as file:
        data = file.read(_HEADER_BYTES)
    _, _, flags, mtime, level, system = _GZIP.unpack_from(data)
    rest = data[_GZIP.size :]
    if flags & _HAS_EXTRA:
        rest = rest[2 + int.from_bytes(rest[:2], "little") :]
    name = rest.partition(b"\0")[0].decode("latin-1") if flags & _HAS_NAME else ""
    return _GzipHeader(mtime, level, system, name)


def _compare(file: str, ours: _Sdist, other: _Sdist) -> Iterator[Difference]:
    if text := _gzip_differences(ours.gzip_header, other.gzip_header):
        yield Difference(file, "", "gzip header", text)
    if ours.tar_sha256 == other.tar_sha256:
        if not text:
            yield Difference(
                file, "", "compression", "the same tar was compressed by another zlib or level"
            )
        return
    yield from compare_names(file, list(ours.members), list(other.members))
    for name, info in ours.members.items():
        if info_of_other := other.members.get(name):
            yield from _compare_headers(file, info, info_of_other)
            yield from _compare_members(file, name, ours, other)
    if ours.archive.pax_headers != other.archive.pax_headers:
        yield Difference(file, "", "archive header", "headers about all files differ")


def _gzip_differences(ours: _GzipHeader, other: _GzipHeader) -> str:
    told = []
    if ours.mtime != other.mtime:
        times = [time_text(header.mtime) if header.mtime else "none" for header in (ours, other)]
        told.append(f"time {times[0]} and {times[1]}")
    if ours.name != other.name:
        told.append(f"file name {quoted(ours.name)} and {quoted(other.name)}")
    if ours.system != other.system:
        told.append(f"system {ours.system} and {other.system}")
    if ours.level != other.level:
        told.append(f"compression's mark {ours.level} and {other.level}")
    return ", ".join(told)


def _compare_headers(
    file: str, ours: tarfile.TarInfo, other: tarfile.TarInfo
) -> Iterator[Difference]:
    def difference(cause: Cause, one: str, two: str) -> Difference:
        return Difference(file, ours.name, cause, f"{one} and {two}")

    if ours.mtime != other.mtime:
        yield difference("mtime", _exact_time(ours.mtime), _exact_time(other.mtime))
    if ours.mode != other.mode:
        yield difference("mode", f"{ours.mode:04o}", f"{other.mode:04o}")
    if _owner(ours) != _owner(other):
        yield difference("owner", _owner(ours), _owner(other))
    if _extended(ours) != _extended(other):
        keys = sorted(key for key, _ in _extended(ours) ^ _extended(other))
        text = f"extended headers differ: {', '.join(map(quoted, keys))}"
        yield Difference(file, ours.name, "archive header", text)


def _exact_time(mtime: float) -> str:
    """A time with its fraction, which extended headers have."""
    fraction = f"{mtime % 1:.9f}".strip("0") if mtime % 1 else ""
    return f"{time_text(int(mtime))}{fraction if fraction != '.' else ''}"


def _owner(info: tarfile.TarInfo) -> str:
    return f"{info.uid}:{info.gid} ({quoted(info.uname)}:{quoted(info.gname)})"


def _extended(info: tarfile.TarInfo) -> set[tuple[str, str]]:
    return {(key, value) for key, value in info.pax_headers.items() if key not in _TOLD}


def _compare_members(file: str, name: str, ours: _Sdist, other: _Sdist) -> Iterator[Difference]:
    one, two = ours.members[name], other.members[name]
    kinds = [_KINDS.get(info.type, "of another kind") for info in (one, two)]
    if kinds[0] != kinds[1]:
        yield Difference(file, name, "content", f"{kinds[0]} and {kinds[1]}")
    elif one.linkname != two.linkname:
        text = f"link to {quoted(one.linkname)} and {quoted(two.linkname)}"
        yield Difference(file, name, "content", text)
    elif one.isfile() and _digest(ours.archive, one) != _digest(other.archive, two):
        found = compare_contents(name, _start(ours.archive, one), _start(other.archive, two))
        yield Difference(file, name, found.cause, found.text)


def _digest(archive: tarfile.TarFile, info: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    content = archive.extractfile(info)
    while content and (piece := content.read(_CHUNK_BYTES)):
        digest.update(piece)
    return digest.hexdigest()


def _start(archive: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(info)
    return content.read(READ_BYTES) if content else b""
