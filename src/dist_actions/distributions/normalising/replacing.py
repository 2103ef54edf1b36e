"""A file that is written anew takes the old one's place when it is whole, or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that replaces `path` at the end; where the block fails, `path` stays."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w+b") as file:
            yield file
        shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
