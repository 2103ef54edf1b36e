"""What a repository holds before anybody works with it."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from dist_actions.services.git.checkout import Git
from dist_sandbox.errors import ProjectError
from dist_sandbox.folder_files import copy_files, is_own_file
from dist_sandbox.github.git.bare_repository import ZERO, BareRepository
from dist_sandbox.github.git.objects import account_signature, write_commit
from dist_sandbox.github.state import Repository


def seed_readme(repository: Repository, branches: Iterable[str]) -> None:
    """Start the default branch and others at one commit with a README, unless there are any."""
    if next(repository.git.refs("refs/heads/"), None) is not None:
        return
    with tempfile.TemporaryDirectory() as folder:
        readme = Path(folder) / "README.md"
        readme.write_text(f"# {repository.name}\n", encoding="utf-8")
        commit = commit_folder(repository, Path(folder), "Initial commit")
    for branch in {repository.default_branch, *branches}:
        repository.git.update_ref(f"refs/heads/{branch}", commit, old=ZERO)


def seed_project(repository: Repository, project: Path, branch: str) -> None:
    """Put a project's files on a branch as one commit by the developer; no event is emitted.

    Raises:
        ProjectError: There is no such folder, or it holds no file.
    """
    if not project.is_dir():
        raise ProjectError.not_a_folder(project)
    files = list_project_files(project)
    if not files:
        raise ProjectError.empty(project)
    git = repository.git
    with tempfile.TemporaryDirectory() as folder:
        copy_files(files, project, Path(folder))
        parent = git.git("rev-parse", f"refs/heads/{branch}")
        commit = commit_folder(repository, Path(folder), f"Add {project.name}", parent=parent)
    if git.git("rev-parse", f"{commit}^{{tree}}") != git.git("rev-parse", f"{parent}^{{tree}}"):
        git.update_ref(f"refs/heads/{branch}", commit)


def seed_history(
    repository: Repository, commit: str, tags: Mapping[str, str], objects: Iterable[Path]
) -> None:
    """Start all branches at a commit of another repository, with tags; no event is emitted.

    Args:
        commit: Where the branches start; empty where they stay.
        tags: Object of each tag.
        objects: Folders of git objects that hold them.
    """
    git = repository.git
    git.borrow_objects(objects)
    names = [*git.refs("refs/heads/")] if commit else []
    updates = {ref.name: commit for ref in names}
    updates |= {f"refs/tags/{tag}": sha for tag, sha in tags.items()}
    commands = "".join(f"update {name}\0{sha}\0\0" for name, sha in updates.items())
    git.git("update-ref", "--stdin", "-z", stdin=commands.encode("utf-8", "surrogateescape"))


def commit_folder(
    repository: Repository, folder: Path, message: str, parent: str | None = None
) -> str:
    """Commit everything in a folder as the developer, without moving a ref."""
    git, github = repository.git, repository.github
    developer = github.users[0].account
    author = account_signature(developer, github.clock.now())
    return write_commit(
        git,
        tree=_write_tree(git, folder),
        parents=[] if parent is None else [parent],
        author=author,
        committer=author,
        message=message,
    )


def list_project_files(project: Path) -> list[Path]:
    """List the project's files: what git tracks in a checkout, else all but `.git`."""
    tracked = _tracked_files(project)
    if tracked is not None:
        return tracked
    return sorted(
        path.relative_to(project)
        for path in project.rglob("*")
        if is_own_file(project, path.relative_to(project))
    )


def _tracked_files(project: Path) -> list[Path] | None:
    """List what git tracks below the folder; None where that is no checkout or tracks nothing."""
    names = Git.asking(project, os.environ).list_paths("ls-files", "-z") or []
    return sorted(Path(name) for name in names if is_own_file(project, name)) or None


def _write_tree(git: BareRepository, folder: Path) -> str:
    """Store a folder's files as a tree, those that its `.gitignore` names too."""
    with tempfile.TemporaryDirectory() as scratch:
        env = {"GIT_INDEX_FILE": str(Path(scratch) / "index"), "GIT_WORK_TREE": str(folder)}
        git.git("add", "--all", "--force", "--", ".", env=env, folder=folder)
        return git.git("write-tree", env=env)
