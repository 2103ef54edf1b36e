"""What docs/private-dependencies.md tells people to set up is what the sandbox verifies against."""

import re
import subprocess
from pathlib import Path

import pytest

from dist_actions.indexes.environment_indexes import read_index_readers
from dist_actions.indexes.targets import ArtifactRegistryTarget
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.inputs import InputReader
from dist_sandbox.google.identity.attributes import READERS_MAPPING, readers_condition
from dist_sandbox.organisation import SandboxEnvironment, default_environments
from support.documentation.pages import page
from support.documentation.setup_script import ORGANISATION, READERS_SCRIPT, Cloud

PAGE = page("docs/private-dependencies.md")
ENVIRONMENTS = default_environments()
PROVIDERS = "iam workload-identity-pools providers"


@pytest.fixture(scope="module", params=ENVIRONMENTS, ids=lambda environment: environment.name)
def read_environment(request: pytest.FixtureRequest) -> SandboxEnvironment:
    return request.param


@pytest.fixture(scope="module")
def readers_cloud(
    read_environment: SandboxEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Cloud, str]:
    """What the script of the page makes, and what it prints."""
    cloud = Cloud.make(tmp_path_factory.mktemp("readers"))
    done = set_up_readers(cloud, read_environment)
    assert done.returncode == 0, done.stderr
    return cloud, done.stdout


def set_up_readers(
    cloud: Cloud, environment: SandboxEnvironment
) -> "subprocess.CompletedProcess[str]":
    """Let jobs install, in a project where a package is published already."""
    cloud.set_up(environment)
    repository = ORGANISATION.github_repository
    return cloud.run(READERS_SCRIPT, repository, environment.name, environment.project_id)


def test_the_provider_is_the_one_that_the_sandbox_has(readers_cloud, read_environment) -> None:
    cloud, printed = readers_cloud
    (provider,) = [row for row in cloud.made(PROVIDERS) if row["name"].endswith("/readers")]
    assert provider["attributeCondition"] == readers_condition(ORGANISATION)
    mapping = ",".join("=".join(pair) for pair in READERS_MAPPING.items())
    assert provider["attribute-mapping"] == mapping
    assert f"{read_environment.name} = {read_environment.readers_provider}\n" in printed


def test_the_account_reads_and_does_nothing_else(readers_cloud, read_environment) -> None:
    cloud, _ = readers_cloud
    (account,) = [
        row for row in cloud.made("iam service-accounts") if "eigenoid-reader@" in row["name"]
    ]
    pool = f"principalSet://iam.googleapis.com/{read_environment.readers_pool}"
    member = f"{pool}/attribute.repository_id/{ORGANISATION.repository_id}"
    assert account["bindings"] == [["roles/iam.workloadIdentityUser", member]]
    reader = ["roles/artifactregistry.reader", f"serviceAccount:{read_environment.reader_account}"]
    repositories = {
        row["name"].rpartition("/")[2]: row["bindings"]
        for row in cloud.made("artifacts repositories")
    }
    assert repositories.pop("eigenoid-python")[1:] == [reader]
    assert repositories == {"pypi-cache": [reader], "eigenoid-all": [reader]}


def test_the_lines_that_are_printed_are_those_of_the_variables(
    readers_cloud, read_environment
) -> None:
    lines = dict(line.split(": ", 1) for line in readers_cloud[1].splitlines() if " = " in line)
    assert lines.keys() == {"INDEXES", "READER_WIF_PROVIDER", "READER_SA_EMAIL"}
    assert (
        lines["READER_SA_EMAIL"] == f"{read_environment.name} = {read_environment.reader_account}"
    )
    for name, line in lines.items():
        assert line in PAGE.text, name
    names = ("INDEXES", "WORKLOAD_IDENTITY_PROVIDER", "SERVICE_ACCOUNT")
    inputs = InputReader(
        {f"INPUT_{name}": line for name, line in zip(names, lines.values(), strict=True)}
    )
    index = read_index_readers(inputs, GoogleEndpoints()).of(read_environment.name)
    inputs.finish()
    assert isinstance(index, ArtifactRegistryTarget)
    assert index.repository == "eigenoid-all"


def test_the_upstreams_are_those_of_the_sandbox(readers_cloud) -> None:
    (virtual,) = [
        row
        for row in readers_cloud[0].made("artifacts repositories")
        if row.get("mode") == "virtual-repository"
    ]
    policies = [(policy["id"], policy["priority"]) for policy in virtual["upstream-policy-file"]]
    assert policies == [("own", 100), ("pypi", 10)]


def test_terraform_makes_what_the_script_makes() -> None:
    text = PAGE.blocks("hcl")[0].text
    condition = re.search(r'join\(" && ", \[(.+?)\]\)\n', text, re.DOTALL)
    assert condition
    parts = " && ".join(re.findall(r'^ +"(.+)",$', condition[1], re.MULTILINE))
    numbers = {"owner_id": ORGANISATION.owner_id, "repository_id": ORGANISATION.repository_id}
    for name, number in numbers.items():
        parts = parts.replace(f"${{var.{name}}}", str(number))
    assert parts == readers_condition(ORGANISATION)
    mapping = re.findall(r'^ +"((?:google|attribute)\.\w+)" += "(.+)"$', text, re.MULTILINE)
    assert dict(mapping) == READERS_MAPPING
    policies = re.findall(r'id += "(\w+)"\n.+\n +priority += (\d+)', text)
    assert policies == [("own", "100"), ("pypi", "10")]
    assert set(re.findall(r'"(roles/[\w.]+)"', text)) == {
        "roles/iam.workloadIdentityUser",
        "roles/artifactregistry.reader",
    }


def test_a_second_run_keeps_what_is_there(tmp_path: Path) -> None:
    cloud = Cloud.make(tmp_path)
    set_up_readers(cloud, ENVIRONMENTS[0])
    made = cloud.read()["made"]
    done = set_up_readers(cloud, ENVIRONMENTS[0])
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("readers.sh: kept, because it is there: ") == 5
    assert "it must also accept" not in done.stderr
    assert cloud.read()["made"] == made
    state = cloud.read()
    for name, row in state["made"].items():
        if name.endswith("/readers"):
            row["attributeCondition"] = "false"
    cloud.write(state)
    other = set_up_readers(cloud, ENVIRONMENTS[0])
    assert f"it must also accept: {readers_condition(ORGANISATION)}" in other.stderr
