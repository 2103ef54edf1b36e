"""Hotfixes, reverts and back-merges: what is promoted then, by real git."""

import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.errors import PromotionConflictError, PromotionError
from dist_actions.promote.planning import nothing_to_promote
from dist_actions.services.github.facts import BranchRules
from support.promotion.modelled_repository import VERSION, ModelledRepository

ANY = BranchRules()
#: Places that are far from each other, in a file that all branches hold.
HERE, THERE, ELSEWHERE = (1, "0"), (1, "2"), (1, "4")


@pytest.fixture
def history(tmp_path: Path) -> ModelledRepository:
    """Version 0.1.0 was squashed into qa, and then qa got a hotfix."""
    made = ModelledRepository(tmp_path, random.Random(1))
    made.places[1] = 5
    made.write("dev", {(1, "path"): "a.txt", (1, "bytes"): None, HERE: "here"}, "A file")
    made.develop("0.1.0", {})
    made.squash(made.prepare("dev", "0.1.0"))
    made.states[made.tips["qa"]] = made.state("dev")
    made.write("qa", {THERE: "hotfix"}, "Fix it")
    return made


def test_a_hotfix_stands_promotion_after_promotion(history: ModelledRepository) -> None:
    hotfix = history.tips["qa"]
    for number in (2, 3, 4):
        source = history.develop(f"0.{number}.0", {HERE: f"here {number}"})
        prepared = history.prepare("dev", f"0.{number}.0")
        plan = prepared.plan(ANY)
        assert plan.strategy == "stitch"
        assert [one.sha for one in plan.own_changes] == [hotfix]
        text = history.read_first_file(plan.expected_tree)
        assert "hotfix" in text
        assert f"here {number}" in text
        assert history.prepare("dev", f"0.{number}.0").plan(ANY) == plan, (
            "made again, it is the same"
        )
        listed = {one.sha for one in prepared.commits(10)}
        assert listed == {source}, "only what is new"
        history.squash(prepared, "no trailers at all")
        again = history.prepare("dev", f"0.{number}.0")
        assert "got this commit already" in nothing_to_promote(again.promotion, again.observed)


@pytest.mark.parametrize("squashed", [True, False], ids=["squash", "merge"])
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_a_back_merge_settles_a_hotfix_also_where_its_lines_change_later(
    history: ModelledRepository, squashed: bool, after: bool
) -> None:
    hotfix = history.state("qa")
    history.develop("0.2.0", {HERE: "here 2"})
    prepared = history.prepare("dev", "0.2.0")
    if after:
        history.squash(prepared)
        history.states[history.tips["qa"]] = history.merged(history.state("dev"), hotfix)
        prepared = history.prepare("dev", "0.2.0")
    back = prepared.make_back_merge()
    assert [one.subject for one in prepared.observed.own_changes] == ["Fix it"]
    history.bring_back(back, squashed=squashed)
    assert history.prepare("dev", "0.2.0").make_back_merge() == "", "it is there"
    if not after:
        history.squash(history.prepare("dev", "0.2.0"))
    history.develop("0.3.0", {THERE: "hotfix, made better"})
    prepared = history.prepare("dev", "0.3.0")
    plan = prepared.plan(ANY)
    expected = "direct" if after and not squashed else "link"
    assert (plan.strategy, plan.own_changes) == (expected, ())
    assert plan.brings_released_files(prepared.observed)
    assert prepared.make_back_merge() == ""


def test_a_contradiction_is_solved_by_the_commands_that_it_names(
    history: ModelledRepository, tmp_path: Path
) -> None:
    history.develop("0.2.0", {THERE: "of dev"})
    prepared = history.prepare("dev", "0.2.0")
    with pytest.raises(PromotionConflictError) as raised:
        prepared.plan(ANY)
    assert raised.value.files == ("a.txt",)
    back = prepared.make_back_merge()
    assert history.clone.git.tree(back) == history.git.tree("qa")
    commands = raised.value.fix.partition("promote it: ")[2].removesuffix(".")
    folder = tmp_path / "work"
    who = "user.name=Dev", "user.email=dev@example.com"
    clone = [
        "git",
        "clone",
        "-q",
        *(f"-c{one}" for one in who),
        str(history.store.path),
        str(folder),
    ]
    subprocess.run(clone, check=True)
    done = subprocess.run(["bash", "-c", commands], cwd=folder, check=False, capture_output=True)
    assert b"CONFLICT" in done.stdout
    text = (folder / "a.txt").read_text()
    assert text.count("<<<<<<<") == 1, "nothing else conflicts"
    (folder / "a.txt").write_text(text.partition("<<<<<<<")[0] + "solved\n")
    subprocess.run(["git", "commit", "-qam", "Solve"], cwd=folder, check=True)
    subprocess.run(["git", "push", "-q", "origin", "HEAD:dev"], cwd=folder, check=True)
    history.set_branch("dev", history.git.run("rev-parse", "dev"))
    history.tag("0.3.0", "dev")
    plan = history.prepare("dev", "0.3.0").plan(ANY)
    assert (plan.strategy, plan.expected_tree) == ("direct", history.git.tree("dev"))


