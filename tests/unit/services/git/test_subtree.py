"""The tree of one package's files."""

import os
from pathlib import Path

import pytest

from dist_actions.services.git.checkout import Git
from support.sandbox.fixtures import commit_file, git


@pytest.fixture
def nested_packages(tmp_path: Path) -> Path:
    """A repository with a package in the root and one below."""
    git("init", "-q", "-b", "dev", cwd=tmp_path)
    commit_file(tmp_path, "module.py", "a")
    commit_file(tmp_path, "packages/core/core.py", "a")
    return tmp_path


def subtree(nested_packages: Path, path: str, *without: str, commit: str = "HEAD") -> str:
    return Git(nested_packages, {"PATH": os.environ["PATH"]}).subtree(commit, path, without=without)


def test_a_folders_tree_is_gits_own(nested_packages: Path) -> None:
    expected = git("rev-parse", "HEAD:packages/core", cwd=nested_packages).stdout.strip()
    root = git("rev-parse", "HEAD^{tree}", cwd=nested_packages).stdout.strip()

    assert (subtree(nested_packages, "packages/core"), subtree(nested_packages, ".")) == (
        expected,
        root,
    )


@pytest.mark.parametrize("path", ["packages/none", "module.py"])
def test_what_is_no_folder_has_no_tree(nested_packages: Path, path: str) -> None:
    assert subtree(nested_packages, path) == ""


def test_a_folder_that_is_left_out_does_not_count(nested_packages: Path) -> None:
    before = subtree(nested_packages, ".", "packages/core", "packages/absent")
    commit_file(nested_packages, "packages/core/core.py", "changed")

    assert subtree(nested_packages, ".", "packages/core") == before
    assert subtree(nested_packages, ".", "packages/core", commit="HEAD~") == before
    commit_file(nested_packages, "module.py", "changed")
    assert subtree(nested_packages, ".", "packages/core") != before


def test_the_checkout_stays_as_it_is(nested_packages: Path) -> None:
    subtree(nested_packages, ".", "packages/core", commit="HEAD~")

    assert git("status", "--porcelain", cwd=nested_packages).stdout == ""
