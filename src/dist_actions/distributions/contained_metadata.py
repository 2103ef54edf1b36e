"""Read the metadata inside a wheel or sdist, and nothing else of it."""

import zipfile
import zlib
from pathlib import Path

from dist_actions.distributions.checks import limits
from dist_actions.distributions.checks.gzip_stream import GzipStream
from dist_actions.distributions.checks.tar_members import TarMember, TarReader
from dist_actions.errors import BuildError, ReleaseError

_MISFITS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


def read_contained_metadata(path: Path, file_name: str) -> bytes:
    """Read METADATA of a wheel, or PKG-INFO of an sdist; only these are unpacked.

    Raises:
        ValueError: There is none, or it cannot be read.
    """
    try:
        is_wheel = file_name.endswith(".whl")
        return _read_wheel(path) if is_wheel else _read_sdist(path, file_name)
    except (ReleaseError, BuildError) as error:
        raise ValueError(error.what) from error
    except _MISFITS as error:
        raise ValueError(str(error) or type(error).__name__) from error


def _read_wheel(path: Path) -> bytes:
    with zipfile.ZipFile(path) as wheel:
        names = [
            name
            for name in wheel.namelist()
            if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
        ]
        if len(names) != 1:
            raise ValueError("it has no METADATA, or several")
        with wheel.open(names[0]) as member:
            return _require_short(member.read(limits.METADATA_BYTES + 1))


def _read_sdist(path: Path, file_name: str) -> bytes:
    def wants(member: TarMember) -> bool:
        is_metadata = member.name.count("/") == 1 and member.name.endswith("/PKG-INFO")
        return is_metadata and member.size_bytes <= limits.METADATA_BYTES

    with path.open("rb") as file:
        reader = TarReader(GzipStream(file, file_name, path.stat().st_size), file_name)
        for member, content in reader.members(wants):
            if wants(member):
                return content
    raise ValueError("it has no PKG-INFO")


def _require_short(data: bytes) -> bytes:
    if len(data) > limits.METADATA_BYTES:
        raise ValueError("its METADATA is larger than any real one")
    return data
