"""Copy a project's submodules, so that a checkout in a rehearsal can have their files."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dist_actions.services.git.checkout import Git
from dist_sandbox.folder_files import copy_files, leads_out
from dist_sandbox.rehearse.project.clone import GitClone

_SUBMODULE_MODE = "160000"


@dataclass(frozen=True)
class CopiedSubmodules:
    """The submodules of a copied project.

    Attributes:
        absent: Commit of each one whose folder holds no files, by path.
        objects: Folders of git objects that hold the files of the others.
    """

    absent: dict[str, str]
    objects: tuple[Path, ...] = ()


def copy_submodules(project: Path, target: Path) -> CopiedSubmodules:
    """Copy the files of each submodule, and make a commit of them that the copy can refer to.

    Args:
        project: The project's folder, which is left as it is.
        target: The copy of its own files.
    """
    absent, objects = dict[str, str](), list[Path]()
    for path, commit in _list_submodules(project):
        folder = target / path
        if leads_out(target, f"{path}/file") or folder.is_file():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        files = _list_files(project / path)
        if not files or leads_out(project, f"{path}/file"):
            absent[path] = commit
            continue
        copy_files(files, project / path, folder)
        below = copy_submodules(project / path, folder)
        clone = GitClone(folder)
        clone.run("init", "--quiet", "--initial-branch=main", ".")
        clone.commit_all("chore: files of the submodule", below.absent)
        objects += [folder / ".git" / "objects", *below.objects]
    return CopiedSubmodules(absent, tuple(objects))


def _list_submodules(folder: Path) -> Iterator[tuple[str, str]]:
    """List path and commit of each submodule of a repository's root."""
    if not (folder / ".git").exists():
        return
    for entry in Git.asking(folder, os.environ).list_paths("ls-files", "-z", "--stage") or ():
        facts, _, path = entry.partition("\t")
        mode, commit, _ = facts.split(" ")
        if mode == _SUBMODULE_MODE:
            yield path, commit


def _list_files(submodule: Path) -> list[str]:
    """List the files that a submodule's own repository knows or would add; none without one."""
    if not (submodule / ".git").exists():
        return []
    listing = ("ls-files", "-z", "-co", "--exclude-standard", "--", ".")
    return Git.asking(submodule, os.environ).list_paths(*listing) or []
