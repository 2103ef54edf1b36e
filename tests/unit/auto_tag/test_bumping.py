"""Which version is proposed after the last one, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from dist_actions.auto_tag.bumping import Bump, Level, next_version, propose
from dist_actions.services.github.facts import Commit

numbers = st.integers(min_value=0, max_value=10**6)
versions = st.builds(
    lambda epoch, release, pre, post, dev: Version(
        f"{epoch}!{'.'.join(map(str, release))}{pre}{post}{dev}"
    ),
    st.integers(min_value=0, max_value=2),
    st.lists(numbers, min_size=1, max_size=5),
    st.sampled_from(["", "a1", "b2", "rc3"]),
    st.sampled_from(["", ".post1"]),
    st.sampled_from(["", ".dev4"]),
)
levels: st.SearchStrategy[Level] = st.sampled_from(["patch", "minor", "major"])


@given(versions, levels)
def test_the_next_version_is_a_higher_final_release_of_the_same_epoch(
    last: Version, level: Level
) -> None:
    version = next_version(last, level)

    assert version > last
    assert (version.epoch, version.pre, version.dev, version.post) == (last.epoch, *[None] * 3)
    assert 3 <= len(version.release) <= max(3, len(last.release))
    # Nothing is left out between the two: at most one number is raised, by one.
    major, minor = (*last.release, 0)[:2]
    assert version.release[0] - major in {0, 1}
    assert version.release[0] > major or version.release[1] - minor in {0, 1}


@given(versions, st.lists(levels, min_size=2, max_size=2))
def test_a_higher_level_never_gives_a_lower_version(last: Version, pair: list[Level]) -> None:
    order = ["patch", "minor", "major"]
    lower, higher = sorted(pair, key=order.index)

    assert next_version(last, lower) <= next_version(last, higher)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("1.4.2", "1.4.3 1.5.0 2.0.0"),
        ("1", "1.0.1 1.1.0 2.0.0"),
        ("2026.11", "2026.11.1 2026.12.0 2027.0.0"),
        ("1.4.2.7", "1.4.3 1.5.0 2.0.0"),
        ("1!1.4.2", "1!1.4.3 1!1.5.0 1!2.0.0"),
        ("1.4.2.post1", "1.4.3 1.5.0 2.0.0"),
        ("2.0.0rc1", "2.0.0 2.0.0 2.0.0"),
        ("1.5.0.dev3", "1.5.0 1.5.0 2.0.0"),
        ("1.4.3rc1", "1.4.3 1.5.0 2.0.0"),
        ("1.4.2.post1.dev2", "1.4.3 1.5.0 2.0.0"),
        ("0.4.2", "0.4.3 0.5.0 1.0.0"),
    ],
)
def test_each_level_raises_its_part(last: str, expected: str) -> None:
    raised = [next_version(Version(last), level) for level in ("patch", "minor", "major")]
    assert " ".join(map(str, raised)) == expected


def commits(*messages: str) -> list[Commit]:
    return [Commit("a" * 40, message, "") for message in messages]


MERGE = Commit("b" * 40, "Merge branch 'feat: x'", "", parents=("a" * 40, "c" * 40))


@pytest.mark.parametrize(
    ("last", "messages", "expected"),
    [
        ("1.4.2", ["feat: a", "fix: b", "feat(api): c"], "1.5.0"),
        ("1.4.2", ["fix: a"], "1.4.3"),
        ("1.4.2", ["perf(core): a"], "1.4.3"),
        ("1.4.2", ["Update things"], "1.4.3"),
        ("1.4.2", ['Revert "feat: a"'], "1.4.3"),
        ("1.4.2", ["feature without a colon"], "1.4.3"),
        ("1.4.2", ["docs: mention feat: a"], None),
        ("1.4.2", ["FEAT: a"], "1.5.0"),
        ("1.4.2", ["chore!: drop Python 3.9"], "2.0.0"),
        ("1.4.2", ["refactor(api)!: a", "feat: b"], "2.0.0"),
        ("1.4.2", ["fix: a\n\nText.\n\nBREAKING CHANGE: b"], "2.0.0"),
        ("1.4.2", ["fix: a\n\nBREAKING-CHANGE: b"], "2.0.0"),
        ("1.4.2", ["fix: a\n\nNo BREAKING CHANGE: at all"], "1.4.3"),
        ("1.4.2", ["fix: a\n\nbreaking change: b"], "1.4.3"),
        ("0.4.2", ["feat!: a"], "0.5.0"),
        ("1!0.4.2", ["feat!: a"], "1!0.5.0"),
        ("0.4.2", ["fix: a"], "0.4.3"),
        ("2.0.0rc1", ["fix: a"], "2.0.0"),
        ("1.4.2", ["docs: a", "chore(deps): b", "ci: c", "test: d", "style: e"], None),
        ("1.4.2", ["refactor: a", "build: b"], None),
        ("1.4.2", [f"chore: back-merge qa into dev\n\nBack-merged-From: {'a' * 40}"], "1.4.3"),
        ("1.4.2", [""], "1.4.3"),
    ],
)
def test_conventional_commits_decide_by_the_strongest(
    last: str, messages: list[str], expected: str | None
) -> None:
    proposal = propose("conventional", Version(last), commits(*messages), "v1.4.2-dev")

    assert proposal.version == (Version(expected) if expected else None), proposal.reason


@pytest.mark.parametrize(
    ("bump", "messages", "reason"),
    [
        (
            "conventional",
            ["feat: a", "feat: b", "docs: c"],
            "1.4.2 → 1.5.0, because of 2 features since v1.4.2-dev.",
        ),
        (
            "conventional",
            ["fix: a", "Update"],
            "1.4.2 → 1.4.3, because of 1 fix and 1 other change since v1.4.2-dev.",
        ),
        (
            "conventional",
            ["docs: a", "docs: b", "ci: c"],
            "Since v1.4.2-dev there is nothing that a user would notice (1 ci, 2 docs).",
        ),
        (
            "minor",
            ["docs: a"],
            "1.4.2 → 1.5.0, because bump is minor, with 1 commit since v1.4.2-dev.",
        ),
        ("patch", [], "v1.4.2-dev holds this commit already."),
    ],
)
def test_the_reason_says_what_was_counted(bump: Bump, messages: list[str], reason: str) -> None:
    assert propose(bump, Version("1.4.2"), commits(*messages), "v1.4.2-dev").reason == reason


def test_merges_count_for_what_they_bring_alone() -> None:
    assert propose("conventional", Version("1.0"), [MERGE], "v1.0").version is None
    brought = [MERGE, *commits("feat: x")]
    assert propose("conventional", Version("1.0"), brought, "v1.0").version == Version("1.1.0")
