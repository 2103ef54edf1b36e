"""The complete tree of a commit, whatever the workspace's checkout leaves out."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from dist_actions.errors import GitError
from dist_actions.services.git.commit_tree import CommitTree
from support.sandbox.fixtures import commit_file, git

#: git refuses submodules from folders unless it is told that they are wanted.
LOCAL = ("-c", "protocol.file.allow=always")


class Clone(Protocol):
    """Clones a commit of a workspace with one tag into a folder."""

    def __call__(self, workspace: Path, commit: str, folder: Path, tag: str = "v1") -> Path: ...


@pytest.fixture
def clone() -> Iterator[Clone]:
    with ExitStack() as stack:

        def run(workspace: Path, commit: str, folder: Path, tag: str = "v1") -> Path:
            tree = CommitTree(workspace, commit, ".", os.environ)
            return stack.enter_context(tree.clone_with_tag(folder, tag))

        yield run


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository of two commits, the second with several tags, and a hook."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git("init", "-q", "-b", "dev", cwd=folder)
    commit_file(folder, "a.txt", "one")
    commit_file(folder, "a.txt", "two")
    for tag in ("v1.2.0-dev", "v1.2.0-qa", "nightly"):
        git("tag", tag, cwd=folder)
    return folder


@pytest.fixture
def nested_origin(tmp_path: Path, origin: Path) -> Path:
    """A repository with a submodule, which is called otherwise than its folder, and has one."""
    folders = [tmp_path / name for name in ("inner", "middle")]
    for folder in folders:
        folder.mkdir()
        git("init", "-q", "-b", "dev", cwd=folder)
        commit_file(folder, f"{folder.name}.txt", folder.name)
    inner, middle = folders
    git(*LOCAL, "submodule", "add", "-q", str(inner), "deep/inner", cwd=middle)
    git("commit", "-qm", "Inner", cwd=middle)
    git(*LOCAL, "submodule", "add", "-q", "--name", "lib", str(middle), "pkg/middle", cwd=origin)
    git("commit", "-qm", "Middle", cwd=origin)
    return origin


def said(folder: Path, *arguments: str) -> str:
    return git(*arguments, cwd=folder).stdout.strip()


@pytest.mark.parametrize("depth", [(), ("--depth=1",)], ids=["whole", "shallow"])
def test_it_holds_the_commit_and_one_tag(
    origin: Path, tmp_path: Path, clone: Clone, depth: tuple[str, ...]
) -> None:
    workspace = tmp_path / "workspace"
    git("clone", "-q", *depth, origin.as_uri(), str(workspace), cwd=tmp_path)
    (workspace / "a.txt").write_text("edited")
    origin.rename(tmp_path / "away")
    head = said(workspace, "rev-parse", "HEAD")
    before = said(workspace, "for-each-ref")

    made = clone(workspace, head, tmp_path / "made", "sample-1.2.0")

    assert said(made, "rev-parse", "HEAD") == head
    assert said(made, "tag") == "sample-1.2.0"
    assert said(made, "describe", "--tags", "--dirty", "--always", "--long").startswith(
        "sample-1.2.0-0-g"
    )
    assert (made / "a.txt").read_text() == "two"
    assert said(made, "remote") == ""
    assert said(made, "fsck", "--connectivity-only", "--no-dangling") == ""
    assert said(workspace, "for-each-ref") == before
    assert (workspace / "a.txt").read_text() == "edited"


@pytest.mark.parametrize("way", ["worktree", "clone"])
def test_line_ends_are_the_commits(
    origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    (tmp_path / ".gitconfig").write_text("[core]\n\tautocrlf = true\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    commit_file(origin, "lines.txt", "one\ntwo\n")

    with checked_out(origin, tmp_path / "made", way) as made:
        assert (made / "lines.txt").read_bytes() == b"one\ntwo\n"


def test_a_linked_worktree_lends_its_objects_too(
    origin: Path, tmp_path: Path, clone: Clone
) -> None:
    linked = tmp_path / "linked"
    git("worktree", "add", "-q", "--detach", str(linked), "HEAD~1", cwd=origin)
    commit = said(linked, "rev-parse", "HEAD")
    made = clone(linked, commit, tmp_path / "made")
    assert (made / "a.txt").read_text() == "one"


@pytest.mark.parametrize("tag", ["../heads/dev", "a b", "v1.lock"])
def test_a_prefix_that_makes_no_tag_is_refused(
    origin: Path, tmp_path: Path, clone: Clone, tag: str
) -> None:
    with pytest.raises(GitError, match="update-ref"):
        clone(origin, said(origin, "rev-parse", "HEAD"), tmp_path / "made", tag)


def test_a_commit_that_is_not_there_is_refused(origin: Path, tmp_path: Path, clone: Clone) -> None:
    with pytest.raises(GitError):
        clone(origin, "a" * 40, tmp_path / "made")


@pytest.mark.parametrize("way", ["worktree", "clone"])
@pytest.mark.parametrize("kind", ["--no-checkout", "--filter=blob:none"])
def test_a_sparse_workspace_gives_every_file(
    origin: Path, tmp_path: Path, kind: str, way: str
) -> None:
    """A checkout of some folders is a partial clone, too, where the server can do that."""
    (origin / "pkg").mkdir()
    commit_file(origin, "pkg/mod.py", "x = 1")
    git("config", "uploadpack.allowFilter", "true", cwd=origin)
    workspace = tmp_path / "workspace"
    git("clone", "-q", "--sparse", kind, origin.as_uri(), str(workspace), cwd=tmp_path)
    git("sparse-checkout", "set", ".github", cwd=workspace)
    git("checkout", "-q", "dev", cwd=workspace)
    assert not (workspace / "pkg").exists()

    with checked_out(workspace, tmp_path / "made", way) as made:
        assert (made / "pkg" / "mod.py").read_text() == "x = 1"

    assert not (workspace / "pkg").exists()


@pytest.mark.parametrize("way", ["worktree", "clone"])
def test_submodules_are_filled(nested_origin: Path, tmp_path: Path, way: str) -> None:
    workspace = recursive_clone(nested_origin, tmp_path)
    (workspace / "pkg" / "middle" / "middle.txt").write_text("edited")

    with checked_out(workspace, tmp_path / "made", way) as made:
        assert (made / "pkg" / "middle" / "middle.txt").read_text() == "middle"
        assert (made / "pkg" / "middle" / "deep" / "inner" / "inner.txt").read_text() == "inner"
        assert said(made, "status", "--porcelain") == ""

    assert (workspace / "pkg" / "middle" / "middle.txt").read_text() == "edited"


def test_a_submodules_own_folder_may_be_gone(nested_origin: Path, tmp_path: Path) -> None:
    workspace = recursive_clone(nested_origin, tmp_path)
    shutil.rmtree(workspace / "pkg")

    with checked_out(workspace, tmp_path / "made", "worktree") as made:
        assert (made / "pkg" / "middle" / "deep" / "inner" / "inner.txt").read_text() == "inner"


@pytest.mark.parametrize(
    ("options", "message", "fix"),
    [
        ((), "submodule pkg/middle are", "submodules: true"),
        (
            (*LOCAL, "submodule", "update", "-q", "--init"),
            "submodule pkg/middle/deep/inner are",
            "submodules: recursive",
        ),
    ],
    ids=["none", "not recursive"],
)
def test_a_submodule_that_is_missing_is_named(
    nested_origin: Path, tmp_path: Path, options: tuple[str, ...], message: str, fix: str
) -> None:
    workspace = tmp_path / "workspace"
    git("clone", "-q", str(nested_origin), str(workspace), cwd=tmp_path)
    if options:
        git(*options, cwd=workspace)

    with (
        pytest.raises(GitError, match=message) as raised,
        checked_out(workspace, tmp_path / "made", "worktree"),
    ):
        pass

    assert fix in raised.value.fix


def test_a_submodule_of_another_package_may_be_missing(nested_origin: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    git("clone", "-q", str(nested_origin), str(workspace), cwd=tmp_path)
    head = said(workspace, "rev-parse", "HEAD")

    with CommitTree(workspace, head, "other", os.environ).worktree(tmp_path / "made") as made:
        assert list((made / "pkg" / "middle").iterdir()) == []


def checked_out(workspace: Path, folder: Path, way: str) -> AbstractContextManager[Path]:
    tree = CommitTree(workspace, said(workspace, "rev-parse", "HEAD"), ".", os.environ)
    return tree.worktree(folder) if way == "worktree" else tree.clone_with_tag(folder, "v1")


def recursive_clone(origin: Path, tmp_path: Path) -> Path:
    workspace = tmp_path / "workspace"
    git(*LOCAL, "clone", "-q", "--recursive", str(origin), str(workspace), cwd=tmp_path)
    return workspace
