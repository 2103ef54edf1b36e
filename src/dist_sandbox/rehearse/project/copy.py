"""Copy the project for a rehearsal, so that nothing is ever written into the user's."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dist_actions.commands.init.changes import Change
from dist_actions.commands.init.command import look_at
from dist_actions.commands.init.repository import uses_dist_actions
from dist_actions.commands.init.setup import decide
from dist_actions.commands.init.starters import ARTIFACT_REGISTRY, read_starters
from dist_actions.commands.init.writing import plan_changes, write_changes
from dist_actions.errors import DistActionsError
from dist_actions.pipeline.settings import SETTINGS_FILE
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.versions import find_name
from dist_actions.versions.project_files import ProjectFiles, VersionSource, normalised
from dist_actions.versions.reading import find_version
from dist_sandbox.folder_files import copy_files, select_special_files
from dist_sandbox.rehearse.errors import UsageError, split_message
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.history import ProjectHistory
from dist_sandbox.rehearse.project.submodules import CopiedSubmodules
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.workflows.files import WORKFLOW_FOLDER, is_workflow_path

_PACKAGE_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
#: One of these is in every project; a repository of several packages has settings.
_PROJECT_FILES = (*_PACKAGE_FILES, SETTINGS_FILE)
#: Folders whose projects are not published.
_NO_PROJECTS = frozenset({"test", "tests", "testing", "docs", "doc", "examples", "example", "ci"})
#: What a folder that is no git repository is copied without.
_LEFT_OUT = shutil.ignore_patterns(
    # Whoever unpacks a source distribution has what its build wrote, which no commit holds.
    "PKG-INFO", "*.egg-info",
    ".git", ".hg", ".venv", "venv", ".env", ".tox", ".nox", "__pycache__", "*.pyc", "node_modules",
    "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".DS_Store",
)  # fmt: skip


@dataclass(frozen=True)
class ProjectCopy:
    """The copy of a project that a rehearsal works on.

    Attributes:
        folder: Where it is.
        submodules: Its submodules.
        history: The commits and tags of the project that it keeps.
        kept_workflows: Paths of workflows that stand beside the starters of `--init`.
        set_up: The files that `--init` wrote.
    """

    folder: Path
    submodules: CopiedSubmodules
    history: ProjectHistory
    kept_workflows: tuple[str, ...] = ()
    set_up: tuple[Change, ...] = ()

    @property
    def borrowed_objects(self) -> tuple[Path, ...]:
        """List the folders of git objects that the rehearsal's repositories need, too."""
        own = (self.history.objects,) if self.history.commit and self.history.objects else ()
        return (*own, *self.submodules.objects)

    def undo_set_up(self) -> None:
        """Leave the copy as it is before somebody runs `dist-actions init` in it."""
        for change in self.set_up:
            path = self.folder / change.path
            if change.existing is None:
                path.unlink()
            else:
                path.write_text(change.existing, encoding="utf-8", newline="")


def require_folder(project: Path) -> None:
    """Refuse a path that is no folder.

    Raises:
        UsageError: There is no such folder.
    """
    if not project.is_dir():
        raise UsageError(
            f"The project {project} is not a folder.",
            why="a rehearsal works on a copy of a Python project's folder.",
            fix="name the folder that holds the project's pyproject.toml.",
        )


def copy_project(project: Path, target: Path) -> None:
    """Copy a project's files: of a git repository those that git knows or would add."""
    files = _files_known_to_git(project)
    if files is None:
        shutil.copytree(project, target, symlinks=True, ignore=_left_out, dirs_exist_ok=True)
    else:
        copy_files(files, project, target)


def require_project(copy: Path, project: Path) -> None:
    """Refuse a folder that holds no Python project.

    Args:
        project: The folder that was copied, for the message.

    Raises:
        UsageError: It holds none.
    """
    if not any((copy / name).is_file() for name in _PROJECT_FILES):
        raise _no_project(project, copy)


