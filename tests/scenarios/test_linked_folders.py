"""Copies of a folder whose links and index lead elsewhere: nothing there is read or written."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_actions.errors import InputError
from dist_sandbox.folder_files import copy_files
from dist_sandbox.github.seed import list_project_files
from dist_sandbox.rehearse.actions.tree import export_tree
from dist_sandbox.rehearse.project.copy import copy_project, set_up
from support.paths import EXAMPLES

PYPROJECT = '[project]\nname = "a"\nversion = "1.0"\n'
ELSEWHERE = "keys of this machine"
FROM_PROJECT = "of the project"


def _seed(folder: Path, target: Path) -> None:
    copy_files(list_project_files(folder), folder, target)


COPIES = pytest.mark.parametrize("copy", [copy_project, export_tree, _seed])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a project; two folders above it lead from it and from its copy to one place."""
    folder = tmp_path / "projects" / "one"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    return folder


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Where the copy goes."""
    return tmp_path / "copies" / "one"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A file outside, whose name the project's index lists behind a link."""
    file = tmp_path / "elsewhere" / "authorized_keys"
    file.parent.mkdir()
    file.write_text(ELSEWHERE)
    return file


def _git(folder: Path, *arguments: str, stdin: str = "") -> str:
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-c", "core.protectHFS=false", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environ, input=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _track(folder: Path, listed: str) -> None:
    """Let the index list what git itself would not add: a name of the same length is replaced."""
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    blob = _git(folder, "hash-object", "-w", "--stdin", stdin="x")
    accepted = "~" * len(listed)
    _git(folder, "update-index", "--add", "--cacheinfo", f"100644,{blob},{accepted}")
    _git(folder, "config", "index.skipHash", "true")
    index = folder / ".git" / "index"
    content = index.read_bytes().replace(accepted.encode(), listed.encode())[:-20]
    index.write_bytes(content + bytes(20))  # a checksum of zeros is not compared


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink()
    }


@COPIES
@pytest.mark.parametrize("absolute", [False, True])
def test_a_file_behind_a_link_is_not_copied(
    folder: Path, copied: Path, elsewhere: Path, absolute: bool, copy: Callable[[Path, Path], None]
) -> None:
    place = elsewhere.parent
    (folder / "keys").symlink_to(place if absolute else Path("..", "..", "elsewhere"))
    _track(folder, "keys/authorized_keys")
    copy(folder, copied)
    assert elsewhere.read_text() == ELSEWHERE
    assert _files(copied) == {"pyproject.toml", "keys"}
    assert (copied / "keys").is_symlink()


def test_a_link_that_means_another_place_in_the_copy_is_not_written_through(
    tmp_path: Path, folder: Path, copied: Path, elsewhere: Path
) -> None:
    """The link leads to the project's own text from the project, to the keys from the copy."""
    own = tmp_path / "projects" / "elsewhere" / "authorized_keys"
    own.parent.mkdir()
    own.write_text(FROM_PROJECT)
    (folder / "keys").symlink_to(Path("..", "elsewhere"))
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / "elsewhere").symlink_to(elsewhere.parent)
    _track(folder, "keys/authorized_keys")
    copy_project(folder, copied)
    assert elsewhere.read_text() == ELSEWHERE


@COPIES
@pytest.mark.parametrize("above", ["../outside", "a/../../outside"])
def test_a_path_that_leads_out_is_not_copied(
    folder: Path, copied: Path, above: str, copy: Callable[[Path, Path], None]
) -> None:
    (folder / "a").mkdir()
    (copied / "a").mkdir(parents=True)
    (folder.parent / "outside").write_text(FROM_PROJECT)
    _track(folder, above)
    copy(folder, copied)
    assert not (copied.parent / "outside").exists()
    assert _files(copied) == {"pyproject.toml"}


@COPIES
@pytest.mark.parametrize("listed", [".git/config", "sub/.git/config", "sub/.GIT/config"])
def test_what_git_obeys_is_not_copied(
    folder: Path, copied: Path, listed: str, copy: Callable[[Path, Path], None]
) -> None:
    _track(folder, listed)
    (folder / listed).parent.mkdir(parents=True, exist_ok=True)
    (folder / listed).touch()
    copy(folder, copied)
    assert listed not in _files(copied)


@COPIES
@pytest.mark.parametrize("checkout", [False, True])
def test_pipes_are_left_out(
    folder: Path, copied: Path, checkout: bool, copy: Callable[[Path, Path], None]
) -> None:
    (folder / "a").mkdir()
    os.mkfifo(folder / "a" / "pipe")
    if checkout:
        _track(folder, "a/pipe")
    copy(folder, copied)
    assert _files(copied) == {"pyproject.toml"}


@COPIES
@pytest.mark.parametrize("checkout", [False, True])
def test_a_projects_own_links_are_copied_as_links(
    tmp_path: Path, folder: Path, copied: Path, checkout: bool, copy: Callable[[Path, Path], None]
) -> None:
    (folder / "pages").mkdir()
    (folder / "pages" / "a.md").write_text(FROM_PROJECT)
    (folder / "b.md").symlink_to("pages/a.md")
    (folder / "manual").symlink_to("pages")
    if checkout:
        _track(folder, "c" * 5000)
    reached = tmp_path / "reached"
    reached.symlink_to(folder)
    copy(reached, copied)
    assert _files(copied) == {"pyproject.toml", "pages/a.md", "b.md", "manual"}
    assert os.readlink(copied / "b.md") == "pages/a.md"
    assert os.readlink(copied / "manual") == "pages"


@pytest.mark.parametrize("linked", [".github", ".github/workflows"])
def test_starters_are_not_written_behind_a_link(
    folder: Path, copied: Path, elsewhere: Path, linked: str
) -> None:
    (folder / linked).parent.mkdir(exist_ok=True)
    (folder / linked).symlink_to(elsewhere.parent)
    copy_project(folder, copied)
    with pytest.raises(InputError, match="leads out of the repository"):
        set_up(copied, folder, EXAMPLES, docker=False)
    assert _files(elsewhere.parent) == {"authorized_keys"}


def test_starters_are_written_elsewhere(folder: Path, copied: Path) -> None:
    copy_project(folder, copied)
    others, written_changes = set_up(copied, folder, EXAMPLES, docker=False)
    assert (others, bool(written_changes)) == ([], True)
    written = {f".github/workflows/{path.name}" for path in EXAMPLES.glob("*.yml")}
    assert _files(copied) - {"pyproject.toml"} <= written
    assert ".github/workflows/release.yml" in _files(copied)
