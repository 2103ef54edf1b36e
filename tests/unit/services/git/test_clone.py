"""A repository that borrows another one's objects: one commit, one tag, and nothing else of it."""

import os
from pathlib import Path

import pytest

from dist_actions.errors import GitError
from dist_actions.services.git.checkout import Git
from support.sandbox.fixtures import commit_file, git


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


def said(folder: Path, *arguments: str) -> str:
    return git(*arguments, cwd=folder).stdout.strip()


@pytest.mark.parametrize("depth", [(), ("--depth=1",)], ids=["whole", "shallow"])
def test_it_holds_the_commit_and_one_tag(
    origin: Path, tmp_path: Path, depth: tuple[str, ...]
) -> None:
    workspace = tmp_path / "workspace"
    git("clone", "-q", *depth, origin.as_uri(), str(workspace), cwd=tmp_path)
    (workspace / "a.txt").write_text("edited")
    origin.rename(tmp_path / "away")
    head = said(workspace, "rev-parse", "HEAD")
    before = said(workspace, "for-each-ref")

    made = Git(workspace, os.environ).clone_with_tag(head, tmp_path / "made", "sample-1.2.0")

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


def test_settings_of_the_repository_hold_in_the_clone(origin: Path, tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[core]\n\tautocrlf = true\n")
    environ = {**os.environ, "HOME": str(tmp_path)}
    commit_file(origin, "lines.txt", "one\ntwo\n")
    head = said(origin, "rev-parse", "HEAD")
    for name, config, text in (
        ("as told", None, b"one\r\ntwo\r\n"),
        ("fixed", {"core.autocrlf": "false"}, b"one\ntwo\n"),
    ):
        made = Git(origin, environ, config).clone_with_tag(head, tmp_path / name, "v1")
        assert (made / "lines.txt").read_bytes() == text


def test_a_linked_worktree_lends_its_objects_too(origin: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git("worktree", "add", "-q", "--detach", str(linked), "HEAD~1", cwd=origin)
    commit = said(linked, "rev-parse", "HEAD")
    made = Git(linked, os.environ).clone_with_tag(commit, tmp_path / "made", "v1")
    assert (made / "a.txt").read_text() == "one"


@pytest.mark.parametrize("tag", ["../heads/dev", "a b", "v1.lock"])
def test_a_prefix_that_makes_no_tag_is_refused(origin: Path, tmp_path: Path, tag: str) -> None:
    with pytest.raises(GitError, match="update-ref"):
        Git(origin, os.environ).clone_with_tag(
            said(origin, "rev-parse", "HEAD"), tmp_path / "made", tag
        )


def test_a_commit_that_is_not_there_is_refused(origin: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError):
        Git(origin, os.environ).clone_with_tag("a" * 40, tmp_path / "made", "v1")
