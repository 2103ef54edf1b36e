"""The tree of one package's files."""

import os
from pathlib import Path

import pytest

from dist_actions.services.git.checkout import Git
from support.sandbox.fixtures import commit_file, git


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a package in the root and one below."""
    git("init", "-q", "-b", "dev", cwd=tmp_path)
    commit_file(tmp_path, "module.py", "a")
    commit_file(tmp_path, "packages/core/core.py", "a")
    return tmp_path


def subtree(folder: Path, path: str, *without: str, commit: str = "HEAD") -> str:
    return Git(folder, {"PATH": os.environ["PATH"]}).subtree(commit, path, without=without)


def test_a_folders_tree_is_gits_own(folder: Path) -> None:
    expected = git("rev-parse", "HEAD:packages/core", cwd=folder).stdout.strip()
    root = git("rev-parse", "HEAD^{tree}", cwd=folder).stdout.strip()

    assert (subtree(folder, "packages/core"), subtree(folder, ".")) == (expected, root)


@pytest.mark.parametrize("path", ["packages/none", "module.py"])
def test_what_is_no_folder_has_no_tree(folder: Path, path: str) -> None:
    assert subtree(folder, path) == ""


def test_a_folder_that_is_left_out_does_not_count(folder: Path) -> None:
    before = subtree(folder, ".", "packages/core", "packages/absent")
    commit_file(folder, "packages/core/core.py", "changed")

    assert subtree(folder, ".", "packages/core") == before
    assert subtree(folder, ".", "packages/core", commit="HEAD~") == before
    commit_file(folder, "module.py", "changed")
    assert subtree(folder, ".", "packages/core") != before


def test_the_checkout_stays_as_it_is(folder: Path) -> None:
    subtree(folder, ".", "packages/core", commit="HEAD~")

    assert git("status", "--porcelain", cwd=folder).stdout == ""
