"""The text of a promotion's pull request."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from dist_actions.environments import DEFAULT_ENVIRONMENTS
from dist_actions.packages import Package
from dist_actions.promote.body import (
    Standing,
    merged_body,
    newest_releases,
    pull_request_body,
)
from dist_actions.promote.promotion import (
    Commit,
    Lineage,
    Observed,
    PackageState,
    Promotion,
    Strategy,
)
from dist_actions.promote.promotion import (
    Standing as FolderStanding,
)
from dist_actions.tags import TagFormat
from dist_builders import parsed

BEGIN, END = "<!-- dist-actions: promotion -->", "<!-- /dist-actions: promotion -->"
PROMOTION = Promotion(parsed("0.5.0"), "v0.5.0-dev", *DEFAULT_ENVIRONMENTS.stages[:2])
NONE = Lineage(frozenset(), frozenset())
OBSERVED = Observed("a" * 40, "b" * 40, "c" * 40, "d" * 40, False, None, (), NONE, NONE)
CORE = Package(canonicalize_name("shop-core"), "packages/core")
API = Package(canonicalize_name("shop-api"), "packages/api")


def body(*subjects: str) -> str:
    return pull_request_body(
        PROMOTION,
        OBSERVED,
        "link",
        manifests=(),
        gates=("release",),
        commits=[Commit("e" * 40, "t", (), f"{subject}\n") for subject in subjects],
        standings=[Standing("dev", "v0.5.0-dev"), Standing("qa", "")],
    )


def test_it_stands_between_markers_and_ends_with_trailers() -> None:
    text = body("A change")
    assert text.startswith(BEGIN)
    assert text.endswith(f"Promoted-Version: 0.5.0\n{END}")
    assert f"Promoted-From: {'a' * 40}\nPromoted-Tree: {'b' * 40}\n" in text
    assert "- `eeeeeee` A change" in text
    assert "| dev | `v0.5.0-dev` |\n| qa | — |" in text


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
    assert merged_body(present, "NEW") == expected


@given(st.text(max_size=100), st.text(max_size=100))
def test_putting_ours_in_twice_is_putting_it_in_once(above: str, below: str) -> None:
    present = f"{above}{BEGIN}old{END}{below}"
    once = merged_body(present, body("A change"))
    assert merged_body(once, body("A change")) == once


def test_a_body_stays_within_githubs_limit() -> None:
    long = body(*["x" * 2000] * 500)
    assert len(long) <= 65_536
    assert long.endswith(END)
    assert f"Promoted-From: {'a' * 40}" in long
    assert len(merged_body("y" * 70_000, long)) <= 65_536


def test_the_newest_release_of_each_environment_stands_there() -> None:
    tags = TagFormat("v{version}{suffix}", "", DEFAULT_ENVIRONMENTS.suffixes)
    released = ["v0.9.0-dev", "v0.10.0-dev", "v0.8.0-qa", "nightly"]
    assert newest_releases(released, tags, DEFAULT_ENVIRONMENTS) == (
        Standing("dev", "v0.10.0-dev"),
        Standing("qa", "v0.8.0-qa"),
        Standing("prd", ""),
    )


def state(package: Package, version: str, before: str, standing: FolderStanding) -> PackageState:
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
    return pull_request_body(
        promotion, observed, strategy, manifests=(), gates=(), commits=(), standings=()
    )


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
