"""A rehearsal keeps commits and tags of a tagged_folder, or says why it does not."""

import shutil
from pathlib import Path

import pytest

from dist_actions.pipeline.settings import read_settings
from dist_sandbox.rehearse.project.copy import list_tags_to_make
from dist_sandbox.rehearse.project.history import read_history
from dist_sandbox.rehearse.project.tags import ProjectTags
from support.act.git import git

PYPROJECT = '[project]\nname = "a"\nversion = "1.2"\n'


@pytest.fixture
def tagged_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    git(folder, "tag", "--annotate", "v1.1", "--message", "one")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "two")
    git(folder, "tag", "v1.2")
    git(folder, "tag", "v1.2-qa")
    return folder


def test_commit_and_tags_are_kept_except_those_of_the_version_to_be_released(
    tagged_folder: Path,
) -> None:
    history = read_history(tagged_folder)
    assert history.commit == git(tagged_folder, "rev-parse", "HEAD")
    assert history.tags["v1.1"] == git(tagged_folder, "rev-parse", "v1.1")
    tags = ProjectTags.of(read_settings(tagged_folder, "."), "a")
    history = history.without(list_tags_to_make(tagged_folder, tags))
    assert list(history.tags) == ["v1.1"]
    assert history.description.startswith("The project's history is kept, with 1 tag; left out: ")
    assert "v1.2, v1.2-qa, because" in history.description


@pytest.mark.parametrize(
    ("clone", "folder", "words"),
    [
        (["--depth=1"], ".", "git fetch --unshallow --tags"),
        (["--filter=blob:none"], ".", "the clone is partial"),
        ([], "sub", "a folder of a larger repository"),
    ],
)
def test_what_cannot_be_kept_is_said(
    tagged_folder: Path, clone: list[str], folder: str, words: str
) -> None:
    (tagged_folder / "sub").mkdir()
    (tagged_folder / "sub" / "pyproject.toml").write_text(PYPROJECT)
    git(tagged_folder, "add", "--all")
    git(tagged_folder, "commit", "--quiet", "--message", "sub")
    git(tagged_folder, "config", "uploadpack.allowFilter", "true")
    git(tagged_folder.parent, "clone", "--quiet", *clone, f"file://{tagged_folder}", "clone")
    history = read_history(tagged_folder.parent / "clone" / folder)
    assert not history.commit
    assert words in history.description


def test_a_folder_without_commits_has_nothing_to_say(tmp_path: Path) -> None:
    assert read_history(tmp_path).description == ""
    git(tmp_path, "init", "--quiet")
    assert read_history(tmp_path).description == ""


def test_a_folder_that_its_repository_ignores_has_no_history(tagged_folder: Path) -> None:
    (tagged_folder / ".gitignore").write_text("build/\n")
    (tagged_folder / "build").mkdir()
    (tagged_folder / "build" / "pyproject.toml").write_text(PYPROJECT)
    assert read_history(tagged_folder / "build").description == ""


@pytest.mark.parametrize("way", ["file", "link", "common folder", "linked refs"])
def test_the_history_of_another_folder_is_never_taken(tagged_folder: Path, way: str) -> None:
    folder, dot_git = tagged_folder.parent / "packed", tagged_folder.parent / "packed" / ".git"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PYPROJECT)
    if way == "file":
        dot_git.write_text(f"gitdir: {tagged_folder / '.git'}\n")
    elif way == "link":
        dot_git.symlink_to(tagged_folder / ".git")
    else:
        git(folder, "init", "--quiet", "--initial-branch=main")
        if way == "common folder":
            (dot_git / "commondir").write_text(str(tagged_folder / ".git"))
        else:
            for name in ("refs", "objects"):
                shutil.rmtree(dot_git / name)
                (dot_git / name).symlink_to(tagged_folder / ".git" / name)
    history = read_history(folder)
    assert not history.commit
    assert "leads to another folder" in history.description


def test_a_linked_worktree_has_the_history_of_its_repository(tagged_folder: Path) -> None:
    git(tagged_folder, "worktree", "add", "--quiet", "../tree")
    assert read_history(tagged_folder.parent / "tree").commit == git(
        tagged_folder, "rev-parse", "HEAD"
    )
