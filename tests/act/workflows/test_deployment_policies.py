"""A GitHub Environment's policies let in all tags of its stage, and none of another stage."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packaging.version import Version

from dist_actions.errors import InputError
from dist_actions.pipeline.environments import (
    DEFAULT_ENVIRONMENTS,
    EnvironmentMap,
    parse_environments,
)
from dist_actions.pipeline.ref_patterns import matches
from dist_actions.pipeline.settings import read_settings
from dist_actions.pipeline.settings_table import SettingsTable
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat
from dist_actions.repository_settings.deployment_policies import (
    automation_policies,
    choose_policies,
    publishing_policies,
)
from dist_actions.repository_settings.values import DeploymentPolicies
from dist_actions.repository_settings.workflow_jobs import read_jobs
from support.act.builders import make_workflow

VERSIONS = [
    Version(f"{epoch}{release}{pre}{post}{dev}")
    for epoch in ("", "1!")
    for release in ("0", "1", "2", "12", "1.0", "2.1", "0.5.0", "2026.11.29")
    for pre in ("", "a1", "b2", "rc1", "rc12")
    for post in ("", ".post1", ".post2")
    for dev in ("", ".dev0", ".dev1", ".dev2", ".dev20261129")
]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ("workflow_dispatch", DeploymentPolicies(("v*[0-9]",))),
        ("{push: {branches: [main]}}", DeploymentPolicies((), ("main",))),
        ("{push: {branches: ['m*'], tags: ['v*']}}", DeploymentPolicies(("v*[0-9]",))),
        ("{push: {tags: ['v*']}}", DeploymentPolicies(("v*[0-9]",))),
        ("{push: {branches: [dev]}}", DeploymentPolicies(("v*[0-9]",))),
        ("[push]", DeploymentPolicies(("v*[0-9]",))),
        ("{release: {types: [published]}}", DeploymentPolicies(("v*[0-9]",))),
    ],
)
def test_a_stage_that_is_published_from_its_branch_lets_in_no_tag(
    tmp_path: Path, trigger: str, expected: DeploymentPolicies
) -> None:
    assert read_policies(tmp_path, trigger, "{run: 'true'}") == expected


def test_a_stage_whose_tag_a_person_lets_a_workflow_make_lets_in_its_branch(
    tmp_path: Path,
) -> None:
    step = "{uses: eigenoid/dist-actions/auto-tag@v1}"
    policies = read_policies(tmp_path, "workflow_dispatch", step)
    assert policies == DeploymentPolicies((), ("main",))


def read_policies(folder: Path, trigger: str, step: str) -> DeploymentPolicies:
    """Work out the policies of an environment in which a workflow of one step publishes."""
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "p"\n[tool.dist-actions.environments]\npypi = {branch = "main"}\n'
    )
    settings = read_settings(folder, ".")
    jobs = f"{{a: {{runs-on: x, environment: {{name: pypi}}, steps: [{step}]}}}}"
    workflow = make_workflow(f"on: {trigger}\njobs: {jobs}")
    read = read_jobs(workflow.file_name, workflow.document, ["pypi"])
    return choose_policies(settings, "p", read)["pypi"]


def make_chain(*suffixes: str) -> EnvironmentMap:
    """A chain whose stages are named e0, e1 …, with these suffixes."""
    table = {f"e{number}": {"suffix": suffix} for number, suffix in enumerate(suffixes)}
    return parse_environments(SettingsTable(table, "settings"))


def tag_patterns(chain: EnvironmentMap, *templates: str) -> Mapping[str, tuple[str, ...]]:
    formats = [
        TagFormat(template, f"p{number}", chain.suffixes)
        for number, template in enumerate(templates or [DEFAULT_TAG_FORMAT])
    ]
    policies = publishing_policies(chain, formats)
    return {name: policy.tags for name, policy in policies.items()}


def find_confusion(chain: EnvironmentMap, template: str, versions: list[Version]) -> list[str]:
    """List the tags that an environment lets in wrongly, or keeps out wrongly."""
    patterns, tags = tag_patterns(chain, template), TagFormat(template, "p0", chain.suffixes)
    wrong = []
    for stage in chain.stages:
        for version in versions:
            tag = tags.format(version, stage.suffix)
            admitting = [n for n, globs in patterns.items() if any(matches(g, tag) for g in globs)]
            if admitting != [stage.github_environment]:
                wrong.append(f"{tag} of {stage.name} may go to {admitting}")
    return wrong


def test_the_default_chain() -> None:
    assert tag_patterns(DEFAULT_ENVIRONMENTS) == {
        "dev": ("v*[0-9]-dev",),
        "qa": ("v*[0-9]-qa",),
        "prd": ("v*[0-9]",),
    }


def test_several_packages() -> None:
    chain = make_chain("-dev", "")
    assert tag_patterns(chain, "{name}-v{version}{suffix}", "api/{version:_}{suffix}") == {
        "e0": ("p0-v*[0-9]-dev", "api/*[0-9]-dev"),
        "e1": ("p0-v*[0-9]", "api/*[0-9]"),
    }


def test_a_suffix_that_ends_with_a_digit_is_left_out_of_production() -> None:
    assert tag_patterns(make_chain("-b1", ""))["e1"] == (
        "v*[023456789]",
        "v*[^b]1",
        "v*[^-]b1",
        "v1",
    )


def test_stages_that_share_a_github_environment_share_its_policies() -> None:
    table = {
        "dev": {"github-environment": "test"},
        "qa": {"github-environment": "test"},
        "prd": {},
    }
    chain = parse_environments(SettingsTable(table, "settings"))
    assert tag_patterns(chain) == {"test": ("v*[0-9]-dev", "v*[0-9]-qa"), "prd": ("v*[0-9]",)}


@pytest.mark.parametrize(
    ("template", "suffixes"),
    [
        ("v{version}{suffix}", ("-dev", "-qa", "")),
        ("v{version}{suffix}", ("-dev1", "-dev2", "")),
        ("v{version}{suffix}", ("-1", "-10", "-0", "")),
        ("v{version}{suffix}", (*(f"-{digit}" for digit in range(10)), "")),
        ("v{version}{suffix}", ("-rc1", "-x-rc1", "")),
        ("v{version}{suffix}", ("-a", "-b-a", "")),
        ("v{version}{suffix}", ("-a", "-b1-a", "-prd")),
        ("v{version}{suffix}", ("-a", "-b1-a", "-1")),
        ("v{version}{suffix}", ("@x1", "-1b2", "_post1", "")),
        ("{version}{suffix}", ("-post1", "-1", "")),
        ("rel_{version:_}{suffix}", ("_dev", "-dev1", "")),
        ("v{version}.x{suffix}", ("-1", "")),
        ("v{version}{suffix}-{name}", ("-1", "")),
        ("{name}/v{version}{suffix}", ("-1", "-dev", "")),
        ("v{version}/x{suffix}", ("-1", "-b", "")),
    ],
    ids=str,
)
def test_no_environment_admits_anothers_tags(template: str, suffixes: tuple[str, ...]) -> None:
    assert find_confusion(make_chain(*suffixes), template, VERSIONS) == []


@settings(deadline=None, max_examples=60)
@given(
    suffixes=st.lists(
        st.from_regex(r"[-_@][ab1-2][ab1-2_-]{0,3}", fullmatch=True),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    last=st.sampled_from(["", "-prd", "-1"]),
    template=st.sampled_from(
        ["v{version}{suffix}", "{version:-}{suffix}", "v{version:_}{suffix}.{name}"]
    ),
    versions=st.lists(st.sampled_from(VERSIONS), min_size=1, max_size=10),
)
def test_no_environment_of_any_settings_admits_anothers_tags(
    suffixes: list[str], last: str, template: str, versions: list[Version]
) -> None:
    try:
        chain = make_chain(*suffixes, last)
        TagFormat(template, "p0", chain.suffixes)
    except InputError:
        assume(False)
    assert find_confusion(chain, template, versions) == []


def test_automation_admits_each_branch_and_every_tag() -> None:
    formats = [TagFormat(DEFAULT_TAG_FORMAT, "", DEFAULT_ENVIRONMENTS.suffixes)]
    policies = automation_policies(DEFAULT_ENVIRONMENTS, formats)
    assert (policies.branches, policies.tags) == (("dev", "qa", "main"), ("v*",))


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("cat", "cat", True),
        ("cat", "category", False),
        ("c{at,ub}s", "cats", False),
        ("c?t", "cat", True),
        ("c??t", "cat", False),
        ("c*", "cats", True),
        ("c*t", "c/a/b/t", False),
        ("ca[a-z]", "cat", True),
        ("ca[^t]", "cat", False),
        ("ca[!t]", "cab", True),
        ("cat", "CAT", False),
        ("?", "/", False),
        ("*", "/", False),
        ("[/]", "/", False),
        ("[^a]", "/", False),
        (r"\?", "?", True),
        (r"\a", "a", True),
        (r"[\?]", "?", True),
        ("*", ".profile", False),
        (".*", ".profile", True),
        ("?a", ".a", False),
        ("v*", "v1.0.0-dev", True),
        ("v*[0-9]", "v1.0.0-dev", False),
        ("v*[0-9]", "v1.0.0", True),
        ("v*[0-9]", "v1.0/0", False),
        ("v*[^-]1", "v-1", False),
        ("v*[^a-]1", "v-1", False),
        ("**/foo", "a/b/c/foo", True),
        ("**/foo", "a/.b/c/foo", False),
        ("**foo", "a/foo", False),
        ("release/**/*", "release/1/2", True),
        ("v[1", "v1", False),
        ("v[]", "v", False),
        ("", "", True),
    ],
)
def test_patterns_fit_as_in_ruby(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits
