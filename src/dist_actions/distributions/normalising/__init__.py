"""Repack distributions, so that equal contents become equal files.

What an archive holds besides names and contents (times, owners, modes, order, the packer's own
fields) is written anew from the contents and one time alone; nothing of the machine, the user or
the Python gets in. What is left is the compressor: equal bytes take the same zlib, see
docs/reproducible-builds.md. Names and contents stay; RECORD alone is put in order.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dist_actions.distributions.normalising.sdists import repack_sdist
from dist_actions.distributions.normalising.wheels import repack_wheel

__all__ = ["normalise", "normalise_file"]


def normalise(folder: Path, epoch: int) -> None:
    """Repack every sdist and wheel of a folder in place; other files are left alone.

    Args:
        folder: A flat folder.
        epoch: The time of every file in them, seconds since 1970.

    Raises:
        ReleaseError: One is damaged, hostile or holds credentials; it is left as it was.
        BuildError: One is no valid sdist or wheel.
    """
    for path in sorted(folder.iterdir()):
        normalise_file(path, epoch)


def normalise_file(path: Path, epoch: int) -> None:
    """Repack one distribution, as `normalise` does for all."""
    if path.name.endswith((".tar.gz", ".whl")):
        repack = repack_wheel if path.suffix == ".whl" else repack_sdist
        with _replacing(path) as file:
            repack(path, file, epoch)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that replaces `path` at the end; where the block fails, `path` stays."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w+b") as file:
            yield file
        shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
