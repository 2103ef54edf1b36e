"""Tell what git-lfs would make of a checkout: a rehearsal has no server for it."""

from pathlib import Path

from git_commands import list_names
from runner import StandInLimitError, note_difference

_POINTER = b"version https://git-lfs.github.com/spec/"


def compare_lfs(folder: Path, *, wanted: bool) -> None:
    """Say where files of git-lfs are not what they would be on GitHub.

    Raises:
        StandInLimitError: They are wanted, and the project's folder holds pointers in their place.
    """
    paths = _list_lfs_files(folder)
    pointers = [path for path in paths if _is_pointer(folder / path)]
    if wanted and pointers:
        raise StandInLimitError(
            f"{_shorten(pointers)}: a pointer of git-lfs, not the file itself.",
            why="a rehearsal takes the files as they are in the project's folder, where git-lfs "
            "did not download them.",
            fix="run `git lfs pull` in the project, then rehearse it again.",
        )
    contents = [path for path in paths if path not in pointers]
    if contents and not wanted:
        note_difference(
            f"{_shorten(contents)}: on GitHub this checkout has a pointer of git-lfs in place of "
            "the file, unless actions/checkout gets `lfs: true`. The rehearsal has the file."
        )


def _list_lfs_files(folder: Path) -> list[str]:
    """List the files that `.gitattributes` gives to git-lfs."""
    if not list_names(folder, "ls-files", "-z", "--", ".gitattributes", "**/.gitattributes"):
        return []
    names = list_names(folder, "ls-files", "-z")
    listing = "".join(f"{name}\0" for name in names)
    fields = list_names(folder, "check-attr", "-z", "--stdin", "filter", stdin=listing)
    filters = zip(fields[0::3], fields[2::3], strict=False)
    return [path for path, value in filters if value == "lfs" and (folder / path).is_file()]


def _is_pointer(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(_POINTER)) == _POINTER


def _shorten(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
