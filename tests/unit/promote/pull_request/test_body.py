"""The text of a promotion's pull request."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from dist_actions.overview.table import EnvironmentStatus
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.packages import Package
from dist_actions.promote.gates.conditions import GateReport, PassedGate
from dist_actions.promote.promotion import (
    Commit,
    FolderState,
    Lineage,
    Observed,
    PackageState,
    Promotion,
    PromotionPlan,
    Strategy,
)
from dist_actions.promote.pull_request.body import (
    LIMIT_CHARACTERS,
    Contents,
    fill_template,
    merge_body,
    shorten,
    write_body,
)
from dist_actions.promote.pull_request.gathering import find_included_pulls
from dist_actions.promote.pull_request.sections import ChangelogSection, IncludedPull
from dist_actions.services.github.facts import BranchRules
from dist_actions.trailers.pull_request_body import BEGIN, END, read_body_trailers
from support.distributions.builders import parsed

PROMOTION = Promotion(parsed("0.5.0"), "v0.5.0-dev", *DEFAULT_ENVIRONMENTS.stages[:2])
NONE = Lineage(frozenset(), frozenset())
OBSERVED = Observed("a" * 40, "b" * 40, "c" * 40, "d" * 40, False, NONE, NONE)
CORE = Package(canonicalize_name("shop-core"), "packages/core")
API = Package(canonicalize_name("shop-api"), "packages/api")


def plan(strategy: Strategy = "link") -> PromotionPlan:
    return PromotionPlan(strategy, "9" * 40, OBSERVED.source_tree)


def body(*subjects: str) -> str:
    contents = Contents(
        PROMOTION,
        OBSERVED,
        plan(),
        gates=GateReport((PassedGate("release", "published"),)),
        commits=[Commit("e" * 40, "t", (), f"{subject}\n") for subject in subjects],
        statuses=[EnvironmentStatus("dev", "v0.5.0-dev", parsed("0.5.0")), EnvironmentStatus("qa")],
    )
    return write_body(contents)


def test_it_stands_between_markers_and_ends_with_trailers() -> None:
    text = body("A change")
    assert text.startswith(BEGIN)
    assert text.endswith(f"Promoted-Version: 0.5.0\n{END}")
    assert f"Promoted-From: {'a' * 40}\nPromoted-Tree: {'b' * 40}\n" in text
    assert "- `eeeeeee` A change" in text
    assert "Passed: release." in text
    assert "| release | published |" in text
    assert "| dev | `0.5.0` |" in text
    assert read_body_trailers(f"above\r\n{text}\r\nPromoted-From: x") == {
        "Promoted-From": "a" * 40,
        "Promoted-Tree": "b" * 40,
        "Promoted-To": "qa",
        "Promoted-Version": "0.5.0",
    }
    assert read_body_trailers("Promoted-From: x") == {}


@given(st.text(max_size=200))
def test_no_subject_ends_our_part_early(subject: str) -> None:
    text = body(subject)
    assert (text.count(BEGIN), text.count(END)) == (1, 1)


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param(f"{BEGIN}\nold\n{END}", "NEW", id="ours alone"),
        pytest.param(f"above\n{BEGIN}old{END}\nbelow", "above\nNEW\nbelow", id="text around"),
        pytest.param("theirs", "NEW\n\ntheirs", id="our part removed"),
        pytest.param("", "NEW", id="empty"),
        pytest.param(f"{BEGIN} cut off", f"NEW\n\n{BEGIN} cut off", id="no end"),
        pytest.param(f"a\r\n{BEGIN}\r\nold\r\n{END}\r\nb", "a\nNEW\nb", id="Windows line ends"),
    ],
)
def test_what_people_wrote_is_kept(present: str, expected: str) -> None:
    assert merge_body(present, "NEW") == expected


@given(st.text(max_size=100), st.text(max_size=100))
def test_putting_ours_in_twice_is_putting_it_in_once(above: str, below: str) -> None:
    present = f"{above}{BEGIN}old{END}{below}"
    once = merge_body(present, body("A change"))
    assert merge_body(once, body("A change")) == once


def test_a_body_stays_within_githubs_limit() -> None:
    long = write_body(
        Contents(
            PROMOTION,
            OBSERVED,
            plan(),
            commits=[Commit("e" * 40, "t", (), "`*_ " * 500)] * 50,
            pulls=[IncludedPull(number, "@" * 200) for number in range(1, 50)],
            changelog=[ChangelogSection(parsed("0.5.0"), "- x @y\n" * 50_000)] * 2,
            notices=["n" * 30_000],
            statuses=[EnvironmentStatus("dev"), EnvironmentStatus("qa")],
        )
    )
    assert len(long) <= LIMIT_CHARACTERS
    assert long.endswith(END)
    assert "no room here" in long
    assert f"Promoted-From: {'a' * 40}" in long
    people = "y" * 60_000
    for present in (people, f"{people}\n{long}", f"{long}\n{people}"):
        made = merge_body(present[:LIMIT_CHARACTERS] if present == people else present, long)
        assert (len(made) <= LIMIT_CHARACTERS, made.count(END)) == (True, 1)
        assert people in made
        assert merge_body(made, long) == made
    assert END in merge_body("y" * 70_000, long)


def test_a_picture_is_not_cut_in_its_middle() -> None:
    text = body(*["x" * 150] * 40)
    for limit in range(600, len(text), 37):
        cut = shorten(text, limit)
        assert cut.count("\n```") % 2 == 0
        assert cut.startswith(BEGIN)
        assert cut.endswith(END)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", "OURS"),
        ("For {to}, from {from}: {version}", "For qa, from dev: 0.5.0\n\nOURS"),
        ("above\r\n{promotion}\nbelow", "above\nOURS\nbelow"),
    ],
)
def test_a_template_stands_around_ours(template: str, expected: str) -> None:
    assert fill_template(template, PROMOTION, "OURS") == expected


def test_pull_requests_are_told_from_commits() -> None:
    messages = (
        "Add @all (#12)\n\nlong",
        "Merge pull request #7 from x/y\n\nThe title\n",
        "Add (#12) again (#12)",
        "Closes #9",
        "Merge branch 'x'",
    )
    commits = [Commit("e" * 40, "t", (), message) for message in messages]
    assert find_included_pulls(commits) == (
        IncludedPull(12, "Add @all"),
        IncludedPull(7, "The title"),
    )


@pytest.mark.parametrize(
    ("rules", "wanted", "said"),
    [
        (BranchRules(merge_queue=True), "auto", "The merge queue of this branch merges it."),
        (BranchRules(methods=frozenset({"squash"})), "auto", "leave **Squash and merge**."),
        (BranchRules(methods=frozenset({"rebase"})), "auto", "leave no button that would do."),
        (BranchRules(), "squash", "This project asks for **Squash and merge**."),
    ],
)
def test_what_the_targets_rules_leave_is_told(rules: BranchRules, wanted: Any, said: str) -> None:
    text = write_body(Contents(PROMOTION, OBSERVED, plan(), rules, wanted))
    assert said in text


def state(package: Package, version: str, before: str, standing: FolderState) -> PackageState:
    return PackageState(
        package,
        parsed(version) if version else None,
        "a-tag" if version else "",
        parsed(before) if before else None,
        "f" * 40,
        standing,
        as_released=True,
    )


def body_of(
    promotion: Promotion, observed: Observed = OBSERVED, strategy: Strategy = "graft"
) -> str:
    return write_body(Contents(promotion, observed, plan(strategy)))


def test_the_packages_stand_in_a_table() -> None:
    states = (
        state(CORE, "1.1", "1.0", "older"),
        state(API, "2.0", "2.0", "same"),
        replace(state(API, "", "", "missing"), package=Package(API.name, "new")),
    )
    text = body_of(replace(PROMOTION, version=None, packages=states), strategy="direct")
    assert "all packages, as they are at `v0.5.0-dev`" in text
    assert "| `shop-core` | `packages/core` | `1.0` | `1.1` |" in text
    assert "| `shop-api` | `packages/api` | `2.0` | unchanged |" in text
    assert "| `shop-api` | `new` | — | — |" in text
    assert "What stands where" not in text
    assert "`package: all` only" not in text


@pytest.mark.parametrize(
    ("outside", "said"),
    [
        ((), "None of them differs."),
        (
            ("uv.lock", "a|b"),
            "differ in the target, if the package needs them: `uv.lock`, `a\\|b`.",
        ),
        (tuple(f"f{number}" for number in range(23)), "`f19` and 3 more."),
    ],
)
def test_what_a_single_package_leaves_behind_is_told(outside: tuple[str, ...], said: str) -> None:
    single = replace(PROMOTION, package=CORE, packages=(state(CORE, "1.1", "", "missing"),))
    text = body_of(single, replace(OBSERVED, outside=outside))
    assert "Files outside of packages travel with `package: all` only." in text
    assert said in text


@pytest.mark.parametrize(
    ("strategy", "linear", "said"),
    [
        ("direct", True, "Any merge button will do"),
        ("direct", False, "a rebase would replay commits"),
        ("link", False, "a rebase cannot carry a commit with two parents"),
        ("stitch", False, "together with the target's own changes"),
        ("graft", False, "one commit on the target's tip"),
    ],
)
def test_the_merge_buttons_that_will_do_are_named(
    strategy: Strategy, linear: bool, said: str
) -> None:
    assert said in body_of(PROMOTION, replace(OBSERVED, linear=linear), strategy)


@pytest.mark.parametrize(
    ("states", "title"),
    [
        ((), "chore: promote v0.5.0 to qa"),
        ((state(CORE, "1.1", "", "older"),), "chore: promote shop-core v1.1 to qa"),
        (
            (state(CORE, "1.1", "", "older"), state(API, "2.0", "", "same")),
            "chore: promote shop-core v1.1 to qa",
        ),
        (
            (state(CORE, "1.1", "", "older"), state(API, "2.0", "", "missing")),
            "chore: promote 2 packages to qa",
        ),
        ((state(CORE, "1.1", "", "same"),), "chore: promote files outside of packages to qa"),
    ],
)
def test_the_title_names_what_moves(states: tuple[PackageState, ...], title: str) -> None:
    assert replace(PROMOTION, packages=states).title == title
