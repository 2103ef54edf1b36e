"""What docs/setup.md tells people to set up is what the sandbox verifies against."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.settings import read_settings
from dist_actions.repository_settings.deployment_policies import choose_policies
from dist_sandbox.google.identity.attributes import (
    RECOMMENDED_MAPPING,
    condition_accepts,
    recommended_condition,
)
from dist_sandbox.organisation import (
    PublishingRepository,
    default_environments,
    further_repository,
)
from support.documentation.pages import page
from support.documentation.setup_script import ORGANISATION, Cloud, printed_variables

SETUP = page("docs/setup.md")
ENVIRONMENTS = default_environments()
POOLS = "iam workload-identity-pools"
PROVIDERS = "iam workload-identity-pools providers"
ACCOUNTS = "iam service-accounts"
REPOSITORIES = "artifacts repositories"


@pytest.fixture(scope="module", params=ENVIRONMENTS, ids=lambda environment: environment.name)
def environment(request):
    return request.param


@pytest.fixture(scope="module")
def cloud(environment, tmp_path_factory):
    """What the script makes in a project with nothing in it, and what it prints."""
    cloud = Cloud.make(tmp_path_factory.mktemp("google"))
    done = cloud.set_up(environment)
    assert done.returncode == 0, done.stderr
    return cloud, done.stdout


def make_condition(folder, environment, *more) -> str:
    cloud = Cloud.make(folder)
    done = cloud.set_up(environment, *more)
    assert done.returncode == 0, done.stderr
    (provider,) = cloud.made(PROVIDERS)
    return provider["attributeCondition"]


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


def test_the_provider_is_the_one_that_the_sandbox_has(cloud, environment) -> None:
    (provider,) = cloud[0].made(PROVIDERS)
    assert provider["attributeCondition"] == recommended_condition(ORGANISATION, environment)
    mapping = dict(pair.split("=", 1) for pair in provider["attribute-mapping"].split(","))
    assert mapping == dict(RECOMMENDED_MAPPING)
    assert environment.workload_identity_provider.endswith(
        f"/{provider['workload-identity-pool']}/providers/{provider['name'].rpartition('/')[2]}"
    )


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
    condition = make_condition(tmp_path, ENVIRONMENTS[2], prefix)
    assert [tag for tag in accepted + refused if accepts(condition, tag, "prd")] == accepted


def test_a_suffix_is_plain_text(tmp_path) -> None:
    environment = replace(ENVIRONMENTS[0], suffix="-rc.1+x")
    condition = make_condition(tmp_path, environment)
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
        ("-dev", ("v v",)),
        ("-dev", ("v", "a-name-that-is-much-too-long-publisher")),
    ],
    ids=["dot", "letters", "plus", "quote", "quote-in-prefix", "backslash", "blank", "account"],
)
def test_what_would_weaken_the_condition_or_fail_is_refused(tmp_path, suffix, more) -> None:
    cloud = Cloud.make(tmp_path)
    done = cloud.set_up(replace(ENVIRONMENTS[0], suffix=suffix), *more)
    assert done.returncode == 2
    assert done.stderr.startswith("google.sh: ")
    assert cloud.read()["made"] == {}


def test_an_account_of_another_name_is_made(tmp_path) -> None:
    long = replace(ORGANISATION, repository="a-Repository.with_a-long-name")
    cloud = Cloud.make(tmp_path, [long])
    refused = cloud.set_up(ENVIRONMENTS[0], organisation=long)
    assert "no service account with the name a-repository-with-a-long-name-pub" in refused.stderr
    done = cloud.set_up(ENVIRONMENTS[0], "v", "long-publisher", organisation=long)
    email = "long-publisher@eigenoid-dev.iam.gserviceaccount.com"
    assert printed_variables(done.stdout)["GCP_SA_EMAIL"] == email


def test_a_second_run_keeps_what_is_there(cloud, environment) -> None:
    made = cloud[0].read()["made"]
    done = cloud[0].set_up(environment)
    assert done.returncode == 0, done.stderr
    assert cloud[0].read()["made"] == made
    assert done.stderr.count("google.sh: kept, because it is there: ") == 4
    assert "to replace it" not in done.stderr
    assert done.stdout == cloud[1]


def test_a_second_package_gets_what_is_its_own_and_shares_the_rest(tmp_path) -> None:
    first = PublishingRepository(ORGANISATION, ENVIRONMENTS)
    second = further_repository([first], "other")
    cloud = Cloud.make(tmp_path, [first.organisation, second.organisation])
    for repository in (first, second):
        done = cloud.set_up(repository.environments[0], organisation=repository.organisation)
        assert printed_variables(done.stdout) == dict(repository.environments[0].variables)
    assert len(cloud.made(POOLS)) == 1
    conditions = [row["attributeCondition"] for row in cloud.made(PROVIDERS)]
    assert conditions == [
        recommended_condition(repository.organisation, repository.environments[0])
        for repository in (first, second)
    ]
    assert [len(row["bindings"]) for row in cloud.made(ACCOUNTS)] == [1, 1]
    (index,) = cloud.made(REPOSITORIES)
    assert len(index["bindings"]) == 2


def test_another_condition_is_kept_and_said(tmp_path) -> None:
    cloud = Cloud.make(tmp_path)
    cloud.set_up(ENVIRONMENTS[0])
    done = cloud.set_up(replace(ENVIRONMENTS[0], suffix="-dev2"))
    kept = recommended_condition(ORGANISATION, ENVIRONMENTS[0])
    assert (
        f"kept, though it is not the one of these arguments: the condition {kept}\n" in done.stderr
    )
    command = re.search("to replace it: (gcloud .+)", done.stderr)
    assert command
    assert cloud.run(command[1]).returncode == 0
    (provider,) = cloud.made(PROVIDERS)
    wanted = recommended_condition(ORGANISATION, replace(ENVIRONMENTS[0], suffix="-dev2"))
    assert provider["attributeCondition"] == wanted


def test_what_was_deleted_is_restored(tmp_path) -> None:
    cloud = Cloud.make(tmp_path)
    cloud.set_up(ENVIRONMENTS[0])
    made, state = cloud.read()["made"], cloud.read()
    for row in state["made"].values():
        if "state" in row:
            row["state"] = "DELETED"
    cloud.write(state)
    assert cloud.set_up(ENVIRONMENTS[0]).returncode == 0
    assert cloud.read()["made"] == made


def test_an_interrupted_run_is_finished_by_the_next(tmp_path) -> None:
    cloud = Cloud.make(tmp_path)
    cloud.set_up(ENVIRONMENTS[0])
    made, state = cloud.read()["made"], cloud.read()
    for row in state["made"].values():
        row.pop("cleanupPolicies", None)
        row.pop("bindings", None)
    cloud.write(state)
    cloud.set_up(ENVIRONMENTS[0])
    assert cloud.read()["made"] == made


def test_tags_of_several_packages_are_told_by_their_prefix(tmp_path) -> None:
    shown = re.search(r'eigenoid-dev "(.+)"$', SETUP.section("Other tags"), re.MULTILINE)
    assert shown
    condition = make_condition(tmp_path, ENVIRONMENTS[0], shown[1])
    tags = ("shop-core-v1.0.0-dev", "shop-api-v1.0.0-dev", "v1.0.0-dev", "shop-core-v1.0.0")
    assert [accepts(condition, tag, "dev") for tag in tags] == [True, True, False, False]


def test_the_binding_is_for_this_repository_and_environment_alone(cloud, environment) -> None:
    (account,) = cloud[0].made(ACCOUNTS)
    pool = environment.workload_identity_provider.partition("/providers/")[0]
    job = f"{ORGANISATION.repository_id}:{environment.name}"
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.repository_environment/{job}"
    assert account["bindings"] == [["roles/iam.workloadIdentityUser", member]]


def test_the_account_may_write_into_the_repository_and_nowhere_else(cloud, environment) -> None:
    bindings = {
        row["name"].partition("/")[0]: row["bindings"]
        for row in cloud[0].read()["made"].values()
        if "bindings" in row
    }
    assert bindings.keys() == {ACCOUNTS, REPOSITORIES}
    writer = f"serviceAccount:{environment.service_account}"
    assert bindings[REPOSITORIES] == [["roles/artifactregistry.writer", writer]]


def test_the_last_five_versions_are_kept_and_all_of_production(cloud, environment) -> None:
    (index,) = cloud[0].made(REPOSITORIES)
    policies = index.get("cleanupPolicies", [])
    actions = [policy["action"]["type"] for policy in policies]
    assert actions == (["Keep", "Delete"] if environment.suffix else [])
    kept = [policy.get("mostRecentVersions") for policy in policies]
    assert kept[:1] == ([{"keepCount": 5}] if environment.suffix else [])


def test_it_prints_the_variables_of_the_environment(cloud, environment) -> None:
    assert printed_variables(cloud[1]) == dict(environment.variables)


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
    settings, page = read_settings(tmp_path, "."), SETUP.text
    for name, policies in choose_policies(settings, "", ()).items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", page, re.MULTILINE)[:1]
        last = row.rstrip(" |").rpartition(" | ")[2].partition("; required")[0]
        assert re.findall("`([^`]+)`", last) == [*policies.branches, *policies.tags]
    assert '-f "name=v*[0-9]-dev" -f type=tag' in page
