"""Named points of the tag: lists that are cut or behind, lost answers, races and rules."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.faults.flows import Flow
from support.faults.kills import try_kill
from support.faults.modes import EVER
from support.faults.points import LOST, play, play_refusal
from support.faults.turns import try_interleaving
from support.sandbox.fixtures import git

Flows = Callable[[str], Flow]

LIST = {"method": "GET", "path": "/git/matching-refs/"}
STALE = {**LIST, "status": 200, "body": "[]"}
COMPARE = {"method": "GET", "path": "/compare/"}
TAG_OBJECT = {"method": "POST", "path": "/git/tags$"}
REF = {"method": "POST", "path": "/git/refs$"}
TAG = "v1.0.0-dev"
#: Ways in which a page fails, or holds less than GitHub has.
FAILING: list[dict[str, Any]] = [
    {"connection": "reset"},
    {"status": 502},
    {"connection": "cut"},
    {"connection": "half"},
]
#: A page of a comparison that tells of more commits than it lists.
CUT_SHORT = {"status": 200, "body": json.dumps({"total_commits": 102, "commits": []})}


def tag_on_github(flow: Flow, commit: str = "", name: str = TAG) -> None:
    """Make a tag as another run would: on the commit that is checked out, or another one."""
    git_ = flow.sandbox.repository.git
    git_.git("update-ref", f"refs/tags/{name}", commit or flow.project.head)


@pytest.mark.parametrize("failing", [*FAILING, CUT_SHORT], ids=str)
def test_point_07_second_page_fails_or_list_is_cut(
    shared_flow: Flows, failing: dict[str, Any]
) -> None:
    """The commit that decides the version is the last one, on the second page."""
    assert play(shared_flow("auto-tag bump"), [{**COMPARE, "skip": 1, **failing}]) == []


def test_point_07_second_page_of_the_tags_fails(shared_flow: Flows) -> None:
    """GitHub gives these lists whole today; a proxy or a later GitHub may not."""
    flow = shared_flow("auto-tag bump")
    link = f'<{flow.sandbox.api}/git/matching-refs/tags/v?page=2>; rel="next"'
    first = {**STALE, "headers": {"link": link}}
    broken = [play(flow, [first, {**LIST, **failing}]) for failing in FAILING]
    assert broken == [[]] * len(FAILING)


@pytest.mark.parametrize("times", [1, 3])
def test_point_08_stale_list(shared_flow: Flows, times: int) -> None:
    """Another run has made the tag, which GitHub's list does not show yet."""
    flow = shared_flow("auto-tag")
    broken = play(
        flow,
        [{**STALE, "times": times}],
        before=lambda: tag_on_github(flow),
        says=[f"Another run created {TAG} meanwhile."],
    )
    assert broken == []


def test_point_08_stale_list_of_versions(shared_flow: Flows) -> None:
    """The last version is not listed: it would be proposed again, which GitHub refuses."""
    flow = shared_flow("auto-tag bump")
    seen = f"refs/tags/{TAG}"
    sha = flow.sandbox.repository.git.git("rev-parse", seen)
    ref = {"ref": seen, "object": {"type": "tag", "sha": sha}}
    broken = play(
        flow,
        [{**STALE, "body": json.dumps([ref])}],
        exit_status=1,
        says=["another run for this branch proposed the same version"],
    )
    assert broken == []


def test_point_09_compare_is_capped(shared_flow: Flows) -> None:
    """Without the commits that are left out no version is proposed."""
    fault = {**COMPARE, "skip": 1, "times": EVER, **CUT_SHORT}
    flow = shared_flow("auto-tag bump")
    broken = play(flow, [fault], exit_status=3, says=["list the commits from"])
    assert [text for text in broken if not text.startswith("not every fault")] == []


@pytest.mark.parametrize("name", ["auto-tag", "auto-tag bump"])
def test_point_09_clone_is_shallow(shared_flow: Flows, name: str, tmp_path: Path) -> None:
    flow = shared_flow(name)
    shallow = tmp_path / "shallow"
    url = flow.sandbox.git_url(flow.sandbox.user_token)
    options = ("-q", "--depth", "1", "--no-tags", "-b", "dev")
    git("clone", *options, url, str(shallow), cwd=tmp_path)
    assert play(flow, workspace=shallow) == []