def test_a_promotion_that_was_reverted_by_hand_stays_reverted(history: ModelledRepository) -> None:
    before = history.tips["qa"]
    history.develop("0.2.0", {HERE: "a bad idea"})
    history.squash(history.prepare("dev", "0.2.0"))
    history.set_branch(
        "qa", history.store.commit(history.git.tree(before), [history.tips["qa"]], "Revert")
    )
    history.write("dev", {ELSEWHERE: "else"}, "Something else")
    history.tag("0.3.0", "dev")
    plan = history.prepare("dev", "0.3.0").plan(ANY)
    assert "a bad idea" not in history.read_first_file(plan.expected_tree)
    assert [one.subject for one in plan.own_changes] == ["Revert", "Fix it"]


def test_where_only_rebase_is_allowed_the_branch_is_one_commit_with_one_parent(
    history: ModelledRepository,
) -> None:
    rules = BranchRules(methods=frozenset({"rebase"}))
    history.develop("0.2.0", {HERE: "here 2"})
    prepared = history.prepare("dev", "0.2.0")
    plan, stitch = prepared.plan(rules), prepared.plan(ANY)
    assert (plan.strategy, plan.expected_tree) == ("graft", stitch.expected_tree)
    git = prepared.clone.git
    assert git.run("show", "-s", "--format=%P", plan.head_sha) == history.tips["qa"]
    history.publish()
    history.set_branch("qa", plan.head_sha)
    again = history.prepare("dev", "0.2.0")
    assert nothing_to_promote(again.promotion, again.observed) != ""


@pytest.mark.parametrize("methods", ["merge squash rebase", "rebase"])
def test_our_own_commit_is_known_also_after_the_target_moved(
    history: ModelledRepository, methods: str
) -> None:
    rules = BranchRules(methods=frozenset(methods.split()))  # type: ignore[arg-type]
    history.develop("0.2.0", {HERE: "here 2"})
    made = history.prepare("dev", "0.2.0").plan(rules)
    history.publish()
    history.store.point("heads/promote/v0.2.0-to-qa", made.head_sha)
    history.write("qa", {ELSEWHERE: "another hotfix"}, "Fix more")
    prepared = history.prepare("dev", "0.2.0")
    head = prepared.clone.head(prepared.promotion)
    assert head is not None
    assert prepared.is_own_head(head)
    assert prepared.plan(rules).head_sha != made.head_sha
    amended = history.store.commit(history.git.tree("main"), head.parents, head.message)
    assert not prepared.is_own_head(replace(head, sha=amended, tree_sha=history.git.tree("main")))


def test_a_source_that_was_written_anew_stops_it(history: ModelledRepository) -> None:
    old = history.tips["dev"]
    history.develop("0.2.0", {HERE: "gone"})
    history.squash(history.prepare("dev", "0.2.0"))
    history.set_branch("dev", old)
    history.write("dev", {VERSION: "0.3.0", HERE: "anew"}, "Version 0.3.0")
    history.tag("0.3.0", "dev")
    with pytest.raises(PromotionError, match="qa was brought something that dev does not hold"):
        history.prepare("dev", "0.3.0").plan(ANY)


def test_an_older_version_is_never_promoted_over_a_newer_one(history: ModelledRepository) -> None:
    history.develop("0.2.0", {HERE: "older"})
    history.develop("0.3.0", {HERE: "newer"})
    history.squash(history.prepare("dev", "0.3.0"))
    with pytest.raises(PromotionError, match=r"holds what is newer than v0\.2\.0-dev"):
        history.prepare("dev", "0.2.0").plan(ANY)


def test_pull_requests_are_asked_for_once_and_only_where_git_does_not_tell(
    history: ModelledRepository,
) -> None:
    assert history.pull_queries == []
    hotfix = history.tips["qa"]
    history.develop("0.2.0", {HERE: "here 2"})
    history.prepare("dev", "0.2.0").plan(ANY)
    assert history.pull_queries == [[hotfix]]


@pytest.mark.parametrize("first", ["qa", "dev"])
def test_a_hotfix_that_was_picked_by_hand_is_settled(
    history: ModelledRepository, first: str
) -> None:
    """Later changes of its lines would conflict else."""
    if first == "dev":
        history.write("dev", {THERE: "hotfix"}, "Fix it")
        history.write("dev", {ELSEWHERE: "else"}, "Something else")
    else:
        history.write("dev", {ELSEWHERE: "else"}, "Something else")
        history.write("dev", {THERE: "hotfix"}, "Fix it (cherry-picked)")
    history.write("qa", {(1, "1"): "another hotfix"}, "Fix more")
    history.develop("0.2.0", {THERE: "hotfix, made better"})
    plan = history.prepare("dev", "0.2.0").plan(ANY)
    text = history.read_first_file(plan.expected_tree)
    assert plan.strategy == "stitch"
    for line in ("else", "hotfix, made better", "another hotfix"):
        assert line in text.splitlines()
