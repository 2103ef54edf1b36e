"""Which commits of the target's line are promotions, and of what."""

from collections.abc import Mapping

import pytest

from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.promote.history.commits import CommitGraph, Ends
from dist_actions.promote.history.promoted_commits import TargetLine
from dist_actions.promote.promotion import Commit, PromotedCommits, Promotion
from dist_actions.services.github.facts import MergedPull
from dist_actions.trailers.commit_messages import (
    PromotionTrailers,
    read_back_merges,
    read_promotion_trailers,
)

DEV, QA, _ = DEFAULT_ENVIRONMENTS.stages
PROMOTION = Promotion(None, "v1-dev", DEV, QA)
#: By letter, a SHA.
ID = {letter: format(number, "x") * 40 for number, letter in enumerate("abcdefghijklmnop")}


class Lines:
    """Commits `a`, `b` … of both ends, each newer than those before."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []

    def add(self, name: str, tree: str, *parents: str, message: str = "x") -> None:
        self.commits.insert(0, Commit(ID[name], tree, tuple(ID[one] for one in parents), message))

    def read(
        self, source: str, target: str, branch: str = "", **pulls: MergedPull
    ) -> tuple[PromotedCommits, Mapping[str, tuple[str, ...]]]:
        graph = CommitGraph({one.sha: one for one in self.commits})
        ends = Ends(ID[source], ID[target], ID.get(branch, ""))
        found = TargetLine(
            graph, PROMOTION, ends, {ID[name]: pull for name, pull in pulls.items()}
        ).read()
        return found, {self.name(sha): tuple(map(self.name, of)) for sha, of in graph.joins.items()}

    @staticmethod
    def name(sha: str) -> str:
        return next(name for name, one in ID.items() if one == sha)


@pytest.fixture
def lines() -> Lines:
    """The source's `a`, `b`, `c` with the trees A, B, C."""
    made = Lines()
    made.add("a", "A")
    made.add("b", "B", "a")
    made.add("c", "C", "b")
    return made


def claim(source: str, tree: str = "", to: str = "qa") -> str:
    target = f"Promoted-To: {to}\n" if to else ""
    return f"Title\n\nPromoted-From: {ID[source]}\nPromoted-Tree: {tree}\n{target}"


def pull(head: str, head_sha: str, body: str = "") -> MergedPull:
    return MergedPull(1, "", head, ID.get(head_sha, "f" * 39 + "0"), body)


@pytest.mark.parametrize(
    ("tree", "message", "joined"),
    [
        pytest.param("X", claim("b"), True, id="a trailer"),
        pytest.param("X", claim("b", to="prd"), False, id="a trailer for another target"),
        pytest.param("X", claim("b", "X", ""), True, id="an old trailer with its tree"),
        pytest.param("X", claim("b", "Y", ""), False, id="an old trailer with another tree"),
        pytest.param("X", claim("a") + claim("b") + claim("c", to="prd"), True, id="stacked"),
        pytest.param("X", claim("b").replace("\n", "\r\n"), True, id="written in a browser"),
        pytest.param("B", "x", True, id="the same files"),
        pytest.param("X", "x", False, id="a hotfix"),
    ],
)
def test_a_squash_is_told_by_its_trailer_or_its_files(
    lines: Lines, tree: str, message: str, joined: bool
) -> None:
    lines.add("p", tree, "a", message=message)
    found, joins = lines.read("c", "p")
    assert joins == ({"p": ("b",)} if joined else {})
    assert bool(found.own_commits) is not joined
    assert found.last == ID["b" if joined else "a"]


@pytest.mark.parametrize(
    ("of", "kind"),
    [
        pytest.param(pull("promote/v1-to-qa", "b"), "last", id="its head"),
        pytest.param(pull("x", "", claim("b")), "last", id="its body"),
        pytest.param(pull("fix", ""), "own", id="somebody's branch"),
        pytest.param(pull("dev", ""), "unknown", id="the source, written anew"),
        pytest.param(pull("promote/v1-to-qa", ""), "unknown", id="a promotion of what is gone"),
        pytest.param(pull("promote/v1-to-prd", ""), "own", id="of another target"),
    ],
)
def test_a_pull_request_tells_what_git_cannot(lines: Lines, of: MergedPull, kind: str) -> None:
    lines.add("p", "X", "a")
    found, _ = lines.read("c", "p", p=of)
    told = {
        "own": bool(found.own_commits),
        "unknown": bool(found.unknown),
        "last": found.last == ID["b"],
    }
    assert [name for name, holds in told.items() if holds] == [kind]


