"""How much of an archive is read before it is refused; all sizes are in bytes."""

from dist_actions.distributions.checks.errors import hostile

MIB = 1024 * 1024

#: Read and inflated at once.
CHUNK_BYTES = 256 * 1024
#: The largest projects of the public index have some 30,000.
MEMBERS = 100_000
#: What a whole archive may unpack to.
UNPACKED_BYTES = 16 * 1024 * MIB
#: PyPI refuses what unpacks to more than this many times its size, from 64 MiB on.
RATIO = 50
RATIO_FROM_BYTES = 64 * MIB
#: Of METADATA, WHEEL or PKG-INFO; a description can be long, a file of megabytes is none.
METADATA_BYTES = 4 * MIB
#: Of RECORD: 100,000 lines of 300 characters.
RECORD_BYTES = 30 * MIB
#: Of a ZIP's central directory.
DIRECTORY_BYTES = 64 * MIB
#: Of an extended header or long name in a tar.
EXTENSION_BYTES = 64 * 1024


def refuse_bomb(file_name: str, packed_bytes: int, unpacked_bytes: int) -> None:
    """Refuse an archive that unpacks to a multiple of its size that no real one does.

    Raises:
        ReleaseError: It does.
    """
    if unpacked_bytes > UNPACKED_BYTES:
        raise hostile(file_name, f"it unpacks to more than {UNPACKED_BYTES // MIB:,} MiB")
    if unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > RATIO * packed_bytes:
        raise hostile(file_name, f"it unpacks to more than {RATIO} times its size")


def refuse_many(file_name: str, members: int) -> None:
    """Refuse an archive of more members than any real one.

    Raises:
        ReleaseError: It has.
    """
    if members > MEMBERS:
        raise hostile(file_name, f"it has more than {MEMBERS:,} members")