def _no_project(project: Path, target: Path) -> UsageError:
    """Refuse a folder whose root holds no project, and name those below it."""
    folders = sorted(
        {
            file.parent.relative_to(target).as_posix()
            for name in _PACKAGE_FILES
            for pattern in (f"*/{name}", f"*/*/{name}")
            for file in target.glob(pattern)
            if not any(part.startswith(".") for part in file.relative_to(target).parts)
        }
    )
    what = f"{project} holds no Python project in its root."
    if not folders:
        return UsageError(
            what,
            why="there is neither a pyproject.toml nor a setup.py or setup.cfg in it.",
            fix="name the folder that holds the project's pyproject.toml.",
        )
    if len(folders) == 1:
        return UsageError(
            what,
            why=f"the project is in {folders[0]}.",
            fix="add --init, or let `dist-actions init` write workflows for that folder.",
        )
    return UsageError(
        what,
        why=f"there are several below it: {', '.join(folders)}.",
        fix="add --init, or let `dist-actions init` take the starter of several packages, "
        f"examples/monorepo: {SETTINGS_FILE} names the folder of each.",
    )


def choose_starter(project: Path) -> str:
    """Choose the starter of a rehearsal, where the files would choose it for PyPI.

    PyPI may have the version already, of other bytes, which nobody can release again there: with
    the workflows for Artifact Registry it can be rehearsed.

    Returns:
        Empty where the files choose another one, or the workflows that are there.

    Raises:
        InputError: The project cannot be set up.
    """
    repository = look_at(project)
    has_ours = any(map(uses_dist_actions, repository.workflows.values()))
    sign = repository.index
    return ARTIFACT_REGISTRY if sign and sign.index == "PyPI" and not has_ours else ""


def set_up(
    target: Path, project: Path, examples: Path, *, starter: str = "", docker: bool
) -> tuple[list[str], tuple[Change, ...]]:
    """Set the copy of a project up as `dist-actions init` would set up the project.

    With Docker the project is published with the root action. The starter is one that a person
    would choose, if there is a name.

    Returns:
        The paths of the workflows that are not the starters, and the files that were written.

    Raises:
        InputError: The project cannot be set up, or its folder of workflows is a symbolic link.
    """
    starters, repository = dict(read_starters(examples)), look_at(project)
    setup = decide(repository, starters, starter)
    changes = plan_changes(target, setup)
    if docker:
        # What somebody changed stays; what is as `init` writes it gives way.
        for change in changes:
            if change.state == "same" and change.path in workflow_files(target):
                (target / change.path).unlink()
        release = (examples / "release-docker.yml").read_text(encoding="utf-8")
        starters[""] = {**starters[""], "release.yml": release}
        setup = decide(repository, starters, starter)
        changes = plan_changes(target, setup)
    write_changes(target, changes)
    others = [path for path in workflow_files(target) if Path(path).name not in setup.workflows]
    written = tuple(
        change for change in changes if change.state == "new" or (change.adds and change.diff)
    )
    return others, written


def workflow_files(target: Path) -> list[str]:
    """List the workflow files of a project, by their path in it."""
    files = (target / WORKFLOW_FOLDER).glob("*.y*ml")
    paths = sorted(file.relative_to(target).as_posix() for file in files)
    return [path for path in paths if is_workflow_path(path)]


def commit_project(
    clone: GitClone, copy: ProjectCopy, *, default_branch: str, first_branch: str
) -> str:
    """Commit the copy on top of what the repository holds, and return the commit of the set-up.

    The first commit brings the `.github` folder alone, and every branch is to start there, as in a
    repository whose automation was set up before its first release: GitHub reads the workflows of
    some events from the default branch only. The project follows on the first branch.
    """
    clone.run("fetch", "--quiet", "--no-tags", "origin", default_branch)
    clone.run("update-ref", f"refs/heads/{first_branch}", "FETCH_HEAD")
    clone.run("symbolic-ref", "HEAD", f"refs/heads/{first_branch}")
    clone.run(*(("read-tree", "--empty") if copy.history.commit else ("reset", "--quiet")))
    if (clone.folder / ".github").is_dir():
        clone.run("add", "--force", ".github")
    clone.run("commit", "--quiet", "--allow-empty", "--message", "ci: set up [skip ci]")
    setup = clone.run("rev-parse", "HEAD").strip()
    clone.commit_all("feat: add the project", copy.submodules.absent)
    return setup