def test_a_revert_by_hand_is_no_promotion_of_what_it_goes_back_to(lines: Lines) -> None:
    lines.add("m", "A", "a", message="nothing")
    lines.add("n", "B", "m")
    lines.add("o", "A", "n", message='Revert "n"')
    found, joins = lines.read("c", "o")
    assert [one.sha for one in found.own_commits] == [ID["o"]]
    assert joins == {"n": ("b",)}


def test_going_back_to_what_was_promoted_last_leaves_nothing_of_its_own(lines: Lines) -> None:
    lines.add("m", "B", "a")
    lines.add("n", "own", "m")
    lines.add("o", "B", "n", message='Revert "own"')
    assert lines.read("c", "o")[0].own_commits == ()


def test_a_merge_of_the_source_is_a_promotion_and_of_anything_else_is_not(lines: Lines) -> None:
    lines.add("m", "own", "a", message="a hotfix's branch")
    lines.add("n", "own", "a", "m", message="its merge")
    lines.add("o", "own and B", "n", "b", message="merge of the source")
    found, _ = lines.read("c", "o")
    assert [one.sha for one in found.own_commits] == [ID["n"]]
    assert ([one.sha for one in found.edited], found.last) == ([ID["o"]], ID["b"])


def test_the_merge_of_a_branch_that_we_made_is_a_promotion(lines: Lines) -> None:
    lines.add("m", "own", "a", message="a hotfix")
    lines.add("n", "own and B", "b", "m", message=claim("b"))
    lines.add("o", "own and B", "m", "n", message="Merge pull request #1")
    found, _ = lines.read("c", "o")
    assert [one.sha for one in found.own_commits] == [ID["m"]]
    assert found.last == ID["b"]


def test_empty_commits_are_no_changes(lines: Lines) -> None:
    lines.add("m", "own", "a")
    lines.add("n", "own", "m", message="once more")
    assert [one.sha for one in lines.read("c", "n")[0].own_commits] == [ID["m"]]


@pytest.mark.parametrize(("source", "later"), [("b", True), ("c", False)])
def test_what_is_newer_than_the_promoted_commit_is_told(
    lines: Lines, source: str, later: bool
) -> None:
    lines.add("p", "X", "a", message=claim("c"))
    found, _ = lines.read(source, "p", branch="c")
    assert bool(found.later) is later
    assert found.holds_source is not later


@pytest.mark.parametrize("back", ["merge", "squash"])
def test_what_was_merged_back_is_no_own_change(lines: Lines, back: str) -> None:
    lines.add("m", "own", "a", message="a hotfix")
    if back == "merge":
        lines.add("d", "own and C", "c", "m")
    else:
        lines.add("d", "own and C", "c", message=f"Back\n\nBack-merged-From: {ID['m']}\n")
    assert lines.read("c", "m", branch="d")[0].own_commits != ()
    assert lines.read("d", "m", branch="d")[0].own_commits == ()


def test_nobody_descends_from_himself(lines: Lines) -> None:
    """A message that claims what cannot be is not believed."""
    lines.add("m", "X", "a", message=claim("d"))
    lines.add("d", "D", "c", "m")
    found, joins = lines.read("d", "m")
    assert (found.last, joins) == (ID["a"], {})
    lines.commits[0] = Commit(ID["d"], "D", (ID["c"],), f"Back-merged-From: {ID['m']}")
    found, joins = lines.read("d", "m")
    assert joins == {"d": ("m",)}


def test_all_that_a_message_says_is_read() -> None:
    text = f"* One\n\n  Promoted-From: {'1' * 40}  \nPromoted-Version: 1\nPromoted-Tree: t\n"
    text += f"* Two\nPromoted-From: {'2' * 40}\nPromoted-To: qa\n"
    assert read_promotion_trailers(text) == (
        PromotionTrailers("1" * 40, "t"),
        PromotionTrailers("2" * 40, "", "qa"),
    )
    assert read_promotion_trailers(f"about Promoted-From: {'1' * 40}") == ()
    assert read_back_merges(f"Back-merged-From: {'a' * 40}\nBack-merged-From: abc") == ("a" * 40,)
