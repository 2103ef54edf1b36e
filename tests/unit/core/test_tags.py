"""Tags are written and read by one template, and read in one way only."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from dist_actions.errors import InputError
from dist_actions.tags import DEFAULT_TAG_FORMAT, ParsedTag, TagFormat, is_ref_name
from hostile_texts import COMMANDS, PAYLOADS

SUFFIXES = ("-dev", "-qa", "")


@pytest.mark.parametrize(
    ("template", "name", "version", "suffix", "tag"),
    [
        ("v{version}{suffix}", "", "1.0.0", "", "v1.0.0"),
        ("v{version}{suffix}", "", "0.5.0", "-dev", "v0.5.0-dev"),
        ("{version}{suffix}", "", "1.0.0", "", "1.0.0"),
        ("server-{version}{suffix}", "", "6.19.1", "", "server-6.19.1"),
        ("{name}-v{version}{suffix}", "hatchling", "1.32.0", "", "hatchling-v1.32.0"),
        ("{name}@{version}{suffix}", "llama-agents-core", "0.10.1", "", "llama-agents-core@0.10.1"),
        ("v{version}{suffix}", "", "1!2.0rc1.post2.dev3", "-qa", "v1!2.0rc1.post2.dev3-qa"),
    ],
)
def test_shapes(template: str, name: str, version: str, suffix: str, tag: str) -> None:
    tags = TagFormat(template, name, SUFFIXES)

    assert tags.format(Version(version), suffix) == tag
    assert tags.parse(tag) == ParsedTag(Version(version), suffix)


def test_versions_are_compared_as_versions() -> None:
    tags = TagFormat(DEFAULT_TAG_FORMAT, "", SUFFIXES)

    assert tags.parse("v4.2") == tags.parse("v4.2.0")


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "v",
        "1.0.0",
        "v1.0.0-test",
        "v1.0.0-DEV",
        "xv1.0.0",
        "v1.0.0-dev-qa",
        "v1.0+x",
        "v1..0",
        "v1.0.0\n",
        " v1.0.0",
        "v\uff11.0",
        "refs/tags/v1.0.0",
        *COMMANDS.values(),
    ],
)
def test_what_is_no_tag_of_this_form(tag: str) -> None:
    assert TagFormat(DEFAULT_TAG_FORMAT, "", SUFFIXES).parse(tag) is None


@pytest.mark.parametrize("tag", PAYLOADS.values(), ids=PAYLOADS)
def test_hostile_tags_are_none_of_ours(tag: str) -> None:
    parsed = TagFormat(DEFAULT_TAG_FORMAT, "", SUFFIXES).parse(f"v{tag}")

    assert parsed is None or tag in {PAYLOADS["epoch"], PAYLOADS["leading zero"]}


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("", "{version} is missing"),
        ("v{suffix}", "{version} is missing"),
        ("v{version}", "{suffix} is missing"),
        ("{version}{version}{suffix}", "stands there twice"),
        ("{v}{version}{suffix}", "{v} is no field"),
        ("{version!r}{suffix}", "is no field"),
        ("{suffix}{version}", "{suffix} must follow {version}"),
        ("v {version}{suffix}", "a character that tags should not hold"),
        ("v{version}{suffix}\n", "a character that tags should not hold"),
        ("-{version}{suffix}", "git refuses"),
        ("{version}{suffix}.lock", "git refuses"),
        ("v..{version}{suffix}", "git refuses"),
    ],
)
def test_unusable_templates_are_refused(template: str, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        TagFormat(template, "name", SUFFIXES)

    assert problem in refused.value.what


LITERALS = st.text("abvrel0123456789._@/+-", max_size=6)
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
SUFFIX_TEXTS = st.from_regex(r"([-_@/][A-Za-z0-9][A-Za-z0-9_-]{0,5})?", fullmatch=True)
VERSIONS = st.builds(
    lambda epoch, release, pre, post, dev: Version(
        f"{epoch}{'.'.join(map(str, release))}{pre}{post}{dev}"
    ),
    st.sampled_from(["", "1!"]),
    st.lists(st.integers(0, 99), min_size=1, max_size=4),
    st.sampled_from(["", "a1", "b2", "rc10"]),
    st.sampled_from(["", ".post1"]),
    st.sampled_from(["", ".dev0"]),
)


@settings(deadline=None)
@given(
    before=LITERALS,
    between=LITERALS,
    after=LITERALS,
    name=NAMES,
    name_first=st.booleans(),
    version=VERSIONS,
    suffixes=st.lists(SUFFIX_TEXTS, min_size=1, max_size=4, unique=True),
    chosen=st.integers(0, 3),
)
def test_reading_is_the_inverse_of_writing(
    before: str,
    between: str,
    after: str,
    name: str,
    name_first: bool,
    version: Version,
    suffixes: list[str],
    chosen: int,
) -> None:
    suffix = suffixes[chosen % len(suffixes)]
    fields = "{name}{version}" if name_first else "{version}"
    template = f"{before}{fields}{between}{{suffix}}{after}{'' if name_first else '{name}'}"
    try:
        tags = TagFormat(template, name, tuple(suffixes))
    except InputError:
        assume(False)

    parsed = tags.parse(tags.format(version, suffix))

    assert parsed == ParsedTag(version, suffix)


@settings(deadline=None)
@given(tag=st.text("v0123456789.!abcrdevpost-_qa", max_size=20))
def test_no_tag_reads_in_two_ways(tag: str) -> None:
    """What any suffix and version would write is what is read."""
    tags = TagFormat(DEFAULT_TAG_FORMAT, "", SUFFIXES)
    readings = []
    for suffix in SUFFIXES:
        if not tag.endswith(suffix):
            continue
        try:
            version = Version(tag[1 : len(tag) - len(suffix)])
        except InvalidVersion:
            continue
        if tags.format(version, suffix) == tag:
            readings.append(ParsedTag(version, suffix))

    assert len(readings) <= 1
    if readings:
        assert tags.parse(tag) == readings[0]


@pytest.mark.parametrize(
    "name", ["v1", "1.0.0", "a/b-v1.0", "p@1.0", "rel_2_0_52", "v1!2.0", "v1.0+x"]
)
def test_ref_names(name: str) -> None:
    assert is_ref_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-v1",
        ".v1",
        "v1.",
        "v1.lock",
        "v1..2",
        "a//b",
        "a/.b",
        "a/",
        "a.lock/b",
        "v 1",
        "v~1",
        "v^1",
        "v:1",
        "v?",
        "v*",
        "v[1]",
        "v\\1",
        "@{1}",
        "v1\n",
        "v\u00e9",
        "x" * 300,
    ],
)
def test_no_ref_names(name: str) -> None:
    assert not is_ref_name(name)
