"""Write headers of a tar in which nothing varies, byte for byte the same on every Python; pure.

`tarfile` is not used to write, because what it leaves empty or fills with zeros has changed.
Spec: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
"""

from dataclasses import dataclass
from typing import Literal

BLOCK = 512
#: A tar's size is a multiple of this: 20 blocks.
RECORD = 20 * BLOCK

_TYPES = {"file": b"0", "symbolic link": b"2", "folder": b"5"}
_PAX = b"x"
#: What every tool calls the file of an extended header that it does not know.
_PAX_NAME = "././@PaxHeader"
_NAME_BYTES = 100
_FILE_MODE = 0o644
_PROGRAM_MODE = 0o755
_LINK_MODE = 0o777


@dataclass(frozen=True)
class PlainMember:
    """What a repacked tar keeps of a member.

    Attributes:
        name: Its path, without a slash at its end.
        kind: What it is.
        size_bytes: Size of its content.
        target: Where a link leads.
        executable: Whether it is a program.
    """

    name: str
    kind: Literal["file", "folder", "symbolic link"]
    size_bytes: int = 0
    target: str = ""
    executable: bool = False


def header_of(member: PlainMember, mtime: int) -> bytes:
    """Write all blocks that stand before a member's content.

    Args:
        mtime: Its time, seconds since 1970, not negative.
    """
    name = f"{member.name}/" if member.kind == "folder" else member.name
    long = {"path": name, "linkpath": member.target}
    records = b"".join(_pax_record(key, text) for key, text in long.items() if not _fits(text))
    header = _block(
        _TYPES[member.kind],
        name,
        mode=_mode(member),
        size_bytes=member.size_bytes,
        mtime=mtime,
        target=member.target,
    )
    if not records:
        return header
    extended = _block(_PAX, _PAX_NAME, mode=_FILE_MODE, size_bytes=len(records), mtime=mtime)
    return extended + records + bytes(-len(records) % BLOCK) + header


def _mode(member: PlainMember) -> int:
    if member.kind == "symbolic link":
        return _LINK_MODE
    return _PROGRAM_MODE if member.kind == "folder" or member.executable else _FILE_MODE


def _fits(text: str) -> bool:
    return text.isascii() and len(text) <= _NAME_BYTES


def _pax_record(key: str, text: str) -> bytes:
    """Write one line of an extended header; its length counts its own digits."""
    rest = f" {key}={text}\n".encode()
    length = len(rest) + len(str(len(rest)))
    if len(str(length)) > len(str(len(rest))):
        length += 1
    return str(length).encode() + rest


def _block(
    kind: bytes, name: str, *, mode: int, size_bytes: int, mtime: int, target: str = ""
) -> bytes:
    fields = (
        _text(name, _NAME_BYTES),
        _number(mode, 8),
        _number(0, 8),
        _number(0, 8),
        _number(size_bytes, 12),
        _number(mtime, 12),
        b" " * 8,
        kind,
        _text(target, _NAME_BYTES),
        b"ustar\x0000",
        bytes(32 + 32),
        _number(0, 8),
        _number(0, 8),
        bytes(155 + 12),
    )
    block = b"".join(fields)
    checksum = f"{sum(block):06o}\0 ".encode()
    return block[:148] + checksum + block[156:]


def _text(text: str, size_bytes: int) -> bytes:
    """Write a name as far as it fits; where it does not, the extended header holds it."""
    return text.encode("ascii", errors="replace")[:size_bytes].ljust(size_bytes, b"\0")


def _number(value: int, size_bytes: int) -> bytes:
    """Write octal digits; what is too large for them in base 256, as GNU tar began to."""
    digits = f"{value:0{size_bytes - 1}o}"
    if len(digits) < size_bytes:
        return f"{digits}\0".encode()
    return b"\x80" + value.to_bytes(size_bytes - 1, "big")
