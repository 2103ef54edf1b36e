"""Repack one sdist.

Members are sorted by name; owners, times and modes are fixed. A hard link becomes the file that it
repeats: whether a backend writes one depends on the file system, and sorted it could come before
its target. Symbolic links stay, since the check before refuses those that lead elsewhere.
"""

import struct
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import BinaryIO

from dist_actions.distributions.checks.gzip_stream import inflate
from dist_actions.distributions.checks.limits import CHUNK_BYTES, refuse_bomb
from dist_actions.distributions.checks.sdist import check_sdist
from dist_actions.distributions.normalising.tar_headers import BLOCK, RECORD, PlainMember, header_of

#: Deflated, no file name, no time, best compression, system unknown.
# Spec: https://www.rfc-editor.org/rfc/rfc1952 section 2.3
_GZIP_HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255])
#: What `tarfile` and most backends take for sdists, so that these become no larger.
_LEVEL = 9
_MEMORY_LEVEL = 8
#: Raw deflate with the largest window.
_WINDOW_BITS = -15


class _GzipWriter:
    """A gzip stream whose header says nothing about when, where and from what it was made.

    `finish` must follow what is written.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL)
        self._crc32 = 0
        self.size_bytes = 0
        file.write(_GZIP_HEADER)

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._crc32 = zlib.crc32(data, self._crc32)
        self.size_bytes += len(data)
        self._file.write(self._deflate.compress(data))

    def finish(self) -> None:
        """Write what is pending, the checksum and the size."""
        self._file.write(self._deflate.flush())
        self._file.write(struct.pack("<LL", self._crc32, self.size_bytes & 0xFFFFFFFF))


def repack_sdist(path: Path, target: BinaryIO, epoch: int) -> None:
    """Write an sdist anew.

    Args:
        path: A `.tar.gz`.
        epoch: The time of its members, seconds since 1970; before that it is 1970.

    Raises:
        ReleaseError: It is damaged, hostile or holds credentials.
        BuildError: It is no valid sdist.
    """
    check_sdist(path)
    with tempfile.TemporaryFile() as tar:
        inflate(path, tar)
        with tarfile.open(fileobj=tar, mode="r:", encoding="utf-8", errors="strict") as archive:
            _write(archive, _GzipWriter(target), max(epoch, 0), path)


def _write(archive: tarfile.TarFile, writer: _GzipWriter, mtime: int, path: Path) -> None:
    packed_bytes = path.stat().st_size
    # A folder may be listed twice; anything else that is was refused.
    for _, info in sorted({info.name: info for info in archive.getmembers()}.items()):
        content = archive.extractfile(info) if info.isfile() or info.islnk() else None
        size_bytes = _size_bytes(archive, info)
        # Hard links to one large file could multiply it.
        refuse_bomb(path.name, packed_bytes, writer.size_bytes + size_bytes)
        writer.write(header_of(_plain(info, size_bytes), mtime))
        while content and (piece := content.read(CHUNK_BYTES)):
            writer.write(piece)
        writer.write(bytes(-size_bytes % BLOCK))
    writer.write(bytes(2 * BLOCK))
    writer.write(bytes(-writer.size_bytes % RECORD))
    writer.finish()


def _size_bytes(archive: tarfile.TarFile, info: tarfile.TarInfo) -> int:
    """Return the size of the content; of a hard link, of the file that it leads to."""
    while info.islnk():
        info = archive.getmember(info.linkname)
    return info.size if info.isfile() else 0


def _plain(info: tarfile.TarInfo, size_bytes: int) -> PlainMember:
    executable = bool(info.mode & 0o111)
    if info.issym():
        return PlainMember(info.name, "symbolic link", target=info.linkname)
    if info.isdir():
        return PlainMember(info.name, "folder")
    return PlainMember(info.name, "file", size_bytes, executable=executable)
