"""Compare what a build packed with the commit: what it left out, and what it added."""

import tarfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from dist_actions.abbreviation import LISTED_IN_SECTION
from dist_actions.distributions.files import Distribution
from dist_actions.errors import ReleaseError
from dist_actions.markdown import code

#: Spec: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LFS_POINTER_BYTES = 1024
#: Tables of backends below `tool`, whose keys say what is not packed.
_BACKENDS = ("flit", "hatch", "maturin", "pdm", "poetry", "scikit-build", "setuptools", "uv")
_EXCLUDING_COMMANDS = ("exclude", "global-exclude", "recursive-exclude", "prune")


@dataclass(frozen=True)
class Content:
    """What tells the content of a file from others."""

    size_bytes: int
    crc32: int


@dataclass(frozen=True)
class CommittedFiles:
    """The files of a package's folder in a commit, as they were before anything was built.

    Attributes:
        contents: By path below the folder.
        lfs_pointers: Paths of files whose content git-lfs keeps elsewhere.
        exclusions: Patterns of what the project does not want packed.
    """

    contents: Mapping[str, Content]
    lfs_pointers: frozenset[str]
    exclusions: tuple[str, ...]

    def is_excluded(self, path: str) -> bool:
        """Tell whether the project itself says that a file is not packed."""
        pure = PurePosixPath(path)
        places = [str(place) for place in (pure, *pure.parents[:-1])]
        names = [*places, *pure.parts, *(place.replace("/", ".") for place in places)]
        return any(fnmatchcase(name, pattern) for pattern in self.exclusions for name in names)


@dataclass(frozen=True)
class Packing:
    """How the files of a release differ from the commit.

    Attributes:
        left_out: Files of the packages' folders that the sdist lacks, though nothing excludes them.
        generated: Files of a wheel that the commit does not hold.
        lfs_pointers: Files that were packed without their content.
    """

    left_out: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()
    lfs_pointers: tuple[str, ...] = ()

    def describe(self) -> str:
        """Write for the summary what differs, Markdown; empty where nothing does."""
        parts = (
            ("⚠️ In the commit, but not in the sdist, though nothing excludes it", self.left_out),
            ("Made by the build, not in the commit", self.generated),
        )
        return "".join(f"- {title}: {_listed(paths)}\n" for title, paths in parts if paths)


def read_committed_files(folder: Path, pyproject: Mapping[str, Any]) -> CommittedFiles:
    """Read a package's folder before it is built.

    Raises:
        OSError: A file cannot be read.
    """
    contents, pointers = {}, set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and name.partition("/")[0] != ".git":
            data = path.read_bytes()
            contents[name] = Content(len(data), zlib.crc32(data))
            if len(data) <= _LFS_POINTER_BYTES and data.startswith(_LFS_POINTER):
                pointers.add(name)
    manifest = folder / "MANIFEST.in"
    text = manifest.read_text(encoding="utf-8", errors="replace") if manifest.is_file() else ""
    return CommittedFiles(contents, frozenset(pointers), find_exclusions(pyproject, text))


def read_packing(
    committed: CommittedFiles, folder: Path, distributions: Sequence[Distribution]
) -> Packing:
    """Compare distributions that were checked with the commit.

    Args:
        folder: Where they lie.
    """
    sdist: set[str] = set()
    wheel: dict[str, Content] = {}
    for distribution in distributions:
        if distribution.kind == "wheel":
            wheel.update(_wheel_contents(folder / distribution.name))
        else:
            with tarfile.open(folder / distribution.name) as archive:
                sdist.update(name.partition("/")[2] for name in archive.getnames())
    return compare_with_commit(committed, frozenset(sdist), wheel)


def compare_with_commit(
    committed: CommittedFiles, sdist: frozenset[str], wheel: Mapping[str, Content]
) -> Packing:
    """Compare the paths in a sdist, below its folder, and those in a wheel with the commit."""
    sources = _find_sources(committed, wheel)
    folders = {
        f"{source.removesuffix(path)}{path.partition('/')[0]}/"
        for path, source in sources.items()
        if "/" in path and source.endswith(path)
    }
    left_out = (
        path
        for path in committed.contents
        if path.startswith(tuple(folders)) and path not in sdist and not committed.is_excluded(path)
    )
    packed = sdist | set(sources.values())
    return Packing(
        tuple(sorted(left_out)),
        tuple(sorted(set(wheel) - set(sources))),
        tuple(sorted(committed.lfs_pointers & packed)),
    )


def find_exclusions(pyproject: Mapping[str, Any], manifest_in: str) -> tuple[str, ...]:
    """Collect the patterns by which a project says what is not packed.

    Args:
        manifest_in: Text of setuptools' `MANIFEST.in`.

    Spec: https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html
    """
    tools = pyproject.get("tool", {})
    patterns = [
        pattern
        for backend in _BACKENDS
        if isinstance(tools, Mapping)
        for pattern in _excluding_texts(tools.get(backend), excludes=False)
    ]
    for line in manifest_in.splitlines():
        command, *words = line.split() or [""]
        if command in _EXCLUDING_COMMANDS:
            patterns += _expanded(command, words)
    return tuple(pattern.strip("/").removesuffix("/**") for pattern in patterns)


def require_contents(packing: Packing) -> None:
    """Refuse files that are pointers of git-lfs.

    Raises:
        ReleaseError: At least one is.
    """
    if packing.lfs_pointers:
        raise ReleaseError(
            f"The content of {', '.join(packing.lfs_pointers[:3])} is missing: what was packed is "
            "a pointer of git-lfs.",
            why="git-lfs keeps it outside the repository, and the checkout did not get it.",
            fix="give actions/checkout `lfs: true` in the job that builds.",
            anchor="incomplete-checkout",
        )


def _find_sources(committed: CommittedFiles, wheel: Mapping[str, Content]) -> dict[str, str]:
    """Find for a wheel's files those of the commit: the same path at its end, or the same bytes."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in sorted(committed.contents, key=len):
        by_name[PurePosixPath(path).name].append(path)
    sources = {}
    for path, content in wheel.items():
        candidates = by_name[PurePosixPath(path).name]
        fitting = (
            candidate
            for candidate in candidates
            if f"/{candidate}".endswith(f"/{path}") or committed.contents[candidate] == content
        )
        if source := next(fitting, None):
            sources[path] = source
    return sources


def _wheel_contents(wheel: Path) -> Iterator[tuple[str, Content]]:
    """Yield what a wheel installs as modules and their data."""
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            top = info.filename.partition("/")[0]
            if not info.is_dir() and not top.endswith((".dist-info", ".data")):
                yield info.filename, Content(info.file_size, info.CRC)


def _excluding_texts(value: object, *, excludes: bool) -> Iterator[str]:
    """Yield the texts below keys that are about exclusion."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _excluding_texts(below, excludes=excludes or "exclude" in str(key))
    elif isinstance(value, list):
        for below in value:
            yield from _excluding_texts(below, excludes=excludes)
    elif isinstance(value, str) and excludes:
        yield value


def _expanded(command: str, words: Sequence[str]) -> Iterator[str]:
    if command == "recursive-exclude":
        yield from (f"{words[0].rstrip('/')}/*{pattern}" for pattern in words[1:])
    else:
        yield from words


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - LISTED_IN_SECTION
    names = ", ".join(code(path) for path in paths[:LISTED_IN_SECTION])
    return f"{names} and {more} more" if more > 0 else names
