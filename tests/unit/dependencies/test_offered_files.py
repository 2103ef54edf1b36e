"""The files of an index are its versions, and the quickest one to read tells what each requires."""

import pytest

from dist_actions.dependencies.offered_files import OfferedFile, group_files

ANY, LINUX = "core-1.0-py3-none-any.whl", "core-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
SDIST = "core-1.0.tar.gz"


def test_files_are_grouped_by_version_the_newest_first() -> None:
    names = ["core-0.9.tar.gz", "core-0.10.tar.gz", "Core-1.0rc1-py3-none-any.whl", "b_c-1.tar.gz"]
    grouped = group_files("qa", [OfferedFile(name, "") for name in (*names, "x.exe", "core.whl")])
    assert {
        project: [str(v.version) for v in versions] for project, versions in grouped.items()
    } == {
        "core": ["1.0rc1", "0.10", "0.9"],
        "b-c": ["1"],
    }


@pytest.mark.parametrize(
    "name",
    [
        f"core-{'9' * 5000}.tar.gz",
        f"core-1.0-{'.'.join(map(str, range(999)))}-none-any.whl",
        f"core-1.0-py3-none-{'.'.join(map(str, range(999)))}.whl",
        f"{'c' * 300}-1.0-py3-none-any.whl",
    ],
)
def test_a_name_that_no_file_has_counts_for_nothing(name: str) -> None:
    assert group_files("qa", [OfferedFile(name, "")]) == {}


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ([OfferedFile(SDIST, ""), OfferedFile(LINUX, ""), OfferedFile(ANY, "")], ANY),
        ([OfferedFile(SDIST, ""), OfferedFile(LINUX, "")], LINUX),
        ([OfferedFile(ANY, ""), OfferedFile(LINUX, "", shows_metadata=True)], LINUX),
        (
            [OfferedFile(LINUX, "", size_bytes=9), OfferedFile(f"{LINUX[:-10]}aarch64.whl", "")],
            None,
        ),
    ],
)
def test_which_file_is_read(files: list[OfferedFile], name: str | None) -> None:
    (versions,) = group_files("qa", files).values()
    (file,) = versions.values()
    assert file.name == (name or min(files, key=lambda file: file.size_bytes).name)


def test_a_version_is_yanked_where_all_its_files_are() -> None:
    for sdist_is_yanked in (True, False):
        files = [OfferedFile(ANY, "", yanked=True), OfferedFile(SDIST, "", yanked=sdist_is_yanked)]
        (version,) = group_files("qa", files)["core"]  # type: ignore[index]
        assert version.yanked is sdist_is_yanked
