"""The text of a promotion's pull request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.environments import DEFAULT_ENVIRONMENTS
from dist_actions.promote.body import (
    Standing,
    merged_body,
    newest_releases,
    pull_request_body,
)
from dist_actions.promote.planning import Commit, Observed, Promotion
from dist_actions.tags import TagFormat
from dist_builders import parsed

BEGIN, END = "<!-- dist-actions: promotion -->", "<!-- /dist-actions: promotion -->"
PROMOTION = Promotion(parsed("0.5.0"), "v0.5.0-dev", *DEFAULT_ENVIRONMENTS.stages[:2])
OBSERVED = Observed(
    "a" * 40, "b" * 40, "c" * 40, "d" * 40, False, None, (), frozenset(), frozenset()
)


def body(*subjects: str) -> str:
    return pull_request_body(
        PROMOTION,
        OBSERVED,
        "link",
        manifest=None,
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
