"""Hotfixes, reverts and back-merges: what is promoted then, by real git."""

import random
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.errors import PromotionConflictError, PromotionError
from dist_actions.promote.planning import nothing_to_promote, promotion_message
from dist_actions.promote.preparation import Preparation
from dist_actions.services.github.facts import BranchRules, MergedPull
from support.promotion.history_model import Cell
from support.promotion.history_world import VERSION, HistoryWorld

ANY = BranchRules()
#: Places that are far from each other, in a file that all branches hold.
HERE, THERE, ELSEWHERE = (1, "0"), (1, "2"), (1, "4")


class Chain(HistoryWorld):
    """A repository in which versions are promoted from dev to qa."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, random.Random(1))
        self.asked: list[list[str]] = []

    def develop(self, version: str, changes: dict[Cell, str | None]) -> str:
        sha = self.write("dev", {VERSION: version, **changes}, f"Version {version}")
        self.tag(version, "dev")
        return sha

    def squash(self, prepared: Preparation, text: str | None = None, onto: str = "qa") -> str:
        """Squash what is planned; by default with the whole message."""
        head = prepared.plan(ANY).head_sha
        self.publish()
        merged = self.git.merge_tree(self.tips[onto], head)
        assert merged.conflicts == ()
        body = promotion_message(prepared.promotion, prepared.observed)
        given = body if text is None else text
        sha = self.store.commit(merged.tree, [self.tips[onto]], given)
        self.put(onto, sha)
        pull = MergedPull(1, "", prepared.promotion.branch, head, body)
        self.pulls[sha] = pull
        return sha

    def bring_back(self, back: str, *, squashed: bool) -> str:
        """Merge the target's own changes into dev."""
        assert back
        self.publish()
        merged = self.git.merge_tree("dev", back)
        assert merged.conflicts == ()
        text = self.git.run("show", "-s", "--format=%B", back)
        parents = [self.tips["dev"]] if squashed else [self.tips["dev"], back]
        sha = self.store.commit(merged.tree, parents, text)
        self.held[sha] = self.merged(self.state("dev"), self.state("qa"))
        assert self.tree(self.held[sha]) == merged.tree
        self.put("dev", sha)
        return sha

    def put(self, branch: str, sha: str) -> None:
        self._set(branch, sha)

    def shown(self, tree: str) -> str:
        """The text of the file that is changed."""
        self.publish()
        paths = self.git.run("ls-tree", "-r", "--name-only", tree).split()
        return self.git.run("show", f"{tree}:{paths[0]}")

    def _pulls_of(self, commits: Sequence[str]) -> Mapping[str, MergedPull]:
        self.asked.append(list(commits))
        return super()._pulls_of(commits)


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """Version 0.1.0 was squashed into qa, and then qa got a hotfix."""
    made = Chain(tmp_path)
    made.places[1] = 5
    made.write("dev", {(1, "path"): "a.txt", (1, "bytes"): None, HERE: "here"}, "A file")
    made.develop("0.1.0", {})
    made.squash(made.prepare("dev", "0.1.0"))
    made.held[made.tips["qa"]] = made.state("dev")
    made.write("qa", {THERE: "hotfix"}, "Fix it")
    return made


def test_a_hotfix_stands_promotion_after_promotion(chain: Chain) -> None:
    hotfix = chain.tips["qa"]
    for number in (2, 3, 4):
        source = chain.develop(f"0.{number}.0", {HERE: f"here {number}"})
        prepared = chain.prepare("dev", f"0.{number}.0")
        plan = prepared.plan(ANY)
        assert plan.strategy == "stitch"
        assert [one.sha for one in plan.own_changes] == [hotfix]
        text = chain.shown(plan.expected_tree)
        assert "hotfix" in text
        assert f"here {number}" in text
        assert chain.prepare("dev", f"0.{number}.0").plan(ANY) == plan, "made again, it is the same"
        listed = {one.sha for one in prepared.commits(10)}
        assert listed == {source}, "only what is new"
        chain.squash(prepared, "no trailers at all")
        again = chain.prepare("dev", f"0.{number}.0")
        assert "got this commit already" in nothing_to_promote(again.promotion, again.observed)


