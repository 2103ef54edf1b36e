"""Compares two wheels: the members of the ZIP, their headers, and how they were compressed."""

import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dist_actions.distributions.differences.contents import (
    READ_BYTES,
    compare_contents,
    compare_records,
)
from dist_actions.distributions.differences.difference import Cause, Difference
from dist_actions.distributions.differences.membership import compare_names

_CHUNK_BYTES = 1024 * 1024
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
#: A member's fields that no other cause names.
_FIELDS = {
    "create_system": "system",
    "create_version": "version of the packer",
    "extract_version": "version that is needed",
    "flag_bits": "flags",
    "internal_attr": "internal attributes",
    "extra": "extra fields",
    "comment": "comment",
}


@dataclass(frozen=True)
class _Wheel:
    archive: zipfile.ZipFile
    members: Mapping[str, zipfile.ZipInfo]


def compare_wheels(ours: Path, other: Path) -> Iterator[Difference]:
    """All differences of two wheels with different bytes."""
    with zipfile.ZipFile(ours) as one, zipfile.ZipFile(other) as two:
        yield from _compare(ours.name, _wheel(one), _wheel(two))


def _wheel(archive: zipfile.ZipFile) -> _Wheel:
    # In the order of their contents, which the directory need not keep.
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    return _Wheel(archive, {info.filename: info for info in infos})


def _compare(file: str, ours: _Wheel, other: _Wheel) -> Iterator[Difference]:
    yield from compare_names(file, list(ours.members), list(other.members))
    explained = set(ours.members.keys() ^ other.members.keys())
    records = []
    for name, info in ours.members.items():
        info_of_other = other.members.get(name)
        if info_of_other is None:
            continue
        yield from _compare_headers(file, info, info_of_other)
        if _digest(ours, name) == _digest(other, name):
            yield from _compare_packing(file, ours, other, name)
        elif name.endswith(".dist-info/RECORD"):
            records.append(name)
        else:
            explained.add(name)
            found = compare_contents(name, _start(ours, name), _start(other, name))
            yield Difference(file, name, found.cause, found.text)
    for name in records:
        if finding := compare_records(_start(ours, name), _start(other, name), explained):
            yield Difference(file, name, finding.cause, finding.text)
    if ours.archive.comment != other.archive.comment:
        yield Difference(file, "", "archive header", "the comment of the ZIP")


def _compare_headers(
    file: str, ours: zipfile.ZipInfo, other: zipfile.ZipInfo
) -> Iterator[Difference]:
    def difference(cause: Cause, one: str, two: str) -> Difference:
        return Difference(file, ours.filename, cause, f"{one} and {two}")

    if ours.date_time != other.date_time:
        yield difference("mtime", _time(ours), _time(other))
    if ours.external_attr != other.external_attr:
        yield difference("mode", _mode(ours), _mode(other))
    fields = [text for key, text in _FIELDS.items() if getattr(ours, key) != getattr(other, key)]
    if fields:
        yield Difference(file, ours.filename, "archive header", f"{', '.join(fields)} differ")


def _compare_packing(file: str, ours: _Wheel, other: _Wheel, name: str) -> Iterator[Difference]:
    """Name the compression where a content is the same and its packed bytes are not."""
    one, two = ours.members[name], other.members[name]
    methods = [_METHODS.get(info.compress_type, "of another method") for info in (one, two)]
    if methods[0] != methods[1]:
        yield Difference(file, name, "compression", f"{methods[0]} and {methods[1]}")
    elif _packed(ours, one) != _packed(other, two):
        sizes = f"{one.compress_size:,} and {two.compress_size:,} bytes"
        text = f"deflated to {sizes} by another zlib or level"
        yield Difference(file, name, "compression", text)


def _packed(wheel: _Wheel, info: zipfile.ZipInfo) -> str:
    """Digest of a member's bytes as they are stored."""
    file = wheel.archive.fp
    if file is None:  # pragma: no cover - the archive is open in this block
        raise ValueError("the archive is closed")
    file.seek(info.header_offset + 26)
    name_bytes = int.from_bytes(file.read(2), "little")
    extra_bytes = int.from_bytes(file.read(2), "little")
    file.seek(info.header_offset + 30 + name_bytes + extra_bytes)
    digest = hashlib.sha256()
    left = info.compress_size
    while left and (piece := file.read(min(_CHUNK_BYTES, left))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest()


def _digest(wheel: _Wheel, name: str) -> str:
    digest = hashlib.sha256()
    with wheel.archive.open(wheel.members[name]) as content:
        while piece := content.read(_CHUNK_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _start(wheel: _Wheel, name: str) -> bytes:
    with wheel.archive.open(wheel.members[name]) as content:
        return content.read(READ_BYTES)


def _time(info: zipfile.ZipInfo) -> str:
    year, month, day, hour, minute, second = info.date_time
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"


def _mode(info: zipfile.ZipInfo) -> str:
    unix, dos = info.external_attr >> 16, info.external_attr & 0xFFFF
    return f"{unix:06o}" + (f" (MS-DOS {dos:#x})" if dos else "")
