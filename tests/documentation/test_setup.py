"""What docs/setup.md tells people to set up is what the sandbox verifies against."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.settings import read_settings
from dist_sandbox.google.identity.attributes import (
    RECOMMENDED_MAPPING,
    condition_accepts,
    recommended_condition,
)
from dist_sandbox.organisation import default_environments
from dist_sandbox.rehearse.project.deployment_policies import choose_policies
from dist_sandbox.rehearse.project.tags import ProjectTags
from support.documentation.setup_script import ORGANISATION, SETUP, option, record_calls, run_script

ENVIRONMENTS = default_environments()


@pytest.fixture(scope="module", params=ENVIRONMENTS, ids=lambda environment: environment.name)
def environment(request):
    return request.param


@pytest.fixture(scope="module")
def calls(environment, tmp_path_factory):
    """The commands that the script of the page starts, and what it prints."""
    return record_calls(environment, tmp_path_factory.mktemp("google"))


def documented_condition(calls) -> str:
    return option(
        calls, "iam workload-identity-pools providers create-oidc", "--attribute-condition"
    )


def accepts(condition: str, tag: str, environment: str) -> bool:
    claims = {
        "repository_owner_id": str(ORGANISATION.owner_id),
        "repository_id": str(ORGANISATION.repository_id),
        "event_name": "push",
        "ref_type": "tag",
        "ref": f"refs/tags/{tag}",
        "environment": environment,
    }
    return condition_accepts(condition, claims, {})


def test_the_condition_is_the_one_that_the_sandbox_enforces(calls, environment) -> None:
    condition = documented_condition(calls)
    assert condition == recommended_condition(ORGANISATION, environment)


@pytest.mark.parametrize(
    ("prefix", "accepted", "refused"),
    [
        ("shop-core-v|shop-api-v", ["shop-api-v1.0"], ["shop-core-vile", "xshop-api-v1.0"]),
        ("lib.v", ["lib.v1.0"], ["libxv1.0"]),
        ("(lib|app)-v", ["app-v1.0"], ["app-v1.0-dev"]),
    ],
    ids=["alternatives", "dot", "parentheses"],
)
def test_a_prefix_opens_nothing_else(tmp_path, prefix, accepted, refused) -> None:
    condition = documented_condition(record_calls(ENVIRONMENTS[2], tmp_path, prefix))
    assert [tag for tag in accepted + refused if accepts(condition, tag, "prd")] == accepted


def test_a_suffix_is_plain_text(tmp_path) -> None:
    environment = replace(ENVIRONMENTS[0], suffix="-rc.1+x")
    condition = documented_condition(record_calls(environment, tmp_path))
    assert condition == recommended_condition(ORGANISATION, environment)
    tags = ("v1.0-rc.1+x", "v1.0-rcx1+x", "v1.0-rc.11x")
    assert [tag for tag in tags if accepts(condition, tag, "dev")] == ["v1.0-rc.1+x"]


@pytest.mark.parametrize(
    ("suffix", "more"),
    [
        (".dev", ()),
        ("rc", ()),
        ("+dev", ()),
        ("-d'v", ()),
        ("-dev", ("v' || '",)),
        ("-dev", (r"\d",)),
    ],
    ids=["dot", "letters", "plus", "quote", "quote-in-prefix", "backslash"],
)
def test_what_would_weaken_the_condition_is_refused(tmp_path, suffix, more) -> None:
    done = run_script(replace(ENVIRONMENTS[0], suffix=suffix), tmp_path, *more)
    assert done.returncode == 2
    assert done.stderr.startswith("google.sh: ")
    assert not (tmp_path / "calls").exists(), "nothing was asked or changed"


@pytest.mark.parametrize("is_same", [True, False], ids=["second run", "second package"])
def test_what_is_there_is_kept_and_said(tmp_path, is_same) -> None:
    own = recommended_condition(ORGANISATION, ENVIRONMENTS[0])
    there = own if is_same else "assertion.repository_id == '1'"
    done = run_script(ENVIRONMENTS[0], tmp_path, condition=there)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "calls").read_text().splitlines()
    commands = [" ".join(json.loads(line)[1:]) for line in lines]
    assert not [command for command in commands if " create" in command]
    assert len([command for command in commands if "add-iam-policy-binding" in command]) == 2
    assert done.stderr.count("google.sh: kept, because it is there: ") == 4
    assert (f"google.sh: it must also accept: {own}\n" in done.stderr) is not is_same
    assert "GCP_WIF_PROVIDER=" in done.stdout


def test_tags_of_several_packages_are_told_by_their_prefix(tmp_path) -> None:
    shown = re.search(r'eigenoid-dev "(.+)"$', SETUP.section("Other tags"), re.MULTILINE)
    assert shown
    condition = documented_condition(record_calls(ENVIRONMENTS[0], tmp_path, shown[1]))
    tags = ("shop-core-v1.0.0-dev", "shop-api-v1.0.0-dev", "v1.0.0-dev", "shop-core-v1.0.0")
    assert [accepts(condition, tag, "dev") for tag in tags] == [True, True, False, False]


def test_the_mapping_is_the_one_that_the_sandbox_evaluates(calls) -> None:
    mapping = option(
        calls, "iam workload-identity-pools providers create-oidc", "--attribute-mapping"
    )
    assert dict(pair.split("=", 1) for pair in mapping.split(",")) == dict(RECOMMENDED_MAPPING)


def test_the_binding_is_for_this_repository_alone(calls, environment) -> None:
    member = option(calls, "iam service-accounts add-iam-policy-binding", "--member")
    pool = environment.workload_identity_provider.partition("/providers/")[0]
    assert member == (
        f"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/"
        f"{ORGANISATION.repository_id}"
    )


def test_the_account_may_write_into_the_repository_and_nowhere_else(calls) -> None:
    bindings = [call for call in calls[0] if "add-iam-policy-binding" in call]
    assert not [call for call in bindings if call[0] == "projects"]
    role = option(calls, "artifacts repositories add-iam-policy-binding", "--role")
    assert role == "roles/artifactregistry.writer"


def test_the_last_five_versions_are_kept(calls) -> None:
    policy = option(calls, "artifacts repositories set-cleanup-policies", "--policy")
    rules = json.loads((calls[2] / policy).read_text(encoding="utf-8"))
    (kept,) = [rule for rule in rules if rule["action"] == {"type": "Keep"}]
    assert kept["mostRecentVersions"] == {"keepCount": 5}


def test_it_prints_the_variables_of_the_environment(calls, environment) -> None:
    printed = dict(line.split("=", 1) for line in calls[1].splitlines() if "=" in line)
    assert printed == dict(environment.variables)


def test_all_blocks_of_json_are_json() -> None:
    assert [json.loads(block.text) for block in SETUP.blocks("json")]


def test_the_table_of_environments_is_the_default() -> None:
    section = SETUP.section("Your own environments")
    for stage in DEFAULT_ENVIRONMENTS.stages:
        tag = f"v0.5.0{stage.suffix}"
        kind = "pre-release" if stage.prerelease else "latest release"
        cells = [stage.name, f"`{stage.branch}`", f"`{tag}`", f"`{stage.github_environment}`", kind]
        assert f"| {' | '.join(cells)} |" in section


def test_the_settings_shown_are_understood(tmp_path: Path) -> None:
    expected = [
        [("staging", "develop", "-rc"), ("production", "main", "")],
        [("dev", "dev", "-dev"), ("qa", "qa", "-qa"), ("prd", "master", "")],
    ]
    for shown, stages in zip(SETUP.blocks("toml"), expected, strict=True):
        (tmp_path / "pyproject.toml").write_text(shown.text, encoding="utf-8")
        read = read_settings(tmp_path, ".").environments.stages
        assert [(stage.name, stage.branch, stage.suffix) for stage in read] == stages


def test_the_documented_policies_are_those_that_a_rehearsal_sets(tmp_path) -> None:
    tags = ProjectTags.of(read_settings(tmp_path, "."), "eigenoid-sample")
    page = SETUP.text
    for name, policies in choose_policies(tags, "", (), "automation").items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", page, re.MULTILINE)[:1]
        last = row.rstrip(" |").rpartition(" | ")[2].partition("; required")[0]
        assert re.findall("`([^`]+)`", last) == [*policies.branches, *policies.tags]
    assert '-f "name=v*[0-9]-dev" -f type=tag' in page
