"""Which settings each kind of project needs on GitHub."""

import pytest

from dist_actions.commands.init.hosted import read_workflow_jobs
from dist_actions.commands.init.starters import read_starters
from dist_actions.pipeline.settings import Settings, read_settings
from dist_actions.repository_settings.comparison import compare
from dist_actions.repository_settings.expected import ExpectedSettings, expect_settings
from dist_actions.repository_settings.values import RepositorySettings, WorkflowPermissions
from dist_actions.repository_settings.workflow_jobs import WorkflowJob, read_jobs
from support.paths import EXAMPLES

STARTERS = read_starters(EXAMPLES)
CHAIN = {"automation", "dev", "qa", "prd"}


def expect(starter: str) -> ExpectedSettings:
    settings = read_settings(EXAMPLES / (starter or "eigenoid-sample"), ".")
    return expect_settings(settings, "x", read_workflow_jobs(STARTERS[starter], settings))


@pytest.mark.parametrize(
    ("starter", "environments", "branches"),
    [
        ("", CHAIN, ("dev", "qa", "main")),
        ("monorepo", CHAIN, ("dev", "qa", "main")),
        ("private-dependencies", CHAIN, ("dev", "qa", "main")),
        ("pypi", {"pypi"}, ()),
        ("testpypi-pypi", {"testpypi", "pypi"}, ()),
        ("service-account-key", {"deploy"}, ()),
    ],
)
def test_each_starter_needs_what_its_jobs_name(
    starter: str, environments: set[str], branches: tuple[str, ...]
) -> None:
    expected = expect(starter)

    assert {environment.name for environment in expected.environments} == environments
    assert expected.branches == branches
    assert bool(expected.rulesets) is (environments == CHAIN)


def test_the_setup_page_has_the_variables_of_the_starter() -> None:
    page = (EXAMPLES.parent / "docs" / "setup.md").read_text(encoding="utf-8")
    for environment in expect("").environments:
        assert len(environment.secrets) == 1
        for name in (*environment.variables, *environment.optional_variables, *environment.secrets):
            assert f"`{name}`" in page


def test_what_publishes_from_a_branch_lets_in_that_branch_alone() -> None:
    (pypi,) = expect("pypi").environments
    assert str(pypi.policies) == "branches main"
    assert (pypi.variables, pypi.secrets) == ((), ())


def test_rules_for_tags_bind_the_tags_of_every_package() -> None:
    for ruleset in expect("monorepo").rulesets:
        assert ruleset.include == ("refs/tags/shop-core-v*", "refs/tags/shop-api-v*")


def test_tags_that_a_workflow_names_have_no_rules() -> None:
    job = WorkflowJob(
        "a.yml", ("dev",), secrets=frozenset({"AUTOMATION_BOT_PRIVATE_KEY"}), gives_tag_format=True
    )
    assert expect_settings(Settings(), "x", [job]).rulesets == ()


def test_a_job_is_read_as_it_is_written() -> None:
    document = {
        "on": {"push": {"branches": ["main", "v*"]}},
        "env": {"A": "${{ vars.shared }}"},
        "jobs": {
            "a": {
                "environment": {"name": "live", "url": "x"},
                "steps": [
                    {"run": "${{ vars.ONE || 'x' }} ${{ vars['TWO'] }} ${{ secrets.THREE }}"},
                    {"with": {"token": "${{ secrets.GITHUB_TOKEN }}", "tag-format": "v{version}"}},
                ],
            },
            "b": {"environment": "${{ needs.a.outputs.environment }}"},
            "c": "nonsense",
        },
    }
    first, second = read_jobs("a.yml", document, ["dev", "prd"])
    assert first == WorkflowJob(
        "a.yml",
        ("live",),
        variables=frozenset({"SHARED", "ONE", "TWO"}),
        secrets=frozenset({"THREE"}),
        with_default=frozenset({"ONE"}),
        branches=("main", "v*"),
        gives_tag_format=True,
    )
    assert second.environments == ("dev", "prd")


def test_what_a_token_may_not_read_is_unknown() -> None:
    actual = RepositorySettings(
        "o/n", 1, 2, private=True, default_branch="main", branches=None, environments=None,
        variables=None, secrets=None, rulesets=None,
        workflow_permissions=WorkflowPermissions("read", may_approve_pulls=False),
    )  # fmt: skip
    rows = compare(actual, expect(""))
    assert {row.state for row in rows} == {"unknown"}
    assert [row for row in rows if row.change or row.by_hand] == []


def test_a_variable_of_the_repository_is_seen_in_its_environments() -> None:
    actual = RepositorySettings("o/n", 1, 2, private=True, default_branch="main")
    values = {("", "INDEXES"): "dev = x"}
    rows = compare(actual, expect("private-dependencies"), values)
    assert [row.place for row in rows if row.setting == "variable INDEXES"] == ["repository"]


def test_nothing_is_read_of_what_is_no_workflow() -> None:
    assert read_jobs("a.yml", {}, []) == ()
    assert expect_settings(Settings(), "", []) == ExpectedSettings(())