@pytest.mark.parametrize("squashed", [True, False], ids=["squash", "merge"])
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_a_back_merge_settles_a_hotfix_also_where_its_lines_change_later(
    chain: Chain, squashed: bool, after: bool
) -> None:
    hotfix = chain.state("qa")
    chain.develop("0.2.0", {HERE: "here 2"})
    prepared = chain.prepare("dev", "0.2.0")
    if after:
        chain.squash(prepared)
        chain.held[chain.tips["qa"]] = chain.merged(chain.state("dev"), hotfix)
        prepared = chain.prepare("dev", "0.2.0")
    back = prepared.make_back_merge()
    assert [one.subject for one in prepared.observed.own_changes] == ["Fix it"]
    chain.bring_back(back, squashed=squashed)
    assert chain.prepare("dev", "0.2.0").make_back_merge() == "", "it is there"
    if not after:
        chain.squash(chain.prepare("dev", "0.2.0"))
    chain.develop("0.3.0", {THERE: "hotfix, made better"})
    prepared = chain.prepare("dev", "0.3.0")
    plan = prepared.plan(ANY)
    expected = "direct" if after and not squashed else "link"
    assert (plan.strategy, plan.own_changes) == (expected, ())
    assert plan.brings_released_files(prepared.observed)
    assert prepared.make_back_merge() == ""


def test_a_contradiction_is_solved_by_the_commands_that_it_names(
    chain: Chain, tmp_path: Path
) -> None:
    chain.develop("0.2.0", {THERE: "of dev"})
    prepared = chain.prepare("dev", "0.2.0")
    with pytest.raises(PromotionConflictError) as raised:
        prepared.plan(ANY)
    assert raised.value.files == ("a.txt",)
    back = prepared.make_back_merge()
    assert chain.clone.git.tree(back) == chain.git.tree("qa")
    commands = raised.value.fix.partition("promote it: ")[2].removesuffix(".")
    folder = tmp_path / "work"
    who = "user.name=Dev", "user.email=dev@example.com"
    clone = ["git", "clone", "-q", *(f"-c{one}" for one in who), str(chain.store.path), str(folder)]
    subprocess.run(clone, check=True)
    done = subprocess.run(["bash", "-c", commands], cwd=folder, check=False, capture_output=True)
    assert b"CONFLICT" in done.stdout
    text = (folder / "a.txt").read_text()
    assert text.count("<<<<<<<") == 1, "nothing else conflicts"
    (folder / "a.txt").write_text(text.partition("<<<<<<<")[0] + "solved\n")
    subprocess.run(["git", "commit", "-qam", "Solve"], cwd=folder, check=True)
    subprocess.run(["git", "push", "-q", "origin", "HEAD:dev"], cwd=folder, check=True)
    chain.put("dev", chain.git.run("rev-parse", "dev"))
    chain.tag("0.3.0", "dev")
    plan = chain.prepare("dev", "0.3.0").plan(ANY)
    assert (plan.strategy, plan.expected_tree) == ("direct", chain.git.tree("dev"))


def test_a_promotion_that_was_reverted_by_hand_stays_reverted(chain: Chain) -> None:
    before = chain.tips["qa"]
    chain.develop("0.2.0", {HERE: "a bad idea"})
    chain.squash(chain.prepare("dev", "0.2.0"))
    chain.put("qa", chain.store.commit(chain.git.tree(before), [chain.tips["qa"]], "Revert"))
    chain.write("dev", {ELSEWHERE: "else"}, "Something else")
    chain.tag("0.3.0", "dev")
    plan = chain.prepare("dev", "0.3.0").plan(ANY)
    assert "a bad idea" not in chain.shown(plan.expected_tree)
    assert [one.subject for one in plan.own_changes] == ["Revert", "Fix it"]


