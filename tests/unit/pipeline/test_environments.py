"""The chain of environments, as it is by default and as projects set it."""

import pytest

from dist_actions.errors import InputError, Location
from dist_actions.pipeline.environments import (
    DEFAULT_ENVIRONMENTS,
    EnvironmentMap,
    parse_environments,
)
from dist_actions.pipeline.settings_table import SettingsTable


def parse(values: dict[str, object]) -> EnvironmentMap:
    return parse_environments(SettingsTable(values, "pyproject.toml"))


def test_the_default_chain() -> None:
    rows = [
        (stage.name, stage.branch, stage.suffix, stage.github_environment, stage.prerelease)
        for stage in DEFAULT_ENVIRONMENTS.stages
    ]

    assert rows == [
        ("dev", "dev", "-dev", "dev", True),
        ("qa", "qa", "-qa", "qa", True),
        ("prd", "main", "", "prd", False),
    ]


@pytest.mark.parametrize(
    ("branch", "name"),
    [("dev", "dev"), ("main", "prd"), ("maintain", None), ("Dev", None), ("", None), (".*", None)],
)
def test_branches_match_exactly(branch: str, name: str | None) -> None:
    found = DEFAULT_ENVIRONMENTS.of_branch(branch)

    assert (found.name if found else None) == name


def test_what_is_left_out_has_a_default() -> None:
    chain = parse({"test": {}, "live": {"branch": "main"}})

    assert [(stage.branch, stage.suffix) for stage in chain.stages] == [
        ("test", "-test"),
        ("main", ""),
    ]
    assert [stage.prerelease for stage in chain.stages] == [True, False]


def test_promotion_goes_from_one_to_the_next() -> None:
    dev, qa, prd = DEFAULT_ENVIRONMENTS.stages

    assert DEFAULT_ENVIRONMENTS.after(dev) == qa
    assert DEFAULT_ENVIRONMENTS.after(prd) is None
    assert DEFAULT_ENVIRONMENTS.before(qa) == dev
    assert DEFAULT_ENVIRONMENTS.before(dev) is None
    assert DEFAULT_ENVIRONMENTS.production == prd


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({}, "holds no environment"),
        ({"dev": 1}, "dev is no table"),
        ({"dev": {"colour": "red"}}, "dev.colour is no setting"),
        ({"a b": {}}, "no usable name"),
        ({"dev": {"branch": "-x"}}, "no usable branch"),
        ({"dev": {"branch": "a b"}}, "no usable branch"),
        ({"dev": {"branch": 3}}, "no usable branch"),
        ({"dev": {"suffix": "dev"}, "prd": {}}, "no usable suffix"),
        ({"dev": {"suffix": ".dev"}, "prd": {}}, "no usable suffix"),
        ({"dev": {"suffix": "-\uff11"}, "prd": {}}, "no usable suffix"),
        ({"dev": {"github-environment": "a/b"}}, "no usable github-environment"),
        ({"dev": {"prerelease": "yes"}, "prd": {}}, "prerelease is 'yes'"),
        ({"prd": {"prerelease": True}}, "which it never is for the last"),
        ({"a": {"branch": "x"}, "b": {"branch": "x"}}, "the branch 'x'"),
        ({"a": {"suffix": "-x"}, "b": {"suffix": "-x"}, "c": {}}, "the suffix '-x'"),
        ({"dev": {"suffix": ""}, "prd": {}}, "suffix is empty, and dev is not the last"),
        ({"dev": {"suffix": ""}, "prd": {"suffix": "-prd"}}, "suffix is empty"),
        ({"dev": {}, "qa": {"suffix": ""}, "prd": {}}, "qa is not the last environment"),
        ({"a": {"suffix": "-x"}, "b": {"suffix": "-X"}, "c": {}}, "has the suffix '-X'"),
        ({"rc": {}, "RC": {"branch": "x"}, "c": {}}, "has the suffix '-RC'"),
        ({"a": {"branch": "Dev"}, "b": {"branch": "dev"}, "c": {}}, "has the branch 'dev'"),
        (
            {"a": {"github-environment": "Live"}, "b": {"github-environment": "live"}},
            "has the github-environment 'live', which differs from that of a in case alone",
        ),
    ],
)
def test_unusable_maps_are_refused(table: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(table)

    assert problem in refused.value.what
    assert refused.value.location == Location("pyproject.toml")


def test_an_empty_suffix_of_another_than_the_last_is_refused_in_three_parts() -> None:
    with pytest.raises(InputError) as refused:
        parse({"dev": {"suffix": ""}, "prd": {}})

    assert "a release of production" in refused.value.why
    assert 'suffix = "-dev"' in refused.value.fix
    assert refused.value.exit_status == 2


@pytest.mark.parametrize(
    "table",
    [
        {"prd": {"suffix": ""}},
        {"dev": {}, "prd": {"suffix": "-prd"}},
        {"a": {"suffix": "-a"}, "b": {"suffix": "-b-a"}, "c": {}},
        {"a": {"suffix": "-1"}, "b": {"suffix": "-b1"}, "c": {}},
        {"a": {"github-environment": "live"}, "b": {"github-environment": "live"}},
    ],
    ids=["one", "all with suffix", "one ends with another's", "digits", "a shared environment"],
)
def test_what_no_tag_can_be_mistaken_for_is_accepted(table: dict[str, object]) -> None:
    assert [stage.name for stage in parse(table).stages] == list(table)
