"""Terraform makes what `google.sh`, the pages and the sandbox say.

Terraform itself runs; the providers are `support.terraform.providers`, which change nothing.
"""

import json
import shutil

import pytest

pytest.importorskip("tf", reason="the providers need Python 3.11")

from dist_actions.pipeline.settings import read_settings
from dist_actions.repository_settings.deployment_policies import choose_policies
from dist_sandbox.google.identity.attributes import RECOMMENDED_MAPPING, recommended_condition
from dist_sandbox.organisation import (
    PublishingRepository,
    SandboxEnvironment,
    default_environments,
    further_repository,
)
from support.documentation.pages import page
from support.documentation.setup_script import ORGANISATION, Cloud
from support.terraform.runs import COMMAND, is_terraforms_own, make_workspace

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(COMMAND is None, reason="no terraform or tofu on the path"),
]

ENVIRONMENTS = default_environments()
SHARED, SAMPLE = "shared-artifact-registry", "sample-artifact-registry"
PROVIDER = "google_iam_workload_identity_pool_provider"
INDEX = "google_artifact_registry_repository"


@pytest.fixture(scope="module")
def applied_layers():
    """Apply both layers."""
    with make_workspace() as workspace:
        workspace.apply(SHARED)
        workspace.apply(SAMPLE)
        yield workspace


@pytest.fixture(scope="module")
def resources(applied_layers):
    """List what both layers made, of one type."""
    rows = list(applied_layers.providers.applied)
    return lambda name: [state for type_name, state in rows if type_name == name]


def policies_by_environment(rows) -> dict[str, set[str]]:
    """Name the branches and tags that each GitHub Environment admits."""
    patterns: dict[str, set[str]] = {}
    for row in rows:
        pattern = row["tag_pattern"] or row["branch_pattern"]
        patterns.setdefault(row["environment"], set()).add(pattern)
    return patterns


def in_project(rows, environment: SandboxEnvironment):
    (row,) = [row for row in rows if row["project"] == environment.project_id]
    return row


def test_the_files_are_formatted(applied_layers) -> None:
    done = applied_layers.run(".", "fmt", "-check", "-recursive")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("layer", [SHARED, SAMPLE])
def test_a_second_apply_changes_nothing(applied_layers, layer) -> None:
    done = applied_layers.run(layer, "plan", "-detailed-exitcode")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["google-project", "python-package", "github-repository"])
def test_the_modules_pass_their_own_tests(applied_layers, module) -> None:
    folder = f"modules/{module}"
    assert applied_layers.run(folder, "init").returncode == 0
    done = applied_layers.run(folder, "test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed, 0 failed." in done.stdout


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda row: row.name)
def test_the_provider_is_the_one_that_the_sandbox_has(resources, environment) -> None:
    provider = in_project(resources(PROVIDER), environment)
    assert provider["attribute_condition"] == recommended_condition(ORGANISATION, environment)
    assert provider["attribute_mapping"] == dict(RECOMMENDED_MAPPING)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda row: row.name)
def test_google_cloud_is_as_the_script_makes_it(resources, environment, tmp_path) -> None:
    cloud = Cloud.make(tmp_path)
    cloud.set_up(environment)
    assert describe_script(cloud) == describe_terraform(resources, environment)


def describe_script(cloud: Cloud) -> dict[str, object]:
    """Tell what the script made, in words that Terraform's resources can be told in, too."""
    (provider,) = cloud.made("iam workload-identity-pools providers")
    (account,) = cloud.made("iam service-accounts")
    (index,) = cloud.made("artifacts repositories")
    mapping = provider["attribute-mapping"].split(",")
    policies = index.get("cleanupPolicies", [])
    return {
        "provider": (provider["workload-identity-pool"], provider["name"].rpartition("/")[2]),
        "issuer": provider["issuer-uri"],
        "condition": provider["attributeCondition"],
        "mapping": dict(pair.split("=", 1) for pair in mapping),
        "account": account["name"].rpartition("/")[2],
        "account's bindings": account["bindings"],
        "index": index["name"].split("/")[1:],
        "index's bindings": index["bindings"],
        "kept": [row["mostRecentVersions"]["keepCount"] for row in policies[:1]],
        "deleted": [row["condition"]["olderThan"] for row in policies[1:]],
    }


def describe_terraform(resources, environment: SandboxEnvironment) -> dict[str, object]:
    """Tell what Terraform made, in the words of `describe_script`."""
    provider = in_project(resources(PROVIDER), environment)
    account = in_project(resources("google_service_account"), environment)
    binding = next(
        row
        for row in resources("google_service_account_iam_member")
        if row["service_account_id"] == account["name"]
    )
    index = in_project(resources(INDEX), environment)
    writer = in_project(resources(f"{INDEX}_iam_member"), environment)
    policies = index["cleanup_policies"]
    return {
        "provider": (
            provider["workload_identity_pool_id"],
            provider["workload_identity_pool_provider_id"],
        ),
        "issuer": provider["oidc"][0]["issuer_uri"],
        "condition": provider["attribute_condition"],
        "mapping": provider["attribute_mapping"],
        "account": account["email"],
        "account's bindings": [[binding["role"], binding["member"]]],
        "index": [index["project"], index["location"], index["repository_id"]],
        "index's bindings": [[writer["role"], writer["member"]]],
        "kept": [row["most_recent_versions"][0]["keep_count"] for row in policies[:1]],
        "deleted": [row["condition"][0]["older_than"] for row in policies[1:]],
    }


def test_the_variables_are_those_of_the_environments(resources) -> None:
    variables: dict[str, dict[str, str]] = {}
    for row in resources("github_actions_environment_variable"):
        variables.setdefault(row["environment"], {})[row["variable_name"]] = row["value"]
    releaser = {"RELEASER_BOT_CLIENT_ID": "Iv23releaser"}
    assert variables == {
        "automation": {"AUTOMATION_BOT_CLIENT_ID": "Iv23automation"},
        **{row.name: {**row.variables, **releaser} for row in ENVIRONMENTS},
    }


def test_the_values_on_the_page_are_those_of_the_layer(applied_layers) -> None:
    values = applied_layers.folder / SAMPLE / "terraform.tfvars"
    (shown,) = page("docs/setup.md").blocks("hcl")
    assert shown.text == values.read_text(encoding="utf-8")


def test_the_policies_are_those_that_a_rehearsal_sets(resources, tmp_path) -> None:
    settings = read_settings(tmp_path, ".")
    rows = resources("github_repository_environment_deployment_policy")
    assert policies_by_environment(rows) == {
        name: {*policies.branches, *policies.tags}
        for name, policies in choose_policies(settings, "", ()).items()
    }


def test_the_rulesets_are_those_of_the_page(resources) -> None:
    rulesets = {row["name"]: row for row in resources("github_repository_ruleset")}
    documented = [json.loads(block.text) for block in page("docs/setup.md").blocks("json")]
    assert rulesets.keys() == {row["name"] for row in documented}
    for row in documented:
        ruleset = rulesets[row["name"]]
        assert (ruleset["target"], ruleset["enforcement"]) == (row["target"], row["enforcement"])
        (conditions,) = ruleset["conditions"]
        assert conditions["ref_name"] == [row["conditions"]["ref_name"]]
        (rules,) = ruleset["rules"]
        assert {name for name, is_set in rules.items() if is_set} == {
            rule["type"] for rule in row["rules"]
        }
        assert ruleset["bypass_actors"] == row["bypass_actors"]


def test_a_layer_that_is_copied_makes_another_package(applied_layers) -> None:
    first = PublishingRepository(ORGANISATION, ENVIRONMENTS)
    second = further_repository([first], "shop")
    layer = "shop-artifact-registry"
    shutil.copytree(
        applied_layers.folder / SAMPLE,
        applied_layers.folder / layer,
        ignore=is_terraforms_own,
    )
    applied_layers.providers.repositories.append(second.organisation)
    before = len(applied_layers.providers.applied)
    applied_layers.apply(
        layer,
        "-var=github_repository=eigenoid/shop",
        '-var=tag_prefixes=["shop-core-v","shop-api-v"]',
    )
    made = applied_layers.providers.applied[before:]
    assert not [name for name, _ in made if name in (INDEX, "google_iam_workload_identity_pool")]
    conditions = [row["attribute_condition"] for name, row in made if name == PROVIDER]
    names = {row["workload_identity_pool_provider_id"] for name, row in made if name == PROVIDER}
    assert names == {f"repository-{second.organisation.repository_id}"}
    assert all("^refs/tags/(shop-core-v|shop-api-v)[0-9]" in row for row in conditions)
    rows = [row for name, row in made if name.endswith("_deployment_policy")]
    assert policies_by_environment(rows)["prd"] == {"shop-core-v*[0-9]", "shop-api-v*[0-9]"}


def test_a_repository_that_is_not_there_is_told(applied_layers) -> None:
    done = applied_layers.run(SAMPLE, "plan", "-var=github_repository=eigenoid/nowhere")
    assert done.returncode == 1
    assert "GitHub answers 404 for the repository eigenoid/nowhere" in " ".join(done.stderr.split())
