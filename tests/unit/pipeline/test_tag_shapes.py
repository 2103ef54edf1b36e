"""Whether two kinds of tags can clash is decided exactly."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from dist_actions.pipeline.tag_shapes import TagShape, common_start, find_clash

PARTS = (["", "1!"], ["0", "1", "12", "1.0", "0.1.2"], ["", "a0", "rc1"], ["", ".post1"])
POOL = [Version("".join(parts)) for parts in product(*PARTS, ["", ".dev0", ".dev10"])]
#: Texts that can be taken for a part of a version.
BEFORE = ["", "v", "v1", "v1.", "v1_", "1!", "12", "a/", "a/1", "v1rc", "v0.dev", "v1_post"]
AFTER = ["", "-1", "_1", "_dev10", "_dev", "a0", "0", ".1", ".post1", "/1", "/x", "-1-1", "_1/x"]
SHAPES = st.builds(
    TagShape, st.sampled_from(BEFORE), st.sampled_from("._-"), st.sampled_from(AFTER)
)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (("pkg", ".", ""), ("pkg2", ".", ""), ("pkg20", "pkg20")),
        (("core-v", ".", ""), ("core-v", ".", "-dev"), None),
        (("core-v", ".", ""), ("core-v", ".", ""), ("core-v0", "core-v0")),
        (("v", ".", ""), ("v1.", ".", ""), ("v1.0", "v1.0")),
        (("v", "_", ""), ("v1.", ".", ""), None),
        (("v", "_", ""), ("v", "_", "_dev"), None),
        (("v", "_", ""), ("v", "_", "_dev1"), ("v0_dev1", "v0_dev1")),
        (("v", ".", ""), ("v", ".", "/dev"), ("v0", "v0/dev")),
        (("v", ".", "/dev"), ("v", ".", ""), ("v0/dev", "v0")),
        (("a/", ".", ""), ("a/1/v", ".", ""), ("a/1", "a/1/v0")),
        (("a/", ".", "-x"), ("a/1/v", ".", ""), None),
        (("", ".", ""), ("1!", ".", ""), ("1!0", "1!0")),
        (("", ".", ""), ("0!", ".", ""), None),
        (("", ".", ""), ("01", ".", ""), None),
        (("v1.0", ".", ""), ("v1.0rc", ".", ""), None),
        (("v1.0", ".", ""), ("v1.", ".", ""), None),
    ],
)
def test_clashes(
    one: tuple[str, str, str], other: tuple[str, str, str], clash: tuple[str, str] | None
) -> None:
    assert find_clash(TagShape(*one), TagShape(*other)) == clash


@settings(deadline=None, max_examples=400)
@given(one=SHAPES, other=SHAPES)
def test_a_clash_is_real(one: TagShape, other: TagShape) -> None:
    clash = find_clash(one, other)

    if clash:
        assert one.read(clash[0]) is not None
        assert other.read(clash[1]) is not None
        assert f"{clash[0]}/".startswith(f"{clash[1]}/") or f"{clash[1]}/".startswith(
            f"{clash[0]}/"
        )


@settings(deadline=None, max_examples=400)
@given(one=SHAPES, other=SHAPES)
def test_no_clash_is_overlooked(one: TagShape, other: TagShape) -> None:
    mine = {one.write(version) for version in POOL}
    theirs = {other.write(version) for version in POOL}
    folders = {tag[:at] for tag in mine for at, text in enumerate(tag) if text == "/"}
    their_folders = {tag[:at] for tag in theirs for at, text in enumerate(tag) if text == "/"}

    if mine & theirs or folders & theirs or their_folders & mine:
        assert find_clash(one, other) is not None


@settings(deadline=None, max_examples=400)
@given(st.text("0123456789!.abrcpostdev", max_size=10), st.sampled_from(POOL))
def test_versions_are_pep_440s_normal_forms(text: str, version: Version) -> None:
    """The automaton knows the versions that the `packaging` library writes, and no others."""
    for written in (text, f"{version}", f"{version}{text}", f"1{text}", f"{version}"[:-1]):
        try:
            normal = str(Version(written)) == written
        except InvalidVersion:
            normal = False
        versions, this_one = TagShape("", ".", "@1"), TagShape(f"{written}@", ".", "")

        assert (find_clash(versions, this_one) is not None) == normal


@pytest.mark.parametrize(
    ("texts", "start"),
    [(["abc"], "abc"), (["abc", "abd"], "ab"), (["a", "ab", "abc"], "a"), (["x", "y"], "")],
)
def test_the_common_start(texts: list[str], start: str) -> None:
    assert common_start(texts) == start
    assert common_start(texts[::-1]) == start
