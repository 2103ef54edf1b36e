"""Tags are written and read by one template, and read in one way only."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from dist_actions.errors import InputError
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, ParsedTag, TagFormat, is_ref_name
from support.stages.hostile_texts import COMMANDS, PAYLOADS


@pytest.mark.parametrize(
    ("template", "name", "version", "suffix", "tag"),
    [
        ("v{version}{suffix}", "", "1.0.0", "", "v1.0.0"),
        ("v{version}{suffix}", "", "0.5.0", "-dev", "v0.5.0-dev"),
        ("{version}{suffix}", "", "1.0.0", "", "1.0.0"),
        ("{version}{suffix}", "", "1.0.0", "-dev", "1.0.0-dev"),
        ("server-{version}{suffix}", "", "6.19.1", "", "server-6.19.1"),
        ("server-{version}{suffix}", "", "6.19.1", "-qa", "server-6.19.1-qa"),
        ("{name}-v{version}{suffix}", "hatchling", "1.32.0", "", "hatchling-v1.32.0"),
        ("{name}-v{version}{suffix}", "hatchling", "1.32.0", "-qa", "hatchling-v1.32.0-qa"),
        ("{name}@{version}{suffix}", "llama-agents-core", "0.10.1", "", "llama-agents-core@0.10.1"),
        ("{name}@{version}{suffix}", "core", "0.10.1", "-dev", "core@0.10.1-dev"),
        ("rel_{version:_}{suffix}", "", "2.0.52", "", "rel_2_0_52"),
        ("rel_{version:_}{suffix}", "", "2.0.0b1", "-dev", "rel_2_0_0b1-dev"),
        ("rel_{version:_}{suffix}", "", "1!2.0.post1.dev3", "-qa", "rel_1!2_0_post1_dev3-qa"),
        ("release-{version:-}{suffix}", "", "2.0.52", "-dev", "release-2-0-52-dev"),
        ("{name}/v{version}{suffix}", "core", "1.0", "-dev", "core/v1.0-dev"),
        ("v{version}{suffix}", "", "1!2.0rc1.post2.dev3", "-qa", "v1!2.0rc1.post2.dev3-qa"),
    ],
)
def test_shapes(template: str, name: str, version: str, suffix: str, tag: str) -> None:
    tags = TagFormat(template, name, DEFAULT_ENVIRONMENTS.suffixes)

    assert tags.format(Version(version), suffix) == tag
    assert tags.parse(tag) == ParsedTag(Version(version), suffix)
    assert tag.startswith(tags.prefix)


def test_a_chain_of_one_environment_needs_no_suffix() -> None:
    tags = TagFormat("rel_{version:_}", "", ("",))

    assert tags.parse(tags.format(Version("2.0.52"), "")) == ParsedTag(Version("2.0.52"), "")


def test_a_suffix_may_look_like_the_separator() -> None:
    """A version's `.dev` always has a number, so `_dev` is no part of a version."""
    tags = TagFormat("rel_{version:_}{suffix}", "", ("_dev", ""))

    assert tags.parse("rel_2_0_dev") == ParsedTag(Version("2.0"), "_dev")
    assert tags.parse("rel_2_0_dev0") == ParsedTag(Version("2.0.dev0"), "")


def test_versions_are_compared_as_versions() -> None:
    tags = TagFormat(DEFAULT_TAG_FORMAT, "", DEFAULT_ENVIRONMENTS.suffixes)

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
        "v01.0",
        "v1.0-1",
        "v1.0.0.rc1",
        "v1.0RC1",
        "v0!1.0",
        "v1.0.0-dev0",
        "v1_0_0",
        "v" + "1." * 100 + "0",
        "v" + "9" * 5000,
        *COMMANDS.values(),
    ],
)
def test_what_is_no_tag_of_this_form(tag: str) -> None:
    assert TagFormat(DEFAULT_TAG_FORMAT, "", DEFAULT_ENVIRONMENTS.suffixes).parse(tag) is None


@pytest.mark.parametrize("tag", PAYLOADS.values(), ids=PAYLOADS)
def test_hostile_tags_are_none_of_ours(tag: str) -> None:
    parsed = TagFormat(DEFAULT_TAG_FORMAT, "", DEFAULT_ENVIRONMENTS.suffixes).parse(f"v{tag}")

    assert parsed is None or tag == PAYLOADS["epoch"]


@pytest.mark.parametrize("version", ["1.0+local", "9" * 300, ".".join("1" * 150)])
def test_a_version_that_no_tag_can_hold_is_refused(version: str) -> None:
    with pytest.raises(InputError, match="has no tag"):
        TagFormat(DEFAULT_TAG_FORMAT, "", DEFAULT_ENVIRONMENTS.suffixes).format(
            Version(version), ""
        )


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
        ("v{version}/{suffix}", "git refuses tags of this form, such as 'v1.0/'"),
        ("{name}" * 2 + "{version}{suffix}", "{name} stands there twice"),
        ("v{version}-{version:_}{suffix}", "{version} stands there twice"),
        ("v{version:.}{suffix}", "{version:.} is no field"),
        ("v{version:_-}{suffix}", "is no field"),
        ("v{{version}{suffix}", "a character that tags should not hold"),
        ("v{version}{suffix}" + "x" * 250, "git refuses"),
    ],
)
def test_unusable_templates_are_refused(template: str, problem: str) -> None:
    with pytest.raises(InputError) as refused:
        TagFormat(template, "name", DEFAULT_ENVIRONMENTS.suffixes)

    assert problem in refused.value.what


