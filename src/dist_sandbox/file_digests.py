"""Digests of the files that indexes keep: pages and APIs ask for them again and again."""

import hashlib
from functools import lru_cache
from pathlib import Path


def file_digest(path: Path, algorithm: str = "sha256") -> bytes:
    """Return a file's digest, which is made once of a file that stays as it is.

    Args:
        algorithm: As `hashlib.new` takes it.
    """
    stat = path.stat()
    return _digest(path, algorithm, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=10_000)
def _digest(path: Path, algorithm: str, size: int, modified: int) -> bytes:
    del size, modified  # what tells a changed file from the one before
    return hashlib.new(algorithm, path.read_bytes(), usedforsecurity=False).digest()
