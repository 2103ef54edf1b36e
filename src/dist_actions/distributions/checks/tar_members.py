"""Read the members of a tar, header by header, where every tool reads the same from them.

Stricter than the standard library: what one tool takes for a size or a name and another does
not, is refused. Extended headers, which hold names as long as somebody likes, are bounded.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from dist_actions.distributions.checks import limits
from dist_actions.distributions.checks.errors import damaged, hostile, quoted
from dist_actions.distributions.checks.gzip_stream import GzipStream

_BLOCK = 512
_ZERO = bytes(_BLOCK)
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
#: A base-256 number begins with this byte.
_BINARY = 0x80
_PAX_LENGTH = re.compile(rb"(\d{1,7}) ")

Kind = Literal["file", "folder", "symbolic link", "hard link"]
_KINDS: dict[bytes, Kind] = {
    b"0": "file",
    b"\0": "file",
    b"1": "hard link",
    b"2": "symbolic link",
    b"5": "folder",
}
#: Headers about the next member: its attributes, its long name, its long link.
_ABOUT_NEXT = {b"x": "pax", b"L": "path", b"K": "linkpath"}
_GLOBAL = b"g"
_GLOBAL_HEADERS = 16
#: What only the header of a single file may say.
_OF_ONE = {"path", "linkpath", "size"}


@dataclass(frozen=True)
class TarMember:
    """One member.

    Attributes:
        name: Its path; a folder's without a slash at its end.
        kind: What it is.
        size_bytes: Size of its content.
        target: Where a link leads.
    """

    name: str
    kind: Kind
    size_bytes: int
    target: str = ""


class TarReader:
    """A tar whose members are read in order."""

    def __init__(self, stream: GzipStream, file_name: str) -> None:
        self._stream = stream
        self._file_name = file_name
        self._globals = 0

    def members(
        self, reads_content: Callable[[TarMember], bool]
    ) -> Iterator[tuple[TarMember, bytes]]:
        """Read every member, with the contents that `reads_content` asks for; those must be small.

        Raises:
            ReleaseError: The tar is damaged, ambiguous, or holds what no sdist may hold.
        """
        about: dict[str, str] = {}
        kind = b""
        while (header := self._stream.read(_BLOCK)) != _ZERO:
            if len(header) != _BLOCK:
                raise self._damaged("it is cut off")
            kind = self._checked_kind(header)
            if kind == _GLOBAL:
                self._pass_global(header)
            elif kind in _ABOUT_NEXT:
                self._learn(about, kind, header)
            else:
                member = self._member(header, kind, about)
                about = {}
                yield member, self._content(member, keep=reads_content(member))
        if kind == _GLOBAL or about:  # Python's own reader refuses both
            raise self._damaged("its last header belongs to no file")
        while piece := self._stream.read(limits.CHUNK_BYTES):
            if piece.strip(b"\0"):
                raise self._damaged("data follow the end of the tar")

    def _damaged(self, finding: str) -> Exception:
        return damaged(self._file_name, finding)

    def _checked_kind(self, header: bytes) -> bytes:
        """Return the type of a header, and refuse one whose checksum is wrong."""
        checksum = sum(header) - sum(header[148:156]) + 8 * ord(" ")
        if self._number(header[148:156]) != checksum:
            raise self._damaged("the checksum of a header is wrong")
        return header[156:157]

    def _number(self, field: bytes) -> int:
        if field[0] == _BINARY:
            return int.from_bytes(field[1:], "big")
        octal = _OCTAL.fullmatch(field)
        if octal is None:
            raise self._damaged("a number in a header is not valid")
        return int(octal[1] or b"0", 8)

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", errors="backslashreplace")
            raise self._damaged(f"the name {quoted(text)} is not UTF-8") from None

    def _extension(self, header: bytes) -> bytes:
        """Read what follows a header about other members."""
        size_bytes = self._number(header[124:136])
        if size_bytes > limits.EXTENSION_BYTES:
            raise hostile(self._file_name, "an extended header in it is larger than any real one")
        data = self._stream.read(size_bytes)
        if len(data) != size_bytes:
            raise self._damaged("it is cut off")
        self._stream.skip(-size_bytes % _BLOCK)
        return data

    def _pass_global(self, header: bytes) -> None:
        """Skip a header about all members, which holds a comment at most, such as git's commit."""
        self._globals += 1
        if self._globals > _GLOBAL_HEADERS:
            raise hostile(self._file_name, "it has more global headers than any real tar")
        if _OF_ONE & self._pax(self._extension(header)).keys():
            raise self._damaged("a global header names a file")

    def _learn(self, about: dict[str, str], kind: bytes, header: bytes) -> None:
        """Note what a header says about the next member; saying it twice is refused."""
        data = self._extension(header)
        if kind == b"x":
            learnt = self._pax(data)
            learnt["x"] = ""
        else:
            name, _, behind = data.partition(b"\0")
            if behind.strip(b"\0"):
                raise self._damaged("data follow a long name")
            learnt = {_ABOUT_NEXT[kind]: self._text(name)}
        if learnt.keys() & about.keys():
            raise self._damaged("two headers describe the same file")
        about.update(learnt)

    def _pax(self, data: bytes) -> dict[str, str]:
        """Read the records of an extended header; only names and sizes keep their values."""
        records: dict[str, str] = {}
        while data:
            length = _PAX_LENGTH.match(data)
            end = int(length[1]) if length else 0
            if (
                length is None
                or not length.end() < end <= len(data)
                or data[end - 1 : end] != b"\n"
            ):
                raise self._damaged("an extended header is not valid")
            key, equals, value = data[length.end() : end - 1].partition(b"=")
            name = self._text(key)
            if not equals or name in records:
                raise self._damaged("an extended header is not valid")
            if name.startswith("GNU.sparse"):
                raise hostile(self._file_name, "a file in it is sparse")
            records[name] = self._text(value) if name in _OF_ONE else ""
            data = data[end:]
        return records

    def _member(self, header: bytes, kind: bytes, about: dict[str, str]) -> TarMember:
        name = about.get("path") or self._text(self._short_name(header))
        is_folder = kind == b"\0" and name.endswith("/")
        member_kind = "folder" if is_folder else _KINDS.get(kind)
        if member_kind is None:
            problem = {b"S": "sparse", b"3": "a device", b"4": "a device", b"6": "a pipe"}.get(
                kind, "of an unknown kind"
            )
            raise hostile(self._file_name, f"its member {quoted(name)} is {problem}")
        size_bytes = self._size(header, about)
        if member_kind != "file" and size_bytes:
            raise self._damaged(f"the {member_kind} {quoted(name)} has content")
        target = ""
        if member_kind in {"symbolic link", "hard link"}:
            target = about.get("linkpath") or self._text(header[157:257].partition(b"\0")[0])
        if member_kind == "folder":
            name = name.rstrip("/")
        return TarMember(name, member_kind, size_bytes, target)

    def _size(self, header: bytes, about: dict[str, str]) -> int:
        """Return the size of a member; refuse two sizes, which tools read differently."""
        short = self._number(header[124:136])
        extended = about.get("size")
        if extended is None:
            return short
        if not (extended.isascii() and extended.isdigit()) or int(extended) != short:
            raise self._damaged("a file has two sizes")
        return short

    def _short_name(self, header: bytes) -> bytes:
        name = header[0:100].partition(b"\0")[0]
        prefix = header[345:500].partition(b"\0")[0]
        if not prefix:
            return name
        if header[257:263] != b"ustar\0":
            raise self._damaged(f"tools differ on the name {quoted(self._text(name))}")
        return prefix + b"/" + name

    def _content(self, member: TarMember, *, keep: bool) -> bytes:
        content = self._stream.read(member.size_bytes) if keep else b""
        if keep and len(content) != member.size_bytes:
            raise self._damaged("it is cut off")
        self._stream.skip(member.size_bytes - len(content) + -member.size_bytes % _BLOCK)
        return content
