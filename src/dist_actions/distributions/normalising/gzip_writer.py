"""A gzip stream whose header says nothing about when, where and from what it was made."""

import struct
import zlib
from typing import BinaryIO

#: Deflated, no file name, no time, best compression, system unknown.
# Spec: https://www.rfc-editor.org/rfc/rfc1952 section 2.3
_HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255])
#: What `tarfile` and most backends take for sdists, so that these become no larger.
_LEVEL = 9
_MEMORY_LEVEL = 8
#: Raw deflate with the largest window.
_WINDOW_BITS = -15


class GzipWriter:
    """Compresses what is written into a file; `finish` must follow.

    Args:
        file: Opened for writing.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL)
        self._crc32 = 0
        self.size_bytes = 0
        file.write(_HEADER)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._crc32 = zlib.crc32(data, self._crc32)
        self.size_bytes += len(data)
        self._file.write(self._deflate.compress(data))

    def finish(self) -> None:
        """Write what is left, the checksum and the size."""
        self._file.write(self._deflate.flush())
        self._file.write(struct.pack("<LL", self._crc32, self.size_bytes & 0xFFFFFFFF))
