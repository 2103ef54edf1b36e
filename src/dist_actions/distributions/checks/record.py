"""Check a wheel's RECORD: every file with a digest, and nothing else.

Spec: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import base64
import binascii
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dist_actions.distributions.checks.errors import malformed, quoted

#: "sha256 or better"; what a digest of each is long, in bytes.
_DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}


@dataclass(frozen=True)
class RecordEntry:
    """What RECORD says of a file.

    Attributes:
        algorithm: As hashlib names it.
        digest: Raw bytes.
        size_bytes: None where RECORD does not say it.
    """

    algorithm: str
    digest: bytes
    size_bytes: int | None


def parse_record(file_name: str, text: str, unhashed: Iterable[str]) -> dict[str, RecordEntry]:
    """Read the entries of all files but those that cannot be hashed.

    Args:
        unhashed: RECORD itself and its signatures.

    Raises:
        BuildError: A line is not valid, or a file is listed twice.
    """
    entries: dict[str, RecordEntry] = {}
    without_digest = set(unhashed)
    paths: set[str] = set()
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error as error:
        raise malformed(file_name, f"its RECORD is no CSV ({error})") from error
    for row in rows:
        if len(row) != 3:
            raise malformed(file_name, f"a line of its RECORD has {len(row)} fields, not 3")
        path, digest, size = row
        if path in paths:
            raise malformed(file_name, f"its RECORD lists {quoted(path)} twice")
        paths.add(path)
        if path in without_digest:
            if digest:
                raise malformed(file_name, f"its RECORD has a digest of {quoted(path)}")
            continue
        entries[path] = _entry(file_name, path, digest, size)
    return entries


def require_same_members(
    file_name: str, entries: Mapping[str, RecordEntry], sizes: Mapping[str, int]
) -> None:
    """Refuse a wheel whose RECORD lists other files than it holds.

    Args:
        sizes: Of every file in the wheel that must be listed, in bytes.

    Raises:
        BuildError: A file or a line is surplus, or a size differs.
    """
    for name in sorted(sizes.keys() - entries.keys()):
        raise malformed(file_name, f"its RECORD does not list {quoted(name)}")
    for name in sorted(entries.keys() - sizes.keys()):
        raise malformed(file_name, f"its RECORD lists {quoted(name)}, which it does not hold")
    for name, entry in entries.items():
        if entry.size_bytes is not None and entry.size_bytes != sizes[name]:
            raise malformed(
                file_name,
                f"{quoted(name)} has {sizes[name]:,} bytes, and {entry.size_bytes:,} in its RECORD",
            )


def require_same_digests(
    file_name: str, entries: Mapping[str, RecordEntry], digests: Mapping[str, bytes]
) -> None:
    """Refuse a wheel with a file that is not what RECORD says.

    Raises:
        BuildError: One is not.
    """
    for name, entry in entries.items():
        if digests[name] != entry.digest:
            raise malformed(
                file_name, f"the {entry.algorithm} of {quoted(name)} is not the one in its RECORD"
            )


def _entry(file_name: str, path: str, digest_text: str, size: str) -> RecordEntry:
    algorithm, _, encoded = digest_text.partition("=")
    if algorithm not in _DIGEST_BYTES:
        raise malformed(file_name, f"its RECORD has no sha256 of {quoted(path)}, or better")
    try:
        digest = base64.b64decode(
            encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _DIGEST_BYTES[algorithm] or (
        size and not (size.isascii() and size.isdigit())
    ):
        raise malformed(file_name, f"the line of {quoted(path)} in its RECORD is not valid")
    return RecordEntry(algorithm, digest, int(size) if size else None)
