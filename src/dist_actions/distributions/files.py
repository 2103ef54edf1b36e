"""Distributions in a folder: what they are, by their names, and their digests."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Literal

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from dist_actions.distributions.companions import is_distribution_name, is_passed_over
from dist_actions.errors import ReleaseError

#: Which distributions of a release are meant: sdist and wheels, or one kind alone.
Kinds = Literal["all", "sdist", "wheel"]
KINDS: tuple[Kinds, ...] = ("all", "sdist", "wheel")

_CHUNK_BYTES = 1024 * 1024
#: As many as GitHub's runners have cores.
_THREADS = 4
#: Entries of a folder that are looked at to find out whether distributions lie in it.
_LOOKED_AT = 1000


@dataclass(frozen=True)
class Distribution:
    """One sdist or wheel file.

    Attributes:
        name: Its file name.
        kind: Which of the two it is.
        project: Normalised project name in its file name.
        version: Version in its file name.
        size_bytes: Its size.
        sha256: Digest of its bytes, 64 hex digits.
    """

    name: str
    kind: Literal["sdist", "wheel"]
    project: NormalizedName
    version: Version
    size_bytes: int
    sha256: str


def scan_folder(
    folder: Path, *, besides: Iterable[str] = (), digests: Mapping[str, str] | None = None
) -> tuple[Distribution, ...]:
    """List the distributions of a flat folder, wheels first, then by name.

    Hidden files, and signatures and attestations beside distributions, are passed over.

    Args:
        besides: File names that may lie there and are no distributions.
        digests: sha256 by name, of files that this job hashed before.

    Raises:
        ReleaseError: There is none, or something else lies there, or two sdists of one release.
    """
    ignored = set(besides)
    if not folder.is_dir():
        raise no_distribution(folder)
    paths = [path for path in sorted(folder.iterdir()) if path.name not in ignored]
    _refuse_nested(paths)
    files = [path for path in paths if not is_passed_over(path)]
    distributions = read_distributions(files, digests or {})
    if not distributions:
        raise no_distribution(folder)
    require_one_spelling(distributions)
    return wheels_first(distributions)


def wheels_first(distributions: Iterable[Distribution]) -> tuple[Distribution, ...]:
    """Order distributions as manifests list them."""
    return tuple(sorted(distributions, key=lambda dist: (dist.kind != "wheel", dist.name)))


def require_same_release(
    distributions: Iterable[Distribution], project: NormalizedName, version: Version
) -> None:
    """Refuse files of another project or version.

    Raises:
        ReleaseError: One is.
    """
    for dist in distributions:
        if (dist.project, dist.version) != (project, version):
            raise ReleaseError(
                f"{dist.name} is {dist.project} {dist.version}, not {project} {version}.",
                why="the folder holds files of an earlier build, or the build made another "
                "version than the tag says.",
                fix="empty the folder before the build, and compare the version with the tag.",
                anchor="distributions",
            )


def sha256_of(path: Path) -> str:
    """Compute the digest of a file, 64 hex digits."""
    with path.open("rb") as file:
        return digest_of(file)


def digest_of(file: IO[bytes]) -> str:
    """Compute the SHA-256 of what is left to read of a file, 64 hex digits."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def read_distributions(
    paths: Sequence[Path], digests: Mapping[str, str]
) -> tuple[Distribution, ...]:
    """Tell what files are by their names, and compute digests that are not given by name.

    Raises:
        ReleaseError: One is no sdist and no wheel.
    """
    with ThreadPoolExecutor(_THREADS) as pool:  # hashlib works without the interpreter's lock
        return tuple(pool.map(lambda path: _read(path, digests.get(path.name, "")), paths))


def _read(path: Path, sha256: str) -> Distribution:
    if path.is_symlink() or not path.is_file():
        raise _foreign(path)
    try:
        if path.name.endswith(".whl"):
            project, version, _, _ = parse_wheel_filename(path.name)
            kind: Literal["sdist", "wheel"] = "wheel"
        else:
            project, version = parse_sdist_filename(path.name)
            kind = "sdist"
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise _foreign(path) from error
    size_bytes, sha256 = path.stat().st_size, sha256 or sha256_of(path)
    return Distribution(path.name, kind, project, version, size_bytes, sha256)


def require_one_spelling(distributions: Iterable[Distribution]) -> None:
    """Refuse two sdists of one release, or two equal wheels, which are spelled differently.

    Raises:
        ReleaseError: There are two.
    """
    names_by_kind: dict[object, list[str]] = {}
    for dist in distributions:
        wheel = parse_wheel_filename(dist.name)[2:] if dist.kind == "wheel" else ()
        kind = (dist.kind, dist.project, dist.version, *wheel)
        names_by_kind.setdefault(kind, []).append(dist.name)
    for names in names_by_kind.values():
        if len(names) == 1:
            continue
        kind_of_all = "wheels of one kind" if names[0].endswith(".whl") else "sdists"
        raise ReleaseError(
            f"There are {len(names)} {kind_of_all}: {', '.join(names[:5])}.",
            why="a release has one at most, and installers would choose between them; the folder "
            "holds files of an earlier build, or a tool wrote one under another spelling.",
            fix="empty the folder before the build, and keep the file that the build backend "
            "wrote.",
            anchor="distributions",
        )


def _refuse_nested(paths: Iterable[Path]) -> None:
    """Refuse folders in which distributions lie, as downloads of several artifacts make them."""
    nested = [path for path in paths if _holds_distributions(path)]
    if not nested:
        return
    names = ", ".join(repr(path.name) for path in nested[:5])
    folder = nested[0].parent.name
    raise ReleaseError(
        f"Distributions lie in folders of {folder}: {names}.",
        why=f"only what lies in {folder} itself is published. actions/download-artifact makes a "
        "folder of each artifact unless it merges them.",
        fix="take them together with the phase collect of release; or set `merge-multiple: true` "
        "on actions/download-artifact, or give such a folder as the input dist.",
        anchor="distributions",
    )


def _holds_distributions(path: Path) -> bool:
    if path.is_symlink() or not path.is_dir():
        return False
    inside = islice(path.rglob("*"), _LOOKED_AT)
    return any(is_distribution_name(other.name) for other in inside)


def no_distribution(folder: Path) -> ReleaseError:
    """Say that a folder holds nothing to publish."""
    return ReleaseError(
        f"There is no distribution in {folder.name}.",
        why="nothing was built, or the artifact was downloaded to another folder.",
        fix="build first, and give the folder of the files as the input dist.",
        anchor="distributions",
    )


def _foreign(path: Path) -> ReleaseError:
    return ReleaseError(
        f"{path.name!r} in {path.parent.name} is no sdist and no wheel.",
        why="everything in that folder is published, so nothing else may lie there.",
        fix="remove it, or build into an empty folder.",
        anchor="distributions",
    )
