"""The bytes inside a gzip file, in order and within limits; one stream, and nothing behind it."""

import zlib
from pathlib import Path
from typing import BinaryIO

from dist_actions.distributions.checks.errors import damaged
from dist_actions.distributions.checks.limits import CHUNK_BYTES, refuse_bomb

#: zlib's way to say: a gzip header and checksum.
_GZIP = 31


class GzipStream:
    """The contents of a gzip file of `size_bytes`, unpacked while they are read."""

    def __init__(self, file: BinaryIO, file_name: str, size_bytes: int) -> None:
        self._file = file
        self._file_name = file_name
        self._size_bytes = size_bytes
        self._inflate = zlib.decompressobj(_GZIP)
        self._waiting = b""
        self._piece = b""
        self._position = 0
        self._unpacked_bytes = 0

    def read(self, count: int) -> bytes:
        """Read as many bytes as asked for; fewer at the end only.

        Raises:
            ReleaseError: The stream is damaged or a bomb.
        """
        parts = []
        while count:
            part = self._take(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, count: int) -> None:
        """Pass over bytes.

        Raises:
            ReleaseError: The stream is damaged, a bomb, or ends before.
        """
        while count:
            part = self._take(count)
            if not part:
                raise damaged(self._file_name, "it is cut off")
            count -= len(part)

    def _take(self, count: int) -> bytes:
        """Read up to so many bytes of the current piece; none at the end."""
        if self._position == len(self._piece):
            self._piece, self._position = self._next_piece(), 0
        part = self._piece[self._position : self._position + count]
        self._position += len(part)
        return part

    def _next_piece(self) -> bytes:
        while not self._inflate.eof:
            waiting = self._waiting or self._file.read(CHUNK_BYTES)
            if not waiting:
                raise damaged(self._file_name, "it is cut off")
            try:
                piece = self._inflate.decompress(waiting, CHUNK_BYTES)
            except zlib.error as error:
                raise damaged(self._file_name, f"its compression is damaged ({error})") from error
            self._waiting = self._inflate.unconsumed_tail
            self._unpacked_bytes += len(piece)
            refuse_bomb(self._file_name, self._size_bytes, self._unpacked_bytes)
            if piece:
                return piece
        if behind := (self._inflate.unused_data or self._waiting or self._file.read(2)):
            kind = "another gzip stream" if behind.startswith(b"\x1f\x8b") else "data"
            raise damaged(self._file_name, f"{kind} follows the archive")
        return b""


def inflate(path: Path, target: BinaryIO) -> None:
    """Unpack a gzip file into another file, and go back to that one's beginning.

    Raises:
        ReleaseError: The gzip file is damaged or a bomb.
    """
    with path.open("rb") as packed:
        stream = GzipStream(packed, path.name, path.stat().st_size)
        while chunk := stream.read(CHUNK_BYTES):
            target.write(chunk)
    target.seek(0)