def test_where_only_rebase_is_allowed_the_branch_is_one_commit_with_one_parent(
    chain: Chain,
) -> None:
    rules = BranchRules(methods=frozenset({"rebase"}))
    chain.develop("0.2.0", {HERE: "here 2"})
    prepared = chain.prepare("dev", "0.2.0")
    plan, stitch = prepared.plan(rules), prepared.plan(ANY)
    assert (plan.strategy, plan.expected_tree) == ("graft", stitch.expected_tree)
    git = prepared.clone.git
    assert git.run("show", "-s", "--format=%P", plan.head_sha) == chain.tips["qa"]
    chain.publish()
    chain.put("qa", plan.head_sha)
    again = chain.prepare("dev", "0.2.0")
    assert nothing_to_promote(again.promotion, again.observed) != ""


@pytest.mark.parametrize("methods", ["merge squash rebase", "rebase"])
def test_our_own_commit_is_known_also_after_the_target_moved(chain: Chain, methods: str) -> None:
    rules = BranchRules(methods=frozenset(methods.split()))  # type: ignore[arg-type]
    chain.develop("0.2.0", {HERE: "here 2"})
    made = chain.prepare("dev", "0.2.0").plan(rules)
    chain.publish()
    chain.store.point("heads/promote/v0.2.0-to-qa", made.head_sha)
    chain.write("qa", {ELSEWHERE: "another hotfix"}, "Fix more")
    prepared = chain.prepare("dev", "0.2.0")
    head = prepared.clone.head(prepared.promotion)
    assert head is not None
    assert prepared.is_own_head(head)
    assert prepared.plan(rules).head_sha != made.head_sha
    amended = chain.store.commit(chain.git.tree("main"), head.parents, head.message)
    assert not prepared.is_own_head(replace(head, sha=amended, tree_sha=chain.git.tree("main")))


def test_a_source_that_was_written_anew_stops_it(chain: Chain) -> None:
    old = chain.tips["dev"]
    chain.develop("0.2.0", {HERE: "gone"})
    chain.squash(chain.prepare("dev", "0.2.0"))
    chain.put("dev", old)
    chain.write("dev", {VERSION: "0.3.0", HERE: "anew"}, "Version 0.3.0")
    chain.tag("0.3.0", "dev")
    with pytest.raises(PromotionError, match="qa was brought something that dev does not hold"):
        chain.prepare("dev", "0.3.0").plan(ANY)


def test_an_older_version_is_never_promoted_over_a_newer_one(chain: Chain) -> None:
    chain.develop("0.2.0", {HERE: "older"})
    chain.develop("0.3.0", {HERE: "newer"})
    chain.squash(chain.prepare("dev", "0.3.0"))
    with pytest.raises(PromotionError, match=r"holds what is newer than v0\.2\.0-dev"):
        chain.prepare("dev", "0.2.0").plan(ANY)


def test_pull_requests_are_asked_for_once_and_only_where_git_does_not_tell(chain: Chain) -> None:
    assert chain.asked == []
    hotfix = chain.tips["qa"]
    chain.develop("0.2.0", {HERE: "here 2"})
    chain.prepare("dev", "0.2.0").plan(ANY)
    assert chain.asked == [[hotfix]]


@pytest.mark.parametrize("first", ["qa", "dev"])
def test_a_hotfix_that_was_picked_by_hand_is_settled(chain: Chain, first: str) -> None:
    """Later changes of its lines would conflict else."""
    if first == "dev":
        chain.write("dev", {THERE: "hotfix"}, "Fix it")
        chain.write("dev", {ELSEWHERE: "else"}, "Something else")
    else:
        chain.write("dev", {ELSEWHERE: "else"}, "Something else")
        chain.write("dev", {THERE: "hotfix"}, "Fix it (cherry-picked)")
    chain.write("qa", {(1, "1"): "another hotfix"}, "Fix more")
    chain.develop("0.2.0", {THERE: "hotfix, made better"})
    plan = chain.prepare("dev", "0.2.0").plan(ANY)
    text = chain.shown(plan.expected_tree)
    assert plan.strategy == "stitch"
    for line in ("else", "hotfix, made better", "another hotfix"):
        assert line in text.splitlines()