def check_out_project(clone: GitClone, copy: ProjectCopy, branch: str) -> None:
    """Put the project's own last commit on its branch, ready to be pushed.

    What is not committed yet, or cannot be, as of a folder without a history, is one commit on top.
    """
    history = copy.history
    if not history.commit:
        clone.run("fetch", "--quiet", "--no-tags", "origin", branch)
    clone.run("update-ref", f"refs/heads/{branch}", history.commit or "FETCH_HEAD")
    clone.run("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    clone.run("reset", "--quiet")
    committed = clone.run("rev-parse", "HEAD^{tree}").strip()
    if clone.stage_all(copy.submodules.absent) != committed or history.base == history.commit:
        clone.run("commit", "--quiet", "--allow-empty", "--message", "feat: what is to be released")


def find_project_names(copy: Path, name: str) -> tuple[str, ...]:
    """Name the projects of a folder, normalised: that of its root first, then those below."""
    names = [name, *(project for project, _ in _list_projects_below(copy))]
    return tuple(dict.fromkeys(filter(None, names)))


def read_package_versions(copy: Path) -> Mapping[str, str]:
    """Read the versions that the projects below a folder declare, by normalised name."""
    versions = {
        name: read_declared_version(copy, folder) for name, folder in _list_projects_below(copy)
    }
    return {name: version for name, version in versions.items() if name and version}


def _list_projects_below(copy: Path) -> Iterator[tuple[str, str]]:
    """List name and folder of each project below a folder; the name is empty where none tells."""
    files = (file for pattern in ("*", "*/*") for file in copy.glob(f"{pattern}/pyproject.toml"))
    for file in sorted(files):
        parts = file.parent.relative_to(copy).parts
        if not any(part in _NO_PROJECTS or part.startswith(".") for part in parts):
            with contextlib.suppress(DistActionsError):
                declared = find_name(ProjectFiles(copy, "/".join(parts)))
                yield normalised(declared) if declared else "", "/".join(parts)


def read_declared_version(project: Path, folder: str = ".") -> str:
    """Read the version that a project's files declare; empty where it is derived from tags."""
    # One that cannot be read is refused by the workflow that needs it.
    with contextlib.suppress(DistActionsError):
        declared = find_version(ProjectFiles(project, folder), VersionSource(), find_matches)
        if declared and not declared.derived_by:
            return declared.text
    return ""


def read_project_version(project: Path) -> str:
    """Read the version that a person would tag, by the command `dist-actions version`.

    Raises:
        UsageError: It cannot be read.
    """
    command = [sys.executable, "-m", "dist_actions.cli", "version", str(project)]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode != 0:
        what, why, fix = split_message(completed.stderr)
        raise UsageError(
            f"The version to be tagged cannot be read: {what.removeprefix('dist-actions: ')}",
            why=why or "`dist-actions version` failed.",
            fix=f"{fix or 'make that command work.'} Or say what a person runs to tag it: "
            "--run COMMAND.",
        )
    return completed.stdout.strip()


def list_tags_to_make(project: Path, tags: ProjectTags) -> frozenset[str]:
    """List the tags of the versions that a project's files say, in all environments."""
    suffixes = tags.environments.suffixes
    names: set[str] = set()
    for tag_format, path in zip(tags.formats, tags.package_paths, strict=True):
        # A version that cannot be read is refused by the workflow that tags it.
        with contextlib.suppress(DistActionsError):
            declared = find_version(ProjectFiles(project, path), VersionSource(), find_matches)
            if declared:
                names |= {tag_format.format(declared.version, suffix) for suffix in suffixes}
    return frozenset(names)


def _files_known_to_git(project: Path) -> list[str] | None:
    git = Git.asking(project, os.environ)
    # A folder that git ignores altogether, such as a fetched sdist in build/, is copied as it is.
    return git.list_paths("ls-files", "-z", "-co", "--exclude-standard", "--", ".") or None


def _left_out(folder: str, names: list[str]) -> set[str]:
    return _LEFT_OUT(folder, names) | select_special_files(folder, names)