@pytest.mark.parametrize(
    ("template", "suffixes", "problem"),
    [
        ("v{version:_}{suffix}", ("_1", ""), "v0_1 would be both version 0 with _1 and"),
        ("v{version:_}{suffix}", ("_post1", ""), "version 0.post1 with no suffix"),
        ("v{version:-}{suffix}", ("-dev", "-2", ""), "v0-2 would be both"),
        ("v{version:-}-1{suffix}", ("-1", ""), "would be both"),
        ("v{version}{suffix}", ("/dev", ""), "cannot hold the tags v0/dev and v0 side by side"),
        ("v{version}{suffix}", ("-a/x", "-a"), "side by side"),
    ],
)
def test_a_template_by_which_a_tag_reads_in_two_ways_is_refused(
    template: str, suffixes: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(InputError) as refused:
        TagFormat(template, "", suffixes)

    assert problem in refused.value.what
    assert refused.value.anchor == "tag-format"


def test_a_template_with_the_name_needs_one() -> None:
    with pytest.raises(InputError, match="the project has no name"):
        TagFormat("{name}{version}{suffix}", "", DEFAULT_ENVIRONMENTS.suffixes)


LITERALS = st.text("abvrel0123456789._@/+-", max_size=6)
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
SUFFIX_TEXTS = st.from_regex(r"([-_@/][A-Za-z0-9][A-Za-z0-9_-]{0,5})?", fullmatch=True)
NUMBERS = st.one_of(st.integers(0, 20), st.integers(2020, 10**12))
VERSIONS = st.builds(
    lambda epoch, release, pre, post, dev: Version(
        f"{epoch}{'.'.join(map(str, release))}{pre}{post}{dev}"
    ),
    st.one_of(st.just(""), NUMBERS.map("{}!".format)),
    st.lists(NUMBERS, min_size=1, max_size=5),
    st.one_of(st.just(""), st.builds("{}{}".format, st.sampled_from(["a", "b", "rc"]), NUMBERS)),
    st.one_of(st.just(""), NUMBERS.map(".post{}".format)),
    st.one_of(st.just(""), NUMBERS.map(".dev{}".format)),
)
FIELDS = st.sampled_from(["{version}", "{version:_}", "{version:-}"])


@settings(deadline=None)
@given(
    before=LITERALS,
    between=LITERALS,
    after=LITERALS,
    name=NAMES,
    name_first=st.booleans(),
    field=FIELDS,
    version=VERSIONS,
    suffixes=st.lists(SUFFIX_TEXTS, min_size=1, max_size=4, unique=True),
    other=VERSIONS,
)
def test_reading_is_the_inverse_of_writing(
    before: str,
    between: str,
    after: str,
    name: str,
    name_first: bool,
    field: str,
    version: Version,
    suffixes: list[str],
    other: Version,
) -> None:
    fields = f"{{name}}{field}" if name_first else field
    template = f"{before}{fields}{between}{{suffix}}{after}{'' if name_first else '{name}'}"
    try:
        tags = TagFormat(template, name, tuple(suffixes))
    except InputError:
        assume(False)

    written = {}
    for suffix in suffixes:
        for one in {str(version): version, str(other): other}.values():
            tag = tags.format(one, suffix)
            assert tags.parse(tag) == ParsedTag(one, suffix)
            assert written.setdefault(tag, (str(one), suffix)) == (str(one), suffix)


@settings(deadline=None)
@given(tag=st.text("v0123456789.!abrcdevpost-_qa", max_size=12), field=FIELDS)
def test_writing_is_the_inverse_of_reading(tag: str, field: str) -> None:
    tags = TagFormat(f"v{field}{{suffix}}", "", DEFAULT_ENVIRONMENTS.suffixes)

    for text in (tag, f"v{tag}", f"v{tag}-dev", f"v1.0{tag}", f"v1_0{tag}"):
        parsed = tags.parse(text)
        assert parsed is None or tags.format(parsed.version, parsed.suffix) == text


@settings(deadline=None)
@given(tag=st.text("v0123456789.!abcrdevpost-_qa", max_size=20))
def test_no_tag_reads_in_two_ways(tag: str) -> None:
    """What any suffix and version would write is what is read."""
    tags = TagFormat(DEFAULT_TAG_FORMAT, "", DEFAULT_ENVIRONMENTS.suffixes)
    readings = []
    for suffix in DEFAULT_ENVIRONMENTS.suffixes:
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
