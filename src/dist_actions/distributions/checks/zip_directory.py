"""Read the members of a ZIP, where its central directory and its local headers agree to the byte.

Tools that trust the one and tools that stream the other must see the same files: everything
between the first byte and the last belongs to exactly one member or to the directory.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from dist_actions.distributions.checks import limits
from dist_actions.distributions.checks.errors import damaged, hostile, quoted

STORED = 0
DEFLATED = 8

# Spec: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT sections 4.3.7 to 4.3.16
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")

_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_FULL16 = 0xFFFF
_FULL32 = 0xFFFFFFFF
_UTF8 = 0x0800
_SIZES_BEHIND = 0x0008
#: How well it was deflated, and UTF-8: the other bits change what the bytes mean.
_HARMLESS_FLAGS = 0x0006 | _UTF8
#: The newest version of the format that Python reads, times ten: pip opens no wheel beyond it.
_NEWEST_VERSION = 63


@dataclass(frozen=True)
class ZipMember:
    """One entry; sizes and offsets are in bytes.

    A folder's name ends with a slash; `mode` is its Unix mode with the file's type, or 0.
    """

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc32: int
    packed_bytes: int
    size_bytes: int
    mode: int
    header_offset: int
    data_offset: int = 0

    @property
    def is_folder(self) -> bool:
        """Tell whether it stands for a folder."""
        return self.name.endswith("/")


@dataclass(frozen=True)
class _Directory:
    entries: int
    offset: int
    size_bytes: int


class ZipDirectory:
    """The structure of a ZIP of `size_bytes`."""

    def __init__(self, file: BinaryIO, file_name: str, size_bytes: int) -> None:
        self._file = file
        self._file_name = file_name
        self._size_bytes = size_bytes

    def members(self) -> tuple[ZipMember, ...]:
        """Read all members, in the order of their content.

        Raises:
            ReleaseError: The structure is damaged or ambiguous, or it is a bomb.
        """
        directory = self._find_directory()
        limits.refuse_many(self._file_name, directory.entries)
        if directory.size_bytes > limits.DIRECTORY_BYTES:
            raise hostile(self._file_name, "its directory is larger than that of any real ZIP")
        central = sorted(self._central(directory), key=lambda member: member.header_offset)
        unpacked = sum(member.size_bytes for member in central)
        limits.refuse_bomb(self._file_name, self._size_bytes, unpacked)
        members = []
        offset = 0
        for member in central:
            if member.header_offset != offset:
                raise self._damaged(f"unaccounted bytes before {quoted(member.name)}")
            data_offset = self._require_same_header(member)
            offset = data_offset + member.packed_bytes
            members.append(replace(member, data_offset=data_offset))
        if offset != directory.offset:
            raise self._damaged("unaccounted bytes before its directory")
        return tuple(members)

    def _damaged(self, finding: str) -> Exception:
        return damaged(self._file_name, finding)

    def _at(self, offset: int, count: int) -> bytes:
        self._file.seek(offset)
        data = self._file.read(count)
        if len(data) != count:
            raise self._damaged("it is cut off")
        return data

    def _find_directory(self) -> _Directory:
        end = self._size_bytes - _END.size
        if end < 0:
            raise self._damaged("it is no ZIP")
        fields = _END.unpack(self._at(end, _END.size))
        signature, disk, start_disk, on_disk, entries, size_bytes, offset, comment_bytes = fields
        if signature != b"PK\x05\x06" or comment_bytes:
            raise self._damaged("it is cut off, or data follows the ZIP")
        if disk or start_disk or on_disk != entries:
            raise self._damaged("it is a part of a ZIP in several files")
        directory = _Directory(entries, offset, size_bytes)
        locator = end - _LOCATOR64.size
        if locator >= 0 and self._at(locator, 4) == b"PK\x06\x07":
            directory = self._find_directory64(locator, directory)
            end = locator - _END64.size
        if directory.offset + directory.size_bytes != end:
            raise self._damaged("data stand before or behind the ZIP")
        return directory

    def _find_directory64(self, locator: int, short: _Directory) -> _Directory:
        """Find the directory of a ZIP of more than 4 GiB, or of more than 65,534 files."""
        _, disk, offset64, disks = _LOCATOR64.unpack(self._at(locator, _LOCATOR64.size))
        if disk or disks != 1 or offset64 != locator - _END64.size:
            raise self._damaged("its ZIP64 locator does not point to its ZIP64 end record")
        fields = _END64.unpack(self._at(offset64, _END64.size))
        signature, left_bytes, _, _, disk, start_disk, on_disk, entries, size_bytes, offset = fields
        if signature != b"PK\x06\x06" or left_bytes != _END64.size - 12:
            raise self._damaged("its ZIP64 end record is not valid")
        if disk or start_disk or on_disk != entries:
            raise self._damaged("it is a part of a ZIP in several files")
        if (
            short.entries not in {entries, _FULL16}
            or short.offset not in {offset, _FULL32}
            or short.size_bytes not in {size_bytes, _FULL32}
        ):
            raise self._damaged("its two end records differ")
        return _Directory(entries, offset, size_bytes)

    def _central(self, directory: _Directory) -> Iterator[ZipMember]:
        data = self._at(directory.offset, directory.size_bytes)
        position = 0
        for _ in range(directory.entries):
            if position + _CENTRAL.size > len(data):
                raise self._damaged("its directory is shorter than it says")
            fields = _CENTRAL.unpack_from(data, position)
            name_bytes, extra_bytes, comment_bytes = fields[10:13]
            position += _CENTRAL.size
            raw_name = data[position : position + name_bytes]
            extra = data[position + name_bytes : position + name_bytes + extra_bytes]
            position += name_bytes + extra_bytes + comment_bytes
            if position > len(data):
                raise self._damaged("its directory is shorter than it says")
            yield self._central_member(fields, raw_name, extra)
        if position != len(data):
            raise self._damaged("its directory is longer than it says")

    def _central_member(self, fields: tuple[Any, ...], raw_name: bytes, extra: bytes) -> ZipMember:
        signature, _, needed, flags, method, _, _, crc32, packed, size = fields[:10]
        comment, disk = fields[12:14]
        attributes, offset = fields[15:]
        name = self._decode(raw_name, flags)
        if signature != b"PK\x01\x02" or disk:
            raise self._damaged("its directory is not valid")
        if comment:
            raise self._damaged(f"a comment on {quoted(name)} can hide data")
        if needed & 0xFF > _NEWEST_VERSION:
            raise self._damaged(f"{quoted(name)} needs a version of ZIP that Python does not read")
        size, packed, offset = self._wide((size, packed, offset), raw_name, extra)
        member = ZipMember(
            name, raw_name, flags, method, crc32, packed, size, attributes >> 16, offset
        )
        self._require_plain(member)
        return member

    def _decode(self, raw_name: bytes, flags: int) -> str:
        try:
            return raw_name.decode("utf-8" if flags & _UTF8 else "ascii")
        except UnicodeDecodeError:
            text = raw_name.decode("utf-8", errors="backslashreplace")
            raise self._damaged(
                f"the name {quoted(text)} is not marked as UTF-8, or is none"
            ) from None

    def _require_plain(self, member: ZipMember) -> None:
        name = quoted(member.name)
        if member.flags & _SIZES_BEHIND:
            raise self._damaged(f"the size of {name} stands behind its content")
        if member.flags & ~_HARMLESS_FLAGS:
            raise self._damaged(f"{name} is encrypted or of an unknown kind")
        if member.method not in {STORED, DEFLATED}:
            raise self._damaged(f"{name} is neither stored nor deflated")
        if member.method == STORED and member.packed_bytes != member.size_bytes:
            raise self._damaged(f"{name} has two sizes")
        if member.is_folder and member.size_bytes:
            raise self._damaged(f"the folder {name} has content")

    def _wide(self, values: tuple[int, ...], raw_name: bytes, extra: bytes) -> tuple[int, ...]:
        """Replace 32-bit placeholder values by those of the ZIP64 field."""
        fields = self._extra_fields(extra)
        unicode_path = fields.get(_UNICODE_PATH)
        if unicode_path is not None and unicode_path[5:] != raw_name:
            raise self._damaged("a file has two names")
        wide = fields.get(_ZIP64, b"")
        if len(wide) != 8 * values.count(_FULL32):
            raise self._damaged("a ZIP64 field does not fit its file")
        numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide))
        return tuple(next(numbers) if value == _FULL32 else value for value in values)

    def _extra_fields(self, extra: bytes) -> dict[int, bytes]:
        extra_fields: dict[int, bytes] = {}
        while extra:
            if len(extra) < 4:
                raise self._damaged("an extra field is cut off")
            kind, count = struct.unpack_from("<HH", extra)
            if kind in extra_fields or len(extra) < 4 + count:
                raise self._damaged("an extra field is there twice, or cut off")
            extra_fields[kind], extra = extra[4 : 4 + count], extra[4 + count :]
        return extra_fields

    def _require_same_header(self, member: ZipMember) -> int:
        """Compare a member's local header with the directory; return where its content begins."""
        fields = _LOCAL.unpack(self._at(member.header_offset, _LOCAL.size))
        signature, _, flags, method, _, _, crc32, packed, size, name_bytes, extra_bytes = fields
        rest = self._at(member.header_offset + _LOCAL.size, name_bytes + extra_bytes)
        raw_name, extra = rest[:name_bytes], rest[name_bytes:]
        size, packed = self._wide((size, packed), raw_name, extra)
        in_header = (signature, raw_name, flags, method, crc32, packed, size)
        in_directory = (member.raw_name, member.flags, member.method, member.crc32)
        if in_header != (b"PK\x03\x04", *in_directory, member.packed_bytes, member.size_bytes):
            raise self._damaged(f"its directory and the header of {quoted(member.name)} differ")
        return member.header_offset + _LOCAL.size + len(rest)
