"""Repacks one sdist.

Members are sorted by name; owners, times and modes are fixed. A hard link becomes the file that it
repeats: whether a backend writes one depends on the file system, and sorted it could come before
its target. Symbolic links stay, since the check before refuses those that lead elsewhere.
"""

import tarfile
import tempfile
from pathlib import Path

from dist_actions.distributions.checks.gzip_stream import inflate
from dist_actions.distributions.checks.limits import CHUNK_BYTES, refuse_bomb
from dist_actions.distributions.checks.sdist import check_sdist
from dist_actions.distributions.normalising.gzip_writer import GzipWriter
from dist_actions.distributions.normalising.replacing import replacing
from dist_actions.distributions.normalising.tar_headers import BLOCK, RECORD, PlainMember, header_of


def normalise_sdist(path: Path, epoch: int) -> None:
    """Repack an sdist in place.

    Args:
        path: A `.tar.gz`.
        epoch: The time of its members, seconds since 1970; before that it is 1970.

    Raises:
        ReleaseError: It is damaged, hostile or holds credentials; it is left as it was.
        BuildError: It is no valid sdist.
    """
    check_sdist(path)
    with tempfile.TemporaryFile() as tar, replacing(path) as file:
        inflate(path, tar)
        with tarfile.open(fileobj=tar, mode="r:", encoding="utf-8", errors="strict") as archive:
            _write(archive, GzipWriter(file), max(epoch, 0), path)


def _write(archive: tarfile.TarFile, writer: GzipWriter, mtime: int, path: Path) -> None:
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
    """Of the content; of a hard link, of the file that it leads to in the end."""
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
