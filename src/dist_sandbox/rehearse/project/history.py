"""Keep a project's commits and tags in its copy, whose objects are borrowed: it costs nothing.

The rehearsal's repositories read the project's objects where they are. Nothing is written there.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dist_actions.errors import GitError
from dist_actions.services.git.checkout import Git

_TAG_FORMAT = "--format=%(objectname)%00%(refname:strip=2)%00"


@dataclass(frozen=True)
class ProjectHistory:
    """The commits and tags of a project that its copy keeps.

    Attributes:
        commit: The commit that the project has checked out; empty where no history is kept.
        tags: Object of each tag, in the order in which they were made.
        tags_of_commit: Those of the commit that is checked out: with them there would be nothing
            to release of a project whose version is derived from tags.
        base: The commit before that one, which a push starts from; the commit itself where it is
            the first.
        objects: The folder of the project's git objects.
        left_out: Tags that are not kept, because the rehearsal makes them itself.
        problem: Why nothing is kept though there is a history; empty otherwise.
    """

    commit: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    objects: Path | None = None
    tags_of_commit: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    problem: str = ""
    base: str = ""

    def without(self, tags: Collection[str]) -> "ProjectHistory":
        """Leave out the tags that the rehearsal is to make."""
        kept = {tag: sha for tag, sha in self.tags.items() if tag not in tags}
        return replace(self, tags=kept, left_out=tuple(sorted(self.tags.keys() - kept.keys())))

    @property
    def description(self) -> str:
        """Say what is kept, in one line; empty for a project without a history."""
        if self.problem:
            return f"Rehearsed without its history and tags: {self.problem}."
        if not self.commit:
            return ""
        count = len(self.tags)
        kept = f"The project's history is kept, with {count} tag{'' if count == 1 else 's'}"
        if not self.left_out:
            return f"{kept}."
        names = ", ".join(self.left_out)
        return f"{kept}; left out: {names}, because the rehearsal releases this version itself."


def read_history(project: Path) -> ProjectHistory:
    """Read which commit and which tags a project has; nothing runs that its configuration names."""
    git = Git.asking(project, os.environ)
    try:
        if not git.succeeds("rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
            return ProjectHistory()
        problem = _find_problem(git, project)
        if problem or not git.list_paths("ls-files", "-z", "--", "."):
            return ProjectHistory(problem=problem)
        listing = git.list_paths("for-each-ref", "--sort=creatordate", _TAG_FORMAT, "refs/tags")
        names = [name.lstrip("\n") for name in listing or []]
        commit = git.head_commit()
        has_parent = git.succeeds("rev-parse", "--verify", "--quiet", "HEAD^1")
        return ProjectHistory(
            commit=commit,
            base=git.run("rev-parse", "HEAD^1").strip() if has_parent else commit,
            tags=dict(zip(names[1::2], names[0::2], strict=False)),
            objects=git.git_path("objects"),
            tags_of_commit=_list_tags_of_commit(git),
        )
    except GitError as error:
        return ProjectHistory(problem=f"git cannot read them ({error.what})")


def _list_tags_of_commit(git: Git) -> frozenset[str]:
    names = git.run(
        "for-each-ref", "--points-at", "HEAD", "--format=%(refname:strip=2)", "refs/tags"
    )
    return frozenset(names.splitlines())


def _find_problem(git: Git, project: Path) -> str:
    """Say what keeps a copy from borrowing the objects."""
    if git.run("rev-parse", "--show-prefix"):
        tracked = git.list_paths("ls-files", "-z", "--", ".")
        return "the project is a folder of a larger repository" if tracked else ""
    if not _is_own(Path(git.run("rev-parse", "--absolute-git-dir")), project):
        return "its .git leads to another folder"
    if git.run("rev-parse", "--is-shallow-repository") == "true":
        return "the clone is shallow (`git fetch --unshallow --tags` completes it)"
    if git.succeeds("config", "--get-regexp", r"^remote\..*\.promisor$"):
        return "the clone is partial, and lacks objects"
    if git.run("rev-parse", "--show-object-format") != "sha1":
        return "its objects are named by SHA-256"
    return ""


def _is_own(git_folder: Path, project: Path) -> bool:
    """Tell whether commits and refs are the project's: whoever packed it can let `.git` lead away.

    The folder of a linked worktree is elsewhere, and knows whose it is.
    """
    dot_git = project / ".git"
    if dot_git.is_dir() and not dot_git.is_symlink():
        links = (path for path in (*dot_git.iterdir(), *(dot_git / "refs").rglob("*")))
        return not (dot_git / "commondir").exists() and not any(map(Path.is_symlink, links))
    back = git_folder / "gitdir"
    return back.is_file() and Path(back.read_text().strip()).resolve() == dot_git.resolve()


#: The history of a folder that has none.
NO_HISTORY = ProjectHistory()
