"""Copy files out of a folder that somebody else filled: nothing outside is read or written.

A crafted index lists files behind a symbolic link, in `.git`, or outside of the work tree.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path


def copy_files(names: Iterable[str | Path], source: Path, target: Path) -> None:
    """Copy files and symbolic links; skip what is neither, and what leads out of a folder.

    As for git, a file behind a symbolic link is not there.

    Args:
        names: Paths in the folder `source`.
    """
    for name in names:
        if is_own_file(source, name) and not leads_out(target, name):
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(copy):  # git lists a file with conflicts several times
                shutil.copy2(source / name, copy, follow_symlinks=False)


def is_own_file(folder: Path, name: str | Path) -> bool:
    """Tell whether a folder itself holds a file or symbolic link at this path."""
    return not leads_out(folder, name) and _can_be_copied(folder / name)


def select_special_files(folder: str, names: Iterable[str]) -> set[str]:
    """Select what cannot be copied, such as pipes and sockets, for `shutil.copytree`."""
    paths = {name: Path(folder, name) for name in names}
    return {name for name, path in paths.items() if not (_can_be_copied(path) or path.is_dir())}


def leads_out(folder: Path, name: str | Path) -> bool:
    """Tell whether a path leaves a folder, lies in `.git`, or is behind a symbolic link."""
    path = Path(name)
    if path.is_absolute() or any(part == ".." or part.lower() == ".git" for part in path.parts):
        return True
    return any(os.path.islink(folder / parent) for parent in path.parents if parent.name)


def _can_be_copied(path: Path) -> bool:
    # Those of `os.path` are False for names that are too long, where those of `Path` raise.
    return os.path.islink(path) or os.path.isfile(path)
