"""What is promoted, and by which commit."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name

from dist_actions.errors import PromotionConflictError, PromotionError
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.packages import Package
from dist_actions.promote.planning import (
    back_merge_message,
    choose_strategy,
    is_own_head,
    nothing_to_promote,
    promotion_message,
)
from dist_actions.promote.promotion import (
    Commit,
    FolderState,
    Lineage,
    Observed,
    PackageState,
    PromotedCommits,
    Promotion,
)
from dist_actions.services.github.facts import BranchRules
from support.distributions.builders import parsed

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
    source=SOURCE,
    source_branch=SOURCE,
    merged_tree="T",
    joined_tree="T",
)
ANY = BranchRules()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"contained": True}, "this commit already"),
        ({"target_tree": "T"}, "same files already"),
        (
            {"promoted": PromotedCommits(holds_source=True)},
            "got this commit already, and was changed since",
        ),
        ({"joined_tree": "B"}, "all that it would bring already"),
    ],
)
def test_there_is_nothing_to_promote_where_the_target_has_it(
    changes: dict[str, object], reason: str
) -> None:
    found = nothing_to_promote(PROMOTION, replace(OBSERVED, **changes))  # type: ignore[arg-type]
    assert reason in found
    assert bool(found) is bool(changes)


@pytest.mark.parametrize(
    ("merged", "joined", "methods", "strategy"),
    [
        pytest.param("T", "T", "merge squash", "direct", id="git gives the released files"),
        pytest.param("other", "T", "merge", "link", id="git is clean and silently wrong"),
        pytest.param(None, "T", "merge", "link", id="git conflicts"),
        pytest.param("T", "T", "squash rebase", "link", id="no merge commits"),
        pytest.param("T", "T", "rebase", "graft", id="nothing but rebase"),
        pytest.param("R", "R", "merge squash rebase", "stitch", id="own changes stand"),
        pytest.param(None, "R", "rebase", "graft", id="own changes, and nothing but rebase"),
    ],
)
def test_the_strategy_follows_from_what_a_merge_comes_to(
    merged: str | None, joined: str, methods: str, strategy: str
) -> None:
    observed = replace(OBSERVED, merged_tree=merged, joined_tree=joined)
    rules = BranchRules(methods=frozenset(methods.split()))  # type: ignore[arg-type]
    assert choose_strategy(PROMOTION, observed, rules) == strategy


HOTFIX = commit("0123456789", "x", ("b",), "Fix it\n\nlong")


def test_a_conflict_names_files_commits_and_the_commands_that_solve_it() -> None:
    observed = replace(
        OBSERVED,
        joined_tree=None,
        conflicts=("a.txt",),
        own_changes=(HOTFIX,),
        promoted=PromotedCommits(last="g"),
    )
    said = r"conflict in a\.txt: 0123456 Fix it\. Why"
    with pytest.raises(PromotionConflictError, match=said) as raised:
        choose_strategy(PROMOTION, observed, ANY)
    assert (raised.value.anchor, raised.value.files) == ("promote-conflict", ("a.txt",))
    assert "origin/dev && git merge $(git commit-tree -p b -p g -m " in raised.value.fix
    assert "Back-merged-From: b' b^{tree})" in raised.value.fix


def test_what_came_from_nowhere_stops_it_as_long_as_it_may_stand() -> None:
    observed = replace(OBSERVED, promoted=PromotedCommits(unknown=(HOTFIX,)))
    assert choose_strategy(PROMOTION, observed, ANY) == "direct"
    with pytest.raises(PromotionError, match="does not hold: 0123456 Fix it") as raised:
        choose_strategy(PROMOTION, replace(observed, own_changes=(HOTFIX,)), ANY)
    assert raised.value.anchor == "promote-unknown-source"


@pytest.mark.parametrize(
    ("newest", "tagged_tree", "said"),
    [
        (None, "", ""),
        ("0.4.0", "", ""),
        ("0.5.0", "T", ""),
        ("0.5.0", "X", "0.5.0 is already released in qa with other files than v0.5.0-dev"),
        ("0.6.0", "", "qa holds what is newer than v0.5.0-dev: a-tag"),
    ],
)
def test_versions_of_the_target_only_rise(newest: str | None, tagged_tree: str, said: str) -> None:
    tagged = (parsed(newest), "a-tag") if newest else None
    observed = replace(OBSERVED, newest=tagged, tagged_tree=tagged_tree)
    if not said:
        assert choose_strategy(PROMOTION, observed, ANY) == "direct"
        return
    with pytest.raises(PromotionError, match=said) as raised:
        choose_strategy(PROMOTION, observed, ANY)
    assert raised.value.anchor == "promote-below"


def test_a_back_merges_message_says_what_it_holds() -> None:
    assert back_merge_message(PROMOTION, OBSERVED) == (
        "chore: back-merge qa into dev\n\nBack-merged-From: b\n"
    )


def test_a_links_message_is_the_same_for_the_same_promotion() -> None:
    assert promotion_message(PROMOTION, OBSERVED) == (
        "chore: promote v0.5.0 to qa\n\n"
        "Promoted-From: h\nPromoted-Tree: T\nPromoted-To: qa\nPromoted-Version: 0.5.0\n"
    )


@pytest.mark.parametrize(
    ("head", "ours"),
    [
        pytest.param(commit("h", "T"), True, id="the released commit"),
        pytest.param(
            commit("l", "T", ("h", "old"), promotion_message(PROMOTION, OBSERVED)),
            True,
            id="a link",
        ),
        pytest.param(
            commit("l", "X", ("h", "old"), promotion_message(PROMOTION, OBSERVED)),
            False,
            id="an amended link",
        ),
        pytest.param(
            commit("l", "T", ("theirs",), promotion_message(PROMOTION, OBSERVED)),
            False,
            id="a link on top of something",
        ),
        pytest.param(commit("m", "T", ("h", "b"), "Merge branch 'qa'"), False, id="a merge"),
    ],
)
def test_only_our_own_work_is_made_anew(head: Commit, ours: bool) -> None:
    assert is_own_head(head, OBSERVED) is ours


#: The source's branch, which is newer than the promoted commit.
SOURCE_BRANCH = Lineage(
    SOURCE.commits | {"n"},
    SOURCE.trees | {"N"},
    {"core": frozenset({"C1", "C2", "C3"}), "api": frozenset({"A1"})},
)
SEVERAL = replace(OBSERVED, source_branch=SOURCE_BRANCH)


def package_state(
    name: str,
    standing: FolderState,
    *,
    tag: str = "a-tag",
    folder: str = "X",
    released: bool = True,
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
def test_a_single_package_is_grafted(standing: FolderState) -> None:
    promotion = several(package_state("core", standing), single=True)
    assert nothing_to_promote(promotion, SEVERAL) == ""
    assert choose_strategy(promotion, SEVERAL, ANY) == "graft"


def test_a_single_package_that_is_there_is_not_promoted_again() -> None:
    promotion = several(package_state("core", "same"), single=True)
    assert "same files of shop-core" in nothing_to_promote(promotion, SEVERAL)


def test_a_packages_own_changes_are_listed_without_what_was_promoted() -> None:
    commits = (
        changing("own1", {"core": "own1"}),
        changing("fine", {"core": "C1"}),
        changing("newer", {"core": "C3"}),
    )
    promotion = several(package_state("core", "own"), single=True)
    observed = replace(SEVERAL, target_commits=commits)
    with pytest.raises(PromotionError, match=r"own in core: own1 Change own1\. Why") as raised:
        choose_strategy(promotion, observed, ANY)
    assert raised.value.anchor == "own-changes"


def test_own_changes_that_no_commit_made_are_named_by_their_folder() -> None:
    """A merge of two promotions can leave what neither brought."""
    promotion = several(package_state("core", "own"), single=True)
    with pytest.raises(PromotionError, match=r"changes of its own in core: core\. Why"):
        choose_strategy(promotion, SEVERAL, ANY)


@pytest.mark.parametrize("single", [True, False])
def test_what_is_newer_is_never_taken_back(single: bool) -> None:
    promotion = several(package_state("core", "newer"), single=single)
    observed = replace(SEVERAL, target_commits=(changing("s", {"core": "C3"}),))
    with pytest.raises(PromotionError, match=r"newer than v0.5.0-dev: shop-core 1.2\.") as raised:
        choose_strategy(promotion, observed, ANY)
    assert raised.value.anchor == "promote-below"


def test_a_whole_tree_that_is_newer_is_never_taken_back() -> None:
    promotion = several(package_state("core", "older"))
    observed = replace(SEVERAL, promoted=PromotedCommits(later=(changing("later", None),)))
    with pytest.raises(PromotionError, match=r"newer than v0\.5\.0-dev: later Change later"):
        choose_strategy(promotion, observed, ANY)


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
        assert choose_strategy(several(state), SEVERAL, ANY) == "direct"
        return
    with pytest.raises(PromotionError, match=said) as raised:
        choose_strategy(several(state), SEVERAL, ANY)
    assert raised.value.anchor == "promote-unreleased"


def test_a_single_package_needs_its_folder() -> None:
    promotion = several(package_state("core", "same", folder=""), single=True)
    assert nothing_to_promote(promotion, SEVERAL) == ""
    with pytest.raises(PromotionError, match="holds no folder core"):
        choose_strategy(promotion, SEVERAL, ANY)


def test_a_grafts_message_names_the_package_and_its_tree() -> None:
    assert promotion_message(several(package_state("core", "older"), single=True), SEVERAL) == (
        "chore: promote shop-core v1.1 to qa\n\n"
        "Promoted-From: h\nPromoted-Tree: X\n"
        "Promoted-Package: shop-core\nPromoted-Version: 1.1\n"
    )


def test_a_message_of_all_pairs_the_packages_that_move_with_their_versions() -> None:
    states = [package_state("core", "older"), package_state("api", "same")]
    assert promotion_message(several(*states), SEVERAL).endswith(
        "Promoted-From: h\nPromoted-Tree: T\nPromoted-To: qa\n"
        "Promoted-Package: shop-core\nPromoted-Version: 1.1\n"
    )


def test_a_graft_is_ours_where_making_it_again_gives_the_same() -> None:
    graft = commit("graft", "x", ("b",), "anything")
    assert is_own_head(graft, SEVERAL, frozenset({"graft"}))
    assert not is_own_head(graft, SEVERAL, frozenset({"another"}))
    assert not is_own_head(graft, SEVERAL)
