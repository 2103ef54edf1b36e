"""Take distributions together that several jobs built, if they are one set.

Each job leaves an artifact of its own. actions/download-artifact unpacks several into folders of
their names, or all into one folder.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

from dist_actions.abbreviation import LISTED_IN_SENTENCE
from dist_actions.distributions.companions import is_passed_over
from dist_actions.distributions.files import (
    Distribution,
    Kinds,
    no_distribution,
    read_distributions,
    require_one_spelling,
    wheels_first,
)
from dist_actions.errors import ReleaseError


@dataclass(frozen=True)
class BuiltFile:
    """A distribution, and where it lies: its path below the folder of all."""

    place: str
    distribution: Distribution


def find_files(folder: Path) -> tuple[BuiltFile, ...]:
    """Find the distributions in a folder and below it; nothing else may lie there.

    Hidden files, and signatures and attestations beside distributions, are passed over.

    Raises:
        ReleaseError: There is none, or something else lies there.
    """
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or not (path.is_dir() or is_passed_over(path))
    ]
    if not paths:
        raise no_distribution(folder)
    places = (path.relative_to(folder).as_posix() for path in paths)
    return tuple(map(BuiltFile, places, read_distributions(paths, {})))


def require_one_set(files: Sequence[BuiltFile], kinds: Kinds) -> tuple[Distribution, ...]:
    """Refuse files that cannot be the distributions of one release.

    A file that several jobs have, the same bytes under the same name, counts once.

    Args:
        files: Of one project and version.
        kinds: Which must be there.

    Returns:
        The distributions, wheels first.

    Raises:
        ReleaseError: A kind is missing or too many, a name stands for different bytes, or two
            wheels share a tag.
    """
    by_name: dict[str, BuiltFile] = {}
    for file in files:
        other = by_name.setdefault(file.distribution.name, file)
        if other.distribution.sha256 != file.distribution.sha256:
            raise _different_bytes(other, file)
    distributions = wheels_first(file.distribution for file in by_name.values())
    _require_kinds(distributions, kinds)
    require_one_spelling(distributions)
    _require_distinct_tags(distributions)
    return distributions


def lay_flat(files: Iterable[BuiltFile], folder: Path, log: Callable[[str], None]) -> None:
    """Move distributions into the folder itself, and remove the folders below it.

    Args:
        files: All that lie there.
        log: Receives where each came from, unless it stays where it is.
    """
    with tempfile.TemporaryDirectory(prefix=".dist-actions-", dir=folder.parent) as scratch:
        for file in files:
            name = file.distribution.name
            (folder / file.place).replace(Path(scratch, name))
            if file.place != name:
                log(f"{name} is from {file.place.removesuffix(name)}")
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
        for path in Path(scratch).iterdir():
            path.replace(folder / path.name)


def _require_kinds(distributions: Sequence[Distribution], kinds: Kinds) -> None:
    present = {dist.kind for dist in distributions}
    expected = {"sdist", "wheel"} if kinds == "all" else {kinds}
    if missing := sorted(expected - present):
        raise _missing_kind(missing[0], kinds)
    if surplus := [dist.name for dist in distributions if dist.kind not in expected]:
        raise ReleaseError(
            f"{_names(surplus)} came along, though only the {kinds} of this release is meant.",
            why=f"the input distributions is {kinds}.",
            fix="leave the input out to publish sdist and wheels, or download only the artifacts "
            "that are meant.",
            anchor="files-of-several-jobs",
        )


def _require_distinct_tags(distributions: Iterable[Distribution]) -> None:
    """Refuse wheels that an installer of the same platform would have to choose between."""
    names_by_tag: dict[Tag, str] = {}
    for dist in distributions:
        for tag in parse_wheel_filename(dist.name)[3] if dist.kind == "wheel" else ():
            other = names_by_tag.setdefault(tag, dist.name)
            if other != dist.name:
                raise ReleaseError(
                    f"Two wheels are for {tag}: {other} and {dist.name}.",
                    why="two jobs built for the same Python and platform, and installers would "
                    "choose between their files.",
                    fix="build each platform in one job alone, or give the jobs other targets.",
                    anchor="files-of-several-jobs",
                )


def _missing_kind(kind: str, kinds: Kinds) -> ReleaseError:
    fix = (
        f"upload the {kind} of each job as an artifact whose name the pattern of "
        "actions/download-artifact matches"
    )
    if kinds == "all":
        other = "wheel" if kind == "sdist" else "sdist"
        fix += f"; or set distributions to {other} for a project that publishes no {kind}"
    return ReleaseError(
        f"There is no {kind} among the files of this release.",
        why="the job that builds it was skipped, or its artifact was not downloaded into the "
        "folder named by dist.",
        fix=f"{fix}.",
        anchor="files-of-several-jobs",
    )


def _different_bytes(file: BuiltFile, other: BuiltFile) -> ReleaseError:
    return ReleaseError(
        f"{file.distribution.name} is there twice with different bytes: {file.place} has sha256 "
        f"{file.distribution.sha256}, {other.place} has {other.distribution.sha256}.",
        why="two jobs built the same file, and an index takes one of each name.",
        fix="build each file in one job alone.",
        anchor="files-of-several-jobs",
    )


def _names(names: Sequence[str]) -> str:
    more = len(names) - LISTED_IN_SENTENCE
    shown = ", ".join(names[:LISTED_IN_SENTENCE])
    return f"{shown} and {more} more" if more > 0 else shown
