"""What a release's notes compare with, and which commits they list."""

from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.distributions.manifest import Manifest
from dist_actions.release.github_release.changes import ChangeRange, find_change_range, list_commits
from dist_actions.services.github.facts import Commit
from support.distributions.builders import make_manifest, parsed, write_release

PAGE = "https://github.com/o/r/commit"


@pytest.fixture
def compared_manifest(tmp_path: Path) -> Manifest:
    """Version 1.10.0 in dev."""
    write_release(tmp_path, "1.10.0")
    return make_manifest(tmp_path)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param([], "", id="first"),
        pytest.param(["v1.9.0-dev", "v1.2.0-dev"], "v1.9.0-dev", id="numbers, not letters"),
        pytest.param(["v1.9.0-qa", "v1.9.5", "v1.1.0-dev"], "v1.1.0-dev", id="same environment"),
        pytest.param(["v1.10.0-dev", "v2.0.0-dev"], "", id="only lower ones"),
        pytest.param(["latest", "1.9.0-dev", "v-dev"], "", id="other tags"),
        pytest.param(["v1.10.0rc1-dev"], "v1.10.0rc1-dev", id="a pre-release is lower"),
    ],
)
def test_the_previous_tag_is_the_highest_lower_one_of_the_environment(
    compared_manifest: Manifest, tags: list[str], expected: str
) -> None:
    assert compared_manifest.version == parsed("1.10.0")
    assert find_change_range(compared_manifest, tags) == ChangeRange(
        expected, expected, "v1.10.0-dev"
    )


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param(
            ["v1.8.0", "v1.8.0-dev", "v1.9.0-dev", "v1.10.0-dev", "v1.10.0-qa", "v1.8.0-qa"],
            ("v1.8.0", "v1.8.0-dev", "v1.10.0-dev"),
            id="in dev, where the commits are",
        ),
        pytest.param(
            ["v1.9.1", "v1.9.0-dev", "v1.10.0-dev"],
            ("v1.9.1", "v1.9.0-dev", "v1.10.0-dev"),
            id="after a hotfix of production alone",
        ),
        pytest.param(
            ["v1.9.0", "v1.9.0-dev", "v1.9.0-qa", "v1.10.0-qa"],
            ("v1.9.0", "v1.9.0-qa", "v1.10.0-qa"),
            id="a hotfix of qa",
        ),
        pytest.param(
            ["v1.9.0", "v1.10.0-dev"], ("v1.9.0", "v1.9.0", "v1.10.0"), id="dev came later"
        ),
        pytest.param(["v1.10.0-qa", "v1.10.0-dev"], ("", "", "v1.10.0-dev"), id="the first"),
    ],
)
def test_production_is_compared_with_production_by_the_commits_of_dev(
    compared_manifest: Manifest, tags: list[str], expected: tuple[str, str, str]
) -> None:
    production = replace(compared_manifest, tag="v1.10.0", suffix="", environment="prd")

    assert find_change_range(production, tags) == ChangeRange(*expected)


def commit(number: int, message: str, *parents: int, author: str = "Ada") -> Commit:
    sha = f"{number:040x}"
    return Commit(sha, message, f"{PAGE}/{sha}", author, tuple(f"{one:040x}" for one in parents))


def subjects(notes: str) -> list[str]:
    lines = [line for line in notes.splitlines() if line.startswith("* ")]
    return [line.removeprefix("* ").partition(" ([")[0].partition(" in [")[0] for line in lines]


#: Newest first: a merged pull request of two commits, a squashed one, a rebased one of one commit,
#: a merge of a branch, and a commit that was pushed.
HISTORY = [
    commit(9, "Merge pull request #4 from octo-cat/feature\n\nGreet twice", 5, 8),
    commit(8, "Test greetings", 7),
    commit(7, "Greet twice, at first", 5),
    commit(6, "Merge branch 'main' into dev", 5, 4),
    commit(5, "Rebased", 4),
    commit(4, "Squashed (#3)\n\n* details", 3),
    commit(3, "Pushed", 2),
]


@pytest.mark.parametrize(
    ("pulls", "expected"),
    [
        ({4: "Greet twice", 3: "Squashed", 2: "Rebased"}, ["Pushed"]),
        ({}, ["Greet twice", "Rebased", "Squashed \\(\\#3\\)", "Pushed"]),
        ({3: "Squashed"}, ["Greet twice", "Rebased", "Pushed"]),
    ],
)
def test_commits_of_pull_requests_are_not_listed_twice(
    pulls: dict[int, str], expected: list[str]
) -> None:
    assert subjects(list_commits(HISTORY, pulls, "## Changes")) == expected


def test_what_promote_writes_is_left_out_and_what_it_brings_is_kept() -> None:
    promoted = f"Promoted-From: {'a' * 40}\nPromoted-Tree: {'b' * 40}\nPromoted-To: qa"
    history = [
        commit(9, "chore: promote 1.4.0 to qa (#12)\n\nAnything", 6),
        commit(8, "Merge pull request #11 from o/promote/v1.3.0-to-qa\n\nchore: promote", 5, 7),
        commit(7, f"Another title\n\n{promoted}", 4),
        commit(6, f"chore: back-merge main into qa\n\nBack-merged-From: {'c' * 40}", 5),
        commit(4, "A change that was promoted", 3),
    ]
    assert subjects(list_commits(history, {}, "## Changes")) == ["A change that was promoted"]
    assert list_commits(history[:4], {}, "## Changes") == ""


def test_subjects_and_authors_are_shown_as_they_are() -> None:
    hostile = "Fixes #1 [x](y) @all ::error::<b> \u202e"
    notes = list_commits([commit(1, f"{hostile}\nMore", author="@Eve <i>")], {}, "## Changes")

    expected = "F\u200bixes \\#1 \\[x\\]\\(y\\) @\u200ball ::error::\\<b\\>"
    assert expected in notes
    assert notes.endswith(f"([0000000]({PAGE}/{1:040x})) by @\u200bEve \\<i\\>")
    assert "More" not in notes


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://x) [y](https://z"])
def test_an_address_that_is_none_is_no_link(address: str) -> None:
    plain = replace(commit(1, "Merge pull request #4 from o/branch", 2, 3), url=address)

    assert list_commits([plain], {}, "## Changes").endswith("\n* branch in #4")


def test_a_long_history_is_cut() -> None:
    many = [commit(number, "x" * 10_000) for number in range(5000, 0, -1)]
    notes = list_commits(many, {}, "## Changes")

    assert len(notes) < 30_000
    assert notes.endswith("* … and older ones")
    assert len(notes.splitlines()) == 53
