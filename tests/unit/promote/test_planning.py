"""What is promoted, and by which commit."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dist_actions.environments import DEFAULT_ENVIRONMENTS
from dist_actions.errors import InputError, PromotionError
from dist_actions.promote.planning import (
    Commit,
    Observed,
    Promotion,
    choose_promotion,
    choose_strategy,
    is_ours,
    link_message,
    nothing_to_promote,
)
from dist_actions.tags import TagFormat
from dist_builders import parsed

TAGS = TagFormat("v{version}{suffix}", "", DEFAULT_ENVIRONMENTS.suffixes)
DEV, QA, PRD = DEFAULT_ENVIRONMENTS.stages
PROMOTION = Promotion(parsed("0.5.0"), "v0.5.0-dev", DEV, QA)
RELEASED = ("v0.9.0-dev", "v0.10.0-dev", "v0.11.0-qa", "v0.8.0", "nightly")


def choose(
    *,
    tag: str = "",
    from_name: str = "",
    to_name: str = "",
    version: str = "",
    released: Sequence[str] = RELEASED,
) -> Promotion | None:
    return choose_promotion(
        TAGS,
        DEFAULT_ENVIRONMENTS,
        tag=tag,
        from_name=from_name,
        to_name=to_name,
        version=version,
        released_tags=released,
    )


@pytest.mark.parametrize(
    ("given", "tag", "target"),
    [
        pytest.param({}, "v0.10.0-dev", "qa", id="newest of the first environment"),
        pytest.param({"from_name": "qa"}, "v0.11.0-qa", "prd", id="newest of another"),
        pytest.param({"tag": "v0.9.0-dev"}, "v0.9.0-dev", "qa", id="the run's own tag"),
        pytest.param(
            {"tag": "v0.9.0-dev", "from_name": "qa"}, "v0.11.0-qa", "prd", id="from wins over it"
        ),
        pytest.param({"version": "0.1"}, "v0.1-dev", "qa", id="a version that is given"),
        pytest.param({"to_name": "qa"}, "v0.10.0-dev", "qa", id="to is what follows"),
    ],
)
def test_source_version_and_target_are_chosen(given: dict[str, str], tag: str, target: str) -> None:
    chosen = choose(**given)  # type: ignore[arg-type]
    assert chosen is not None
    assert (chosen.tag, chosen.target.name) == (tag, target)


@pytest.mark.parametrize("given", [{"tag": "v0.8.0"}, {"from_name": "prd"}])
def test_production_is_the_last(given: dict[str, str]) -> None:
    assert choose(**given) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "anchor"),
    [
        ({"from_name": "test"}, "environments"),
        ({"to_name": "test"}, "environments"),
        ({"to_name": "prd"}, "environments"),
        ({"from_name": "qa", "to_name": "dev"}, "environments"),
        ({"from_name": "prd", "to_name": "dev"}, "environments"),
    ],
)
def test_what_is_no_step_is_refused(given: dict[str, str], anchor: str) -> None:
    with pytest.raises(InputError) as raised:
        choose(**given)  # type: ignore[arg-type]
    assert raised.value.anchor == anchor


def test_without_a_release_there_is_nothing_to_choose() -> None:
    with pytest.raises(InputError, match="No version was released in dev yet"):
        choose(released=["v1.0.0-qa"])


def test_branch_and_title_name_version_and_target() -> None:
    assert PROMOTION.branch == "promote/v0.5.0-to-qa"
    assert PROMOTION.title == "chore: promote v0.5.0 to qa"


def commit(sha: str, tree: str, parents: tuple[str, ...] = (), message: str = "x\n") -> Commit:
    return Commit(sha, tree, parents, message)


OBSERVED = Observed(
    source_commit="h",
    source_tree="T",
    target_commit="b",
    target_tree="B",
    contained=False,
    merged_tree="T",
    target_commits=(),
    source_history=frozenset({"h", "g", "base"}),
    source_trees=frozenset({"T", "G", "BASE"}),
)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"contained": True}, "this commit already"),
        ({"target_tree": "T"}, "same files already"),
    ],
)
def test_there_is_nothing_to_promote_where_the_target_has_it(
    changes: dict[str, object], reason: str
) -> None:
    found = nothing_to_promote(replace(OBSERVED, **changes))  # type: ignore[arg-type]
    assert reason in found
    assert bool(found) is bool(changes)


@pytest.mark.parametrize(
    ("merged", "strategy"),
    [
        pytest.param("T", "direct", id="a merge gives the released files"),
        pytest.param("other", "link", id="a merge is clean and silently wrong"),
        pytest.param(None, "link", id="a merge conflicts"),
    ],
)
def test_a_link_is_made_where_a_merge_would_not_give_the_release(
    merged: str | None, strategy: str
) -> None:
    assert choose_strategy(PROMOTION, replace(OBSERVED, merged_tree=merged)) == strategy


@pytest.mark.parametrize(
    "promoted",
    [
        pytest.param(commit("g", "x"), id="in the source's history"),
        pytest.param(commit("s", "G"), id="squash of an earlier release"),
        pytest.param(commit("m", "x", ("b", "g")), id="merge of the source"),
        pytest.param(
            commit("s", "L", (), "Promote\n\nPromoted-Tree: L\n"), id="trailer with its own tree"
        ),
    ],
)
def test_what_came_from_the_source_is_no_change_of_the_targets_own(promoted: Commit) -> None:
    choose_strategy(PROMOTION, replace(OBSERVED, target_commits=(promoted,)))


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(commit("0123456789", "x", ("b",), "Fix it\n\nlong"), id="a hotfix"),
        pytest.param(commit("0123456789", "x", ("b", "foreign"), "Fix it"), id="a merge of others"),
        pytest.param(
            commit("0123456789", "x", ("b",), "Fix it\n\nPromoted-Tree: T\n"), id="a false trailer"
        ),
    ],
)
def test_own_changes_stop_the_promotion_with_a_list(own: Commit) -> None:
    with pytest.raises(PromotionError, match="qa has changes of its own: 0123456 Fix it") as raised:
        choose_strategy(PROMOTION, replace(OBSERVED, target_commits=(own,)))
    assert raised.value.anchor == "own-changes"


def test_a_links_message_is_the_same_for_the_same_promotion() -> None:
    assert link_message(PROMOTION, OBSERVED) == (
        "chore: promote v0.5.0 to qa\n\n"
        "Promoted-From: h\nPromoted-Tree: T\nPromoted-Version: 0.5.0\n"
    )


@pytest.mark.parametrize(
    ("head", "ours"),
    [
        pytest.param(commit("h", "T"), True, id="the released commit"),
        pytest.param(
            commit("l", "T", ("h", "old"), link_message(PROMOTION, OBSERVED)), True, id="a link"
        ),
        pytest.param(
            commit("l", "X", ("h", "old"), link_message(PROMOTION, OBSERVED)),
            False,
            id="an amended link",
        ),
        pytest.param(
            commit("l", "T", ("theirs",), link_message(PROMOTION, OBSERVED)),
            False,
            id="a link on top of something",
        ),
        pytest.param(commit("m", "T", ("h", "b"), "Merge branch 'qa'"), False, id="a merge"),
    ],
)
def test_only_our_own_work_is_made_anew(head: Commit, ours: bool) -> None:
    assert is_ours(head, OBSERVED) is ours