def test_point_10_branch_head_moves_between_plan_and_tag(shared_flow: Flows) -> None:
    """The tag goes on the commit of the push, and not on what the branch holds by then."""
    flow = shared_flow("auto-tag")
    git_, head = flow.sandbox.repository.git, flow.project.head
    later = git_.git("rev-parse", f"{head}^")
    moved: list[str] = []

    def move() -> None:
        git_.git("update-ref", "refs/heads/dev", later)

    def read_and_move_back() -> None:
        moved.append(git_.git("rev-parse", f"{TAG}^{{commit}}"))
        git_.git("update-ref", "refs/heads/dev", head)

    broken = play(flow, at=("POST", "/git/tags$"), meanwhile=move, after=read_and_move_back)
    assert [text for text in broken if text != "I5: success, but refs ['refs/heads/dev']"] == []
    assert moved == [head]


@pytest.mark.parametrize("fault", LOST, ids=str)
def test_point_11_tag_object_made_answer_lost(shared_flow: Flows, fault: Any) -> None:
    assert play(shared_flow("auto-tag"), [{**TAG_OBJECT, **fault}]) == []


@pytest.mark.parametrize("fault", LOST, ids=str)
def test_point_12_ref_made_answer_lost_or_502(shared_flow: Flows, fault: Any) -> None:
    """Its second try is refused, because the tag exists: it is this run's own."""
    flow = shared_flow("auto-tag")
    assert play(flow, [{**REF, **fault}], says=["Tag v1.0.0-dev is created on"]) == []


def test_point_13_ref_exists_on_the_same_commit(shared_flow: Flows) -> None:
    flow = shared_flow("auto-tag")
    exists = {"before": lambda: tag_on_github(flow)}
    between = {"at": ("POST", "/git/refs$"), "meanwhile": lambda: tag_on_github(flow)}
    assert [play(flow, **exists), play(flow, **between)] == [[], []]


def test_point_13_ref_exists_on_another_commit(shared_flow: Flows) -> None:
    """It stays where it is, and the push is told that its version is taken."""
    flow = shared_flow("auto-tag")
    root = git("rev-list", "--max-parents=0", "HEAD", cwd=flow.project.folder).stdout.strip()
    broken = play_refusal(
        flow,
        lambda: tag_on_github(flow, root),
        exit_status=0,
        says=[f"Tag {TAG} exists on {root[:7]}", "raise 1.0.0 and push again"],
    )
    assert broken == []
    assert flow.sandbox.repository.git.git("rev-parse", TAG) == root


def test_point_14_ruleset(shared_flow: Flows) -> None:
    flow = shared_flow("auto-tag")
    rules = {"target": "tag", "rules": [{"type": "creation"}], "name": "no tags"}

    def remove_rules() -> None:
        flow.sandbox.repository.rulesets.clear()

    broken = play(
        flow,
        before=lambda: flow.sandbox.control("POST", "rulesets", rules),
        after=remove_rules,
        exit_status=1,
        says=["may not bypass it", "bypass list"],
    )
    assert broken == []


@pytest.mark.parametrize("times", [1, 3])
def test_point_15_ref_404_after_creation(shared_flow: Flows, times: int) -> None:
    """Its creation's answer is lost, and what was created is not to be seen yet."""
    lost = {**REF, "connection": "reset", "applied": True}
    stale = {**STALE, "skip": 1, "times": times}
    assert play(shared_flow("auto-tag"), [lost, stale]) == []


@pytest.mark.parametrize("times", [1, 2])
def test_point_15_release_does_not_see_its_tag(shared_flow: Flows, times: int) -> None:
    """A release begins seconds after its tag was made."""
    assert play(shared_flow("release"), [{**STALE, "times": times}]) == []


@pytest.mark.parametrize("name", ["auto-tag", "auto-tag bump"])
def test_point_16_two_racers(shared_flow: Flows, name: str) -> None:
    flow = shared_flow(name)
    assert [try_interleaving(flow, 2, seed) for seed in (0, 1)] == [[], []]


@pytest.mark.parametrize(
    ("name", "number", "after"), [("auto-tag", 4, True), ("release", 0, False)]
)
def test_point_17_killed_between_tag_and_release(
    shared_flow: Flows, name: str, number: int, after: bool
) -> None:
    """The tagging run dies once the tag is made; the releasing run, before it asks anything."""
    assert try_kill(shared_flow(name), number, after=after) == []
