"""Repack one wheel.

Members are sorted by name, `.dist-info` last and RECORD at the very end, as the standard
recommends; times, modes and the ZIP's own fields are fixed. RECORD says the same in the order of
the members, since backends list files as the file system hands them out; signed it is left alone.

Spec: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import csv
import io
import stat
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from dist_actions.distributions.checks.limits import CHUNK_BYTES
from dist_actions.distributions.checks.wheel import check_wheel
from dist_actions.distributions.checks.zip_contents import member_chunks
from dist_actions.distributions.checks.zip_directory import ZipDirectory, ZipMember

#: The first and the last time that a ZIP can hold, in steps of two seconds.
_FIRST = int(datetime(1980, 1, 1, tzinfo=timezone.utc).timestamp())
_LAST = int(datetime(2107, 12, 31, 23, 59, 58, tzinfo=timezone.utc).timestamp())
_UNIX = 3
#: MS-DOS's mark of a folder.
_DOS_FOLDER = 0x10
#: What `zipfile` and most backends take for wheels, so that these become no larger.
_LEVEL = 6
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")


def repack_wheel(path: Path, target: BinaryIO, epoch: int) -> None:
    """Write a wheel anew.

    Args:
        path: A `.whl`.
        epoch: The time of its members, seconds since 1970; before 1980 it is 1980.

    Raises:
        ReleaseError: It is damaged, hostile or holds credentials.
        BuildError: It is no valid wheel.
    """
    check_wheel(path)
    with path.open("rb") as wheel:
        members = ZipDirectory(wheel, path.name, path.stat().st_size).members()
        _Repacking(wheel, path.name, members).write(target, epoch)


class _Repacking:
    """One wheel that is written anew."""

    def __init__(self, wheel: BinaryIO, file_name: str, members: Sequence[ZipMember]) -> None:
        self._wheel = wheel
        self._file_name = file_name
        self._info = next(
            member.name.rpartition("/")[0]
            for member in members
            if member.name.endswith(".dist-info/RECORD") and member.name.count("/") == 1
        )
        self._members = sorted(members, key=self._place)

    def write(self, target: BinaryIO, epoch: int) -> None:
        """Write all members into a new file."""
        time = datetime.fromtimestamp(min(max(epoch, _FIRST), _LAST), tz=timezone.utc)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in self._members:
                info = _plain(member, time)
                with archive.open(info, "w", force_zip64=_is_huge(member)) as content:
                    for piece in _even(self._content(member)):
                        content.write(piece)

    def _place(self, member: ZipMember) -> tuple[bool, bool, str]:
        below_info = member.name.startswith(f"{self._info}/")
        return below_info, member.name == f"{self._info}/RECORD", member.name

    def _content(self, member: ZipMember) -> Iterator[bytes]:
        pieces = member_chunks(self._wheel, self._file_name, member)
        if member.name == f"{self._info}/RECORD" and not self._is_signed():
            return iter([self._sorted_record(b"".join(pieces).decode("utf-8")).encode()])
        return pieces

    def _is_signed(self) -> bool:
        signatures = {f"{self._info}/{name}" for name in _SIGNATURES}
        return any(member.name in signatures for member in self._members)

    def _sorted_record(self, text: str) -> str:
        """Put the lines of RECORD into the order of the members; each stays as it is."""
        places = {member.name: place for place, member in enumerate(self._members)}
        rows: list[list[str]] = [row for row in csv.reader(io.StringIO(text)) if row]
        rows.sort(key=lambda row: (places.get(row[0], -1), row))
        sorted_text = io.StringIO()
        writer = csv.writer(sorted_text, lineterminator="\n")
        writer.writerows(rows)
        return sorted_text.getvalue()


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Cut bytes into pieces of one size: how they were packed before must not show."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
    yield bytes(waiting)


def _plain(member: ZipMember, time: datetime) -> zipfile.ZipInfo:
    """Make a member's new header: its name, whether it is a program or a folder, and the time."""
    info = zipfile.ZipInfo(member.name, time.timetuple()[:6])
    info.create_system = _UNIX
    if member.is_folder:
        info.external_attr = (stat.S_IFDIR | 0o755) << 16 | _DOS_FOLDER
        info.compress_type = zipfile.ZIP_STORED
        return info
    mode = 0o755 if member.mode & 0o111 else 0o644
    info.external_attr = (stat.S_IFREG | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    _set_level(info)
    return info


def _set_level(info: zipfile.ZipInfo) -> None:
    """Fix the level, for which `ZipFile.open` has no argument; Python 3.13 renamed the field."""
    name = "compress_level" if hasattr(info, "compress_level") else "_compresslevel"
    setattr(info, name, _LEVEL)


def _is_huge(member: ZipMember) -> bool:
    """Tell whether its size may not fit into 32 bits, deflated or not."""
    return member.size_bytes >= zipfile.ZIP64_LIMIT // 2
