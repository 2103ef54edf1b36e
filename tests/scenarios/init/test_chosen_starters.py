"""Starters that a person chooses: the environments, branches and tags that they are for."""

from pathlib import Path

import pytest

from dist_actions.pipeline.settings import read_settings
from support.init.projects import PURE, Init, commit, git, make_repository, read_workflow, steps_of

SCM = (
    '[build-system]\nrequires = ["hatchling", "hatch-vcs"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "sample"\ndynamic = ["version"]\n[tool.hatch.version]\nsource = "vcs"\n'
)


@pytest.mark.parametrize("branch", ["main", "master"])
@pytest.mark.parametrize(
    ("starter", "environments"),
    [
        ("pypi", {"pypi": "{}"}),
        ("poetry", {"dev": "dev", "qa": "qa", "prd": "{}"}),
        ("testpypi-pypi", {"prd": "{}"}),
    ],
)
def test_a_chosen_starter_gets_the_environments_that_it_is_for(
    tmp_path: Path, init: Init, starter: str, environments: dict[str, str], branch: str
) -> None:
    repository = make_repository(tmp_path, PURE, branch=branch)
    assert init(repository, "--starter", starter).status == 0
    found = {
        stage.name: stage.branch for stage in read_settings(repository, ".").environments.stages
    }
    defaults = {"dev": "dev", "qa": "qa", "prd": "main"}
    expected = {name: at.format(branch) for name, at in environments.items()}
    assert found == (expected if starter == "pypi" or branch == "master" else defaults)
    triggers = read_workflow(repository, "pull-request.yml")["on"]
    # Of a project that a person tags, only the one branch that there is.
    branches = [environments[name].format(branch) for name in environments]
    assert triggers == {"pull_request": {"branches": branches}}
    commit(repository)
    assert init(repository, "--check").status == 0


def test_settings_that_are_there_are_told_what_a_starter_needs(tmp_path: Path, init: Init) -> None:
    sample = make_repository(tmp_path, PURE)
    with (sample / "pyproject.toml").open("a") as file:
        file.write('[tool.dist-actions]\ntag-format = "v{version}{suffix}"\n')
    done = init(sample, "--starter", "pypi")
    assert 'Name the environments in pyproject.toml: pypi = {branch = "main"}.' in done.stdout


def test_promotion_by_hand_begins_in_the_first_environment(tmp_path: Path, init: Init) -> None:
    sample = make_repository(tmp_path, PURE)
    with (sample / "pyproject.toml").open("a") as file:
        file.write('[tool.dist-actions.environments]\nnext = {}\nlive = {branch = "main"}\n')
    assert init(sample).status == 0
    on = read_workflow(sample, "promote.yml")["on"]
    assert on["workflow_dispatch"]["inputs"]["from"]["default"] == "next"
    text = (sample / ".github/workflows/promote.yml").read_text()
    assert text.startswith("# A release in next opens")


@pytest.mark.parametrize("starter", ["pypi", "testpypi-pypi"])
def test_tags_are_written_as_before_with_a_chosen_starter_too(
    tmp_path: Path, init: Init, starter: str
) -> None:
    repository = make_repository(tmp_path, PURE)
    git(repository, "tag", "1.0.0")
    assert init(repository, "--starter", starter).status == 0
    assert read_settings(repository, ".").tag_format == "{version}{suffix}"
    push = read_workflow(repository)["on"]["push"]
    assert push == ({"branches": ["main"]} if starter == "pypi" else {"tags": ["[0-9]*"]})


def test_a_chosen_starter_raises_a_version_that_is_derived_from_tags(
    tmp_path: Path, init: Init
) -> None:
    repository = make_repository(tmp_path, {**PURE, "pyproject.toml": SCM})
    assert init(repository, "--starter", "pypi").status == 0
    for job in ("version", "tag"):
        inputs = steps_of(repository, job)[-1]["with"]
        assert isinstance(inputs, dict)
        assert inputs["bump"] == "conventional"


@pytest.mark.parametrize(
    ("starter", "page"), [("", "docs/setup.md"), ("pypi-token", "examples/pypi-token/README.md")]
)
def test_what_remains_is_named_by_addresses_that_stay_whole(
    tmp_path: Path, init: Init, starter: str, page: str
) -> None:
    done = init(make_repository(tmp_path, PURE), *(["--starter", starter] if starter else []))
    assert f"https://github.com/eigenoid/dist-actions/blob/v1/{page}" in done.stdout.split()
