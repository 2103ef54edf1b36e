"""Trees that are computed without git are those of git."""

from pathlib import Path

import pytest

from dist_actions.pipeline.git_trees import TreeEntry, tree_without
from dist_actions.services.git.checkout import Git
from support.sandbox.fixtures import git

FILES = {
    "README.md": "root",
    "pyproject.toml": "[project]",
    "packages/core/pyproject.toml": "core",
    "packages/cli/pyproject.toml": "cli",
    "packages/cli/src/näme.py": "",
    "packages-old/note.txt": "old",
    "tools/run.sh": "#!/bin/sh",
}


@pytest.fixture
def mixed_checkout(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "tools" / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("README.md")
    git("init", "-q", cwd=tmp_path)
    git("add", ".", cwd=tmp_path)
    git("commit", "-qm", "Files", cwd=tmp_path)
    return tmp_path


def list_folder(mixed_checkout: Path, folder: str) -> list[TreeEntry]:
    place = "HEAD:" if folder == "." else f"HEAD:{folder}"
    lines = git("ls-tree", "-z", place, cwd=mixed_checkout).stdout.split("\0")
    entries = []
    for line in filter(None, lines):
        head, _, name = line.partition("\t")
        mode, _, oid = head.split()
        entries.append(TreeEntry(name.encode(), int(mode, 8), oid))
    return entries


@pytest.mark.parametrize(
    "paths",
    [
        (),
        ("packages/core",),
        ("packages/core", "packages/cli"),
        ("packages/cli/src",),
        ("packages", "tools"),
        ("absent", "packages/absent"),
        tuple(name.partition("/")[0] for name in [*FILES, "link"]),
    ],
)
def test_the_tree_without_folders_is_gits_own(mixed_checkout: Path, paths: tuple[str, ...]) -> None:
    places = (".", "packages", "packages/cli")
    folders = {place: list_folder(mixed_checkout, place) for place in places}
    expected = Git(mixed_checkout, {}).subtree("HEAD", ".", without=paths or ("nothing",))
    assert tree_without(folders, paths) == expected
