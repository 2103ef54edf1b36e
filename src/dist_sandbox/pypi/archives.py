"""What an index reads in an uploaded archive; what it cannot read, it refuses."""

import tarfile
import zipfile
import zlib
from pathlib import Path

from dist_actions.distributions.pypi_rules.contents import Contents
from dist_sandbox.pypi.answers import refuse

_REQUIRED = ("RECORD", "METADATA")


def read_archive(file: Path, filename: str) -> tuple[bytes, Contents]:
    """Read the core metadata in a wheel, empty for an sdist, and what is judged of either.

    Args:
        file: Where the bytes are, under whichever name.
    """
    try:
        return (
            _read_wheel(file, filename)
            if filename.endswith(".whl")
            else _read_sdist(file, filename)
        )
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError):
        refuse(400, "Invalid distribution file. The archive cannot be read.")


def _read_sdist(file: Path, filename: str) -> tuple[bytes, Contents]:
    with tarfile.open(file, mode="r:gz") as archive:
        members = frozenset(member.name for member in archive)
    roots = {name.partition("/")[0] for name in members}
    if len(roots) != 1:
        refuse(400, "Invalid distribution file. Incorrect number of top-level directories in sdist")
    root = roots.pop()
    if f"{root}/PKG-INFO" not in members:
        refuse(400, f"Invalid distribution file. PKG-INFO not found at {root}/PKG-INFO")
    return b"", Contents(filename, root, members)


def _read_wheel(file: Path, filename: str) -> tuple[bytes, Contents]:
    info = f"{'-'.join(filename.split('-', 2)[:2])}.dist-info"
    with zipfile.ZipFile(file) as archive:
        members = frozenset(archive.namelist())
        if f"{info}/WHEEL" not in members:
            refuse(400, f"Invalid distribution file. WHEEL not found at {info}/WHEEL")
        for name in _REQUIRED:
            if f"{info}/{name}" not in members:
                refuse(
                    400,
                    f"Wheel {filename!r} does not contain the required {name} file: {info}/{name}",
                )
        scripts = f"{info}/entry_points.txt"
        entry_points = archive.read(scripts) if scripts in members else None
        metadata = archive.read(f"{info}/METADATA")
    return metadata, Contents(filename, info, members, entry_points)
