"""What docs/private-dependencies.md tells people to set up is what the sandbox verifies against."""

import json
import re
from pathlib import Path

import pytest

from dist_actions.indexes.environment_indexes import read_index_readers
from dist_actions.indexes.targets import ArtifactRegistryTarget
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.inputs import InputReader
from dist_sandbox.google.identity.attributes import READERS_MAPPING, readers_condition
from dist_sandbox.organisation import SandboxEnvironment, default_environments
from support.documentation.pages import page
from support.documentation.setup_script import ORGANISATION, option, record_calls, run_script

PAGE = page("docs/private-dependencies.md")
ENVIRONMENTS = default_environments()
CREATE_PROVIDER = "iam workload-identity-pools providers create-oidc"


@pytest.fixture(scope="module", params=ENVIRONMENTS, ids=lambda environment: environment.name)
def read_environment(request: pytest.FixtureRequest) -> SandboxEnvironment:
    return request.param


@pytest.fixture(scope="module")
def readers_calls(
    read_environment: SandboxEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[list[str]], str, Path]:
    """The commands that the script of the page starts, and what it prints."""
    folder = tmp_path_factory.mktemp("readers")
    return record_calls(read_environment, folder, script_page=PAGE)


def test_the_provider_is_the_one_that_the_sandbox_has(readers_calls, read_environment) -> None:
    assert option(readers_calls, CREATE_PROVIDER, "--attribute-condition") == readers_condition(
        ORGANISATION
    )
    mapping = option(readers_calls, CREATE_PROVIDER, "--attribute-mapping")
    assert mapping == ",".join("=".join(pair) for pair in READERS_MAPPING.items())
    assert f"{read_environment.name} = {read_environment.readers_provider}\n" in readers_calls[1]


def test_the_account_reads_and_does_nothing_else(readers_calls, read_environment) -> None:
    bindings = [call for call in readers_calls[0] if "add-iam-policy-binding" in call]
    roles = [call[call.index("--role") + 1] for call in bindings]
    assert roles == ["roles/iam.workloadIdentityUser", *["roles/artifactregistry.reader"] * 3]
    account, *readers = (call[call.index("--member") + 1] for call in bindings)
    assert account == (
        f"principalSet://iam.googleapis.com/{read_environment.readers_pool}/"
        f"attribute.repository_id/{ORGANISATION.repository_id}"
    )
    assert set(readers) == {f"serviceAccount:{read_environment.reader_account}"}


def test_the_lines_that_are_printed_are_those_of_the_variables(
    readers_calls, read_environment
) -> None:
    lines = dict(line.split(": ", 1) for line in readers_calls[1].splitlines() if " = " in line)
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


def test_the_upstreams_are_those_of_the_sandbox(readers_calls) -> None:
    text = re.search(r"printf '(\[.+?\])", PAGE.text, re.DOTALL)
    assert text
    policies = json.loads(text[1].replace("%s", "x").replace("\\n", ""))
    assert [(policy["id"], policy["priority"]) for policy in policies] == [
        ("own", 100),
        ("pypi", 10),
    ]


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
    there = readers_condition(ORGANISATION)
    done = run_script(ENVIRONMENTS[0], tmp_path, condition=there, script_page=PAGE)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("readers.sh: kept, because it is there: ") == 5
    assert "it must also accept" not in done.stderr
    other = run_script(ENVIRONMENTS[0], tmp_path, condition="false", script_page=PAGE)
    assert f"it must also accept: {there}" in other.stderr
