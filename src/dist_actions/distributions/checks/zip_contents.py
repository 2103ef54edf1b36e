"""Read the contents of a ZIP's members in pieces, and compare them with the directory."""

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from dist_actions.distributions.checks.errors import damaged, quoted
from dist_actions.distributions.checks.limits import CHUNK_BYTES, MIB
from dist_actions.distributions.checks.zip_directory import STORED, ZipMember

#: zlib's way to say: deflated data without a header.
_RAW_DEFLATE = -15
#: hashlib and zlib work without the interpreter's lock.
_THREADS = 2
#: Less than this many bytes are read faster than a thread is started.
_WORTH_THREADS_BYTES = 4 * MIB


def member_chunks(file: BinaryIO, file_name: str, member: ZipMember) -> Iterator[bytes]:
    """Read the content of a member, piece by piece; at its end it is known to be complete.

    Raises:
        ReleaseError: It is not what the directory says: size, checksum, end.
    """
    file.seek(member.data_offset)
    crc32 = 0
    left_bytes = member.size_bytes
    pieces = _stored if member.method == STORED else _inflated
    try:
        for piece in pieces(file, member.packed_bytes):
            left_bytes -= len(piece)
            if left_bytes < 0:
                break
            crc32 = zlib.crc32(piece, crc32)
            yield piece
    except (zlib.error, EOFError) as error:
        raise damaged(file_name, f"the content of {quoted(member.name)} is damaged") from error
    if left_bytes:
        raise damaged(file_name, f"{quoted(member.name)} has another size than it says")
    if crc32 != member.crc32:
        raise damaged(file_name, f"the checksum of {quoted(member.name)} is wrong")


def digests(
    path: Path, members: Sequence[ZipMember], algorithms: Mapping[str, str]
) -> dict[str, bytes]:
    """Compute the digests of members by name; each is read once.

    Args:
        algorithms: Name of the algorithm for each name.

    Raises:
        ReleaseError: A content is not what the directory says.
    """
    large = sum(member.size_bytes for member in members) > _WORTH_THREADS_BYTES
    if not large or len(members) == 1:
        return _digest_some(path, members, algorithms)
    ordered = sorted(members, key=lambda member: -member.size_bytes)
    shares = [ordered[start::_THREADS] for start in range(_THREADS)]
    all_digests: dict[str, bytes] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        for part in pool.map(lambda share: _digest_some(path, share, algorithms), shares):
            all_digests.update(part)
    return all_digests


def _digest_some(
    path: Path, members: Sequence[ZipMember], algorithms: Mapping[str, str]
) -> dict[str, bytes]:
    digests_by_name = {}
    with path.open("rb", buffering=0) as file:
        for member in members:
            digest = hashlib.new(algorithms[member.name])
            for piece in member_chunks(file, path.name, member):
                digest.update(piece)
            digests_by_name[member.name] = digest.digest()
    return digests_by_name


def _stored(file: BinaryIO, packed_bytes: int) -> Iterator[bytes]:
    while packed_bytes:
        piece = file.read(min(CHUNK_BYTES, packed_bytes))
        if not piece:
            raise EOFError
        packed_bytes -= len(piece)
        yield piece


def _inflated(file: BinaryIO, packed_bytes: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(_RAW_DEFLATE)
    packed = _stored(file, packed_bytes)
    waiting = b""
    while not inflate.eof:
        waiting = waiting or next(packed, b"")
        piece = inflate.decompress(waiting, CHUNK_BYTES)
        if not piece and not waiting:
            raise EOFError
        waiting = inflate.unconsumed_tail
        if piece:
            yield piece
    if inflate.unused_data or next(packed, b""):
        raise EOFError
