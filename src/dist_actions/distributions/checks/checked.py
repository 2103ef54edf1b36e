"""What remains of an archive after its check."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckedArchive:
    """A sound wheel or sdist.

    Attributes:
        metadata: Its METADATA or PKG-INFO.
        warnings: What should be annotated, a sentence each.
    """

    metadata: bytes
    warnings: tuple[str, ...] = ()
