"""What is promoted, and by which commit."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name

from dist_actions.environments import DEFAULT_ENVIRONMENTS
from dist_actions.errors import PromotionError
from dist_actions.packages import Package
from dist_actions.promote.planning import (
    choose_strategy,
    is_ours,
    message,
    nothing_to_promote,
)
from dist_actions.promote.promotion import (
    Commit,
    Lineage,
    Observed,
    PackageState,
    Promotion,
    Standing,
)
from dist_builders import parsed

DEV, QA, PRD = DEFAULT_ENVIRONMENTS.stages
PROMOTION = Promotion(parsed("0.5.0"), "v0.5.0-dev", DEV, QA)


def test_branch_and_title_name_version_and_target() -> None:
    assert PROMOTION.branch == "promote/v0.5.0-to-qa"
    assert PROMOTION.title == "chore: promote v0.5.0 to qa"


def commit(sha: str, tree: str, parents: tuple[str, ...] = (), message: str = "x\n") -> Commit:
    return Commit(sha, tree, parents, message)


SOURCE = Lineage(
    frozenset({"h", "g", "base"}),
    frozenset({"T", "G", "BASE"}),
    {"core": frozenset({"C1", "C2"}), "api": frozenset({"A1"})},
)
OBSERVED = Observed(
    source_commit="h",
    source_tree="T",
    target_commit="b",
    target_tree="B",
    contained=False,
    merged_tree="T",
    target_commits=(),
    source=SOURCE,
    known=SOURCE,
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
    found = nothing_to_promote(PROMOTION, replace(OBSERVED, **changes))  # type: ignore[arg-type]
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
    assert message(PROMOTION, OBSERVED) == (
        "chore: promote v0.5.0 to qa\n\n"
        "Promoted-From: h\nPromoted-Tree: T\nPromoted-Version: 0.5.0\n"
    )


@pytest.mark.parametrize(
    ("head", "ours"),
    [
        pytest.param(commit("h", "T"), True, id="the released commit"),
        pytest.param(
            commit("l", "T", ("h", "old"), message(PROMOTION, OBSERVED)), True, id="a link"
        ),
        pytest.param(
            commit("l", "X", ("h", "old"), message(PROMOTION, OBSERVED)),
            False,
            id="an amended link",
        ),
        pytest.param(
            commit("l", "T", ("theirs",), message(PROMOTION, OBSERVED)),
            False,
            id="a link on top of something",
        ),
        pytest.param(commit("m", "T", ("h", "b"), "Merge branch 'qa'"), False, id="a merge"),
    ],
)
def test_only_our_own_work_is_made_anew(head: Commit, ours: bool) -> None:
    assert is_ours(head, OBSERVED) is ours


#: The source's branch, which is newer than the promoted commit.
KNOWN = Lineage(
    SOURCE.commits | {"n"},
    SOURCE.trees | {"N"},
    {"core": frozenset({"C1", "C2", "C3"}), "api": frozenset({"A1"})},
)
SEVERAL = replace(OBSERVED, known=KNOWN)


def package_state(
    name: str, standing: Standing, *, tag: str = "a-tag", folder: str = "X", released: bool = True
) -> PackageState:
    package = Package(canonicalize_name(f"shop-{name}"), name)
    version = parsed("1.1") if tag else None
    return PackageState(package, version, tag, parsed("1.2"), folder, standing, released)


def several(*states: PackageState, single: bool = False) -> Promotion:
    package = states[0].package if single else None
    version = PROMOTION.version if single else None
    return replace(PROMOTION, version=version, package=package, packages=states)


def changing(sha: str, folders: Mapping[str, str] | None, tree: str = "x") -> Commit:
    return replace(commit(sha, tree, ("b",), f"Change {sha}"), folders=folders)


@pytest.mark.parametrize("standing", ["missing", "older"])
def test_a_single_package_is_grafted(standing: Standing) -> None:
    promotion = several(package_state("core", standing), single=True)
    assert nothing_to_promote(promotion, SEVERAL) == ""
    assert choose_strategy(promotion, SEVERAL) == "graft"


def test_a_single_package_that_is_there_is_not_promoted_again() -> None:
    promotion = several(package_state("core", "same"), single=True)
    assert "same files of shop-core" in nothing_to_promote(promotion, SEVERAL)


@pytest.mark.parametrize(
    "promoted",
    [
        pytest.param([changing("s", {"core": "C1"})], id="one package"),
        pytest.param([changing("s", {"core": "C1", "api": "A1"})], id="two at once"),
        pytest.param([changing("s", {})], id="an empty commit"),
        pytest.param(
            [changing("s", {"core": "C1"}), changing("t", {"core": "own"})],
            id="a hotfix that does not stand any more",
        ),
        pytest.param(
            [changing("t", None, "T"), changing("s", None, "own")],
            id="the root's hotfix that does not stand any more",
        ),
    ],
)
@pytest.mark.parametrize("single", [True, False])
def test_what_was_promoted_is_no_obstacle(promoted: list[Commit], single: bool) -> None:
    states = (package_state("core", "older"), package_state("api", "same"))
    promotion = several(*(states[:1] if single else states), single=single)
    observed = replace(SEVERAL, target_commits=tuple(promoted))
    assert choose_strategy(promotion, observed) == ("graft" if single else "direct")


@pytest.mark.parametrize("single", [True, False])
def test_a_packages_own_changes_are_listed_without_what_was_promoted(single: bool) -> None:
    commits = (
        changing("own1", {"core": "own1"}),
        changing("fine", {"core": "C1"}),
        changing("newer", {"core": "C3"}),
        changing("api", {"api": "A1"}),
    )
    promotion = several(package_state("core", "own"), single=single)
    with pytest.raises(PromotionError, match=r"own[^:]*: own1 Change own1\. Why") as raised:
        choose_strategy(promotion, replace(SEVERAL, target_commits=commits))
    assert raised.value.anchor == "own-changes"
    assert ("in core" in raised.value.what) is single


def test_own_changes_that_no_commit_made_are_named_by_their_folder() -> None:
    """A merge of two promotions can leave what neither brought."""
    with pytest.raises(PromotionError, match=r"changes of its own: core\. Why"):
        choose_strategy(several(package_state("core", "own")), SEVERAL)


def test_a_commit_that_changes_more_than_packages_is_judged_as_a_whole() -> None:
    promotion = several(package_state("core", "older"))
    observed = replace(SEVERAL, target_commits=(changing("mixed", None),))
    with pytest.raises(PromotionError, match="own: mixed Change mixed"):
        choose_strategy(promotion, observed)


@pytest.mark.parametrize("single", [True, False])
def test_what_is_newer_is_never_taken_back(single: bool) -> None:
    promotion = several(package_state("core", "newer"), single=single)
    observed = replace(SEVERAL, target_commits=(changing("s", {"core": "C3"}),))
    with pytest.raises(PromotionError, match=r"newer than v0.5.0-dev: shop-core 1.2\.") as raised:
        choose_strategy(promotion, observed)
    assert raised.value.anchor == "promote-below"


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(changing("later", None, "N"), id="a squash"),
        pytest.param(changing("n", None), id="the commit itself"),
        pytest.param(commit("m", "x", ("b", "n"), "Change later"), id="a merge"),
    ],
)
def test_a_whole_tree_that_is_newer_is_never_taken_back(later: Commit) -> None:
    promotion = several(package_state("core", "older"))
    observed = replace(SEVERAL, target_commits=(later,))
    with pytest.raises(PromotionError, match=r"holds what is newer than v0\.5\.0-dev: "):
        choose_strategy(promotion, observed)
    assert choose_strategy(promotion, replace(observed, source=KNOWN)) == "direct"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (package_state("core", "older", released=False), "shop-core has changes since a-tag"),
        (package_state("core", "missing", tag="", released=False), "shop-core was never released"),
        (package_state("core", "same", released=False), ""),
        (package_state("core", "older", released=False, folder=""), ""),
    ],
    ids=["changed since its tag", "never released", "not moving", "removed"],
)
def test_all_carries_only_what_is_released(state: PackageState, said: str) -> None:
    if not said:
        assert choose_strategy(several(state), SEVERAL) == "direct"
        return
    with pytest.raises(PromotionError, match=said) as raised:
        choose_strategy(several(state), SEVERAL)
    assert raised.value.anchor == "promote-unreleased"


def test_a_single_package_needs_its_folder() -> None:
    promotion = several(package_state("core", "same", folder=""), single=True)
    assert nothing_to_promote(promotion, SEVERAL) == ""
    with pytest.raises(PromotionError, match="holds no folder core"):
        choose_strategy(promotion, SEVERAL)


def test_a_grafts_message_names_the_package_and_its_tree() -> None:
    assert message(several(package_state("core", "older"), single=True), SEVERAL) == (
        "chore: promote shop-core v1.1 to qa\n\n"
        "Promoted-From: h\nPromoted-Tree: X\n"
        "Promoted-Package: shop-core\nPromoted-Version: 1.1\n"
    )


def test_a_message_of_all_pairs_the_packages_that_move_with_their_versions() -> None:
    states = [package_state("core", "older"), package_state("api", "same")]
    assert message(several(*states), SEVERAL).endswith(
        "Promoted-From: h\nPromoted-Tree: T\nPromoted-Package: shop-core\nPromoted-Version: 1.1\n"
    )


def test_a_graft_is_ours_where_making_it_again_gives_the_same() -> None:
    graft = commit("graft", "x", ("b",), "anything")
    assert is_ours(graft, SEVERAL, "graft")
    assert not is_ours(graft, SEVERAL, "another")
    assert not is_ours(graft, SEVERAL)
