"""An unpacked source distribution has the tag of the version that it was distributed as."""

from pathlib import Path

import pytest

from dist_actions.pipeline.settings import read_settings
from dist_sandbox.rehearse.project.released import find_released_tags, make_history
from dist_sandbox.rehearse.project.tags import ProjectTags
from support.act.git import git

SEVERAL = '[packages.core]\npath = "core"\n[packages.web]\npath = "web"\n'


def released_tags(folder: Path) -> frozenset[str]:
    """Find the tags of a folder, by its own settings."""
    return find_released_tags(folder, ProjectTags.of(read_settings(folder, "."), "sample"))


@pytest.mark.parametrize(
    ("metadata", "tags"),
    [
        ("Metadata-Version: 2.4\nName: sample\nVersion: 1.4.0\n\nVersion: 9", {"v1.4.0"}),
        ("Name: sample\n", set()),
        ("Version: no version\n", set()),
        ("Version: 1.0+local\n", set()),
    ],
    ids=["version", "no version", "not PEP 440", "local version"],
)
def test_the_tag_is_productions(tmp_path: Path, metadata: str, tags: set[str]) -> None:
    (tmp_path / "PKG-INFO").write_text(metadata)
    assert released_tags(tmp_path) == tags


def test_a_checkout_has_none(tmp_path: Path) -> None:
    assert released_tags(tmp_path) == frozenset()


def test_each_of_several_packages_has_its_own(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "dist-actions.toml").write_text(SEVERAL)
    for name, version in (("core", "1.0"), ("web", "2.0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "PKG-INFO").write_text(f"Version: {version}\n")
    assert released_tags(tmp_path) == {"core-v1.0", "web-v2.0"}


def test_the_tagged_commit_holds_nothing_so_that_all_is_new_after_it(tmp_path: Path) -> None:
    folder = tmp_path / "released"
    history = make_history(frozenset({"v1.4.0"}), folder)
    assert history.tags == {"v1.4.0": history.commit}
    assert history.objects == folder / ".git" / "objects"
    assert git(folder, "ls-tree", history.commit) == ""
