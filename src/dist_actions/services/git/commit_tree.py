"""The complete tree of a commit, checked out in a folder of its own.

What a workspace leaves out of its checkout is there too: sparse folders, and submodules where the
workspace has their commits.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dist_actions.errors import GitError
from dist_actions.services.git.checkout import Git

#: What a machine or a checkout has set, and what would give other files than the commit's.
_SAME_FILES_EVERYWHERE = {
    "core.autocrlf": "false",
    "core.eol": "lf",
    "core.sparseCheckout": "false",
}
_SUBMODULE_MODE = "160000"


@dataclass(frozen=True)
class CommitTree:
    """Checks a commit out.

    Attributes:
        workspace: A repository that has the commit; it is left as it is.
        commit: 40 hex digits.
        needed: The folder whose submodules must be there, below the root; `.` for the root.
        environ: Variables for git.
    """

    workspace: Path
    commit: str
    needed: str
    environ: Mapping[str, str]

    @contextmanager
    def worktree(self, folder: Path) -> Iterator[Path]:
        """Check the commit out in a new folder, which is removed at the end.

        Raises:
            GitError: The commit, one of its files or a submodule is missing.
        """
        git = self._git()
        git.run("worktree", "add", "--detach", "--force", str(folder), self.commit)
        try:
            self._fill_submodules(folder)
            yield folder
        finally:
            git.succeeds("worktree", "remove", "--force", "--force", str(folder))

    @contextmanager
    def clone_with_tag(self, folder: Path, tag: str) -> Iterator[Path]:
        """Check the commit out in a new repository that has it alone, and one lightweight tag.

        It borrows the objects of the workspace, so a shallow one will do.

        Raises:
            GitError: As for `worktree`, or git refuses the tag's name.
        """
        git = self._git()
        self._fetch_missing_files(git)
        folder.mkdir(parents=True)
        clone = Git(folder, self.environ, _SAME_FILES_EVERYWHERE)
        object_format = git.run("rev-parse", "--show-object-format")
        clone.run("init", "--quiet", "--template=", f"--object-format={object_format}")
        # What setuptools leaves in a source tree would make it look edited.
        Path(folder, ".git", "info").mkdir()
        Path(folder, ".git", "info", "exclude").write_text("*.egg-info/\n.eggs/\n")
        objects, shallow, lfs = (git.git_path(name) for name in ("objects", "shallow", "lfs"))
        Path(folder, ".git", "objects", "info", "alternates").write_text(f"{objects}\n")
        if shallow.is_file():
            shutil.copyfile(shallow, Path(folder, ".git", "shallow"))
        if lfs.is_dir():
            clone.run("config", "lfs.storage", str(lfs))
        clone.run("update-ref", f"refs/tags/{tag}", self.commit)
        clone.run("checkout", "--quiet", "--detach", self.commit)
        self._fill_submodules(folder)
        yield folder

    def _git(self) -> Git:
        return Git(self.workspace, self.environ, _SAME_FILES_EVERYWHERE)

    def _fetch_missing_files(self, git: Git) -> None:
        """Let git fetch what a partial clone lacks, as a sparse checkout by actions/checkout is."""
        if git.succeeds("config", "--get-regexp", r"^remote\..*\.promisor$"):
            with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
                folder = str(Path(scratch, "tree"))
                git.run("worktree", "add", "--detach", "--force", folder, self.commit)
                git.succeeds("worktree", "remove", "--force", "--force", folder)

    def _fill_submodules(self, target: Path) -> None:
        repository = _Repository(self.environ, self.workspace, self.commit, target)
        for submodule in repository.fill_submodules():
            if PurePosixPath(submodule.path).is_relative_to(self.needed):
                raise _missing(submodule)


@dataclass(frozen=True)
class _Submodule:
    """A submodule whose files nothing here has.

    Attributes:
        path: Below the root of the outermost repository.
        nested: Whether it is a submodule of a submodule.
    """

    path: str
    nested: bool


@dataclass(frozen=True)
class _Repository:
    """A repository of the workspace, and where the files of one of its commits are.

    Attributes:
        folder: Its work tree, or a `.git` folder.
        target: The checkout.
        parent: Path of the checkout below the outermost one, with a slash; empty for itself.
    """

    environ: Mapping[str, str]
    folder: Path
    commit: str
    target: Path
    parent: str = ""

    def fill_submodules(self) -> Iterator[_Submodule]:
        """Write the files of the submodules, and those of theirs; yield those that are missing."""
        names = self._submodule_names()
        for path, commit in self._submodule_commits():
            submodule = self._find(path, names.get(path, path), commit)
            if submodule is None:
                yield _Submodule(f"{self.parent}{path}", nested=bool(self.parent))
            else:
                submodule._write_files()
                yield from submodule.fill_submodules()

    def _submodule_commits(self) -> Iterator[tuple[str, str]]:
        """Yield path and commit of each submodule."""
        arguments = ("ls-tree", "-r", "-z", "--full-tree", self.commit)
        for entry in self._git().list_paths(*arguments) or ():
            facts, _, path = entry.partition("\t")
            mode, _, commit = facts.split(" ")
            if mode == _SUBMODULE_MODE:
                yield path, commit

    def _submodule_names(self) -> dict[str, str]:
        """Read by which name git keeps the submodule of a path."""
        settings = self._git().list_paths(
            *("config", "--blob", f"{self.commit}:.gitmodules"),
            *("-z", "--get-regexp", r"^submodule\..*\.path$"),
        )
        names: dict[str, str] = {}
        for setting in settings or ():
            key, _, path = setting.partition("\n")
            name = key.removeprefix("submodule.").removesuffix(".path")
            if ".." not in name.split("/"):
                names[path] = name
        return names

    def _find(self, path: str, name: str, commit: str) -> "_Repository | None":
        """Find a submodule that has a commit: in its own folder, or where git keeps it."""
        for folder in (self.folder / path, self._git().git_path(f"modules/{name}")):
            # Without either, git would look in the folders above.
            if (folder / ".git").exists() or (folder / "HEAD").is_file():
                parent = f"{self.parent}{path}/"
                submodule = _Repository(self.environ, folder, commit, self.target / path, parent)
                if submodule._git().has_commit(commit):
                    return submodule
        return None

    def _write_files(self) -> None:
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            git = self._git(GIT_INDEX_FILE=str(Path(scratch, "index")))
            git.run("read-tree", self.commit)
            git.run("checkout-index", "--all", "--force")

    def _git(self, **variables: str) -> Git:
        # What a `.git` folder says of its work tree need not be there.
        work_tree = {"GIT_WORK_TREE": str(self.target)}
        return Git(self.folder, self.environ, _SAME_FILES_EVERYWHERE, {**work_tree, **variables})


def _missing(submodule: _Submodule) -> GitError:
    setting = "recursive" if submodule.nested else "true"
    return GitError(
        f"The files of the submodule {submodule.path} are not in the checkout.",
        why="actions/checkout leaves submodules out unless it is told otherwise, and what is built "
        "without them would lack their files.",
        fix=f"give actions/checkout `submodules: {setting}` in the job that builds.",
        anchor="incomplete-checkout",
    )
