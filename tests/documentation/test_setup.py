"""What docs/setup.md tells people to set up is what the sandbox verifies against."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from dist_actions.environments import DEFAULT_ENVIRONMENTS
from dist_actions.settings import read_settings
from dist_sandbox.environments import Organisation, default_environments
from dist_sandbox.google.attributes import (
    RECOMMENDED_MAPPING,
    condition_accepts,
    recommended_condition,
)
from documentation.pages import page

SETUP = page("docs/setup.md")
ORGANISATION = Organisation()
ENVIRONMENTS = default_environments()
WITHIN_SECONDS = 60

#: Stands in for Google's and GitHub's command lines: records a call, and answers what is asked.
RECORDER = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
    calls.write(json.dumps(sys.argv) + "\\n")
answers = json.loads(os.environ["ANSWERS"])
print(answers.get(sys.argv[-1], ""))
"""


@pytest.fixture(scope="module", params=ENVIRONMENTS, ids=lambda environment: environment.name)
def environment(request):
    return request.param


@pytest.fixture(scope="module")
def calls(environment, tmp_path_factory):
    """The commands that the script of the page starts, and what it prints."""
    return record_calls(environment, tmp_path_factory.mktemp("google"))


def record_calls(environment, folder: Path, *more: str):
    """Run the script with stand-ins for Google's and GitHub's command lines."""
    for name in ("gcloud", "gh"):
        (folder / name).write_text(RECORDER, encoding="utf-8")
        (folder / name).chmod(0o755)
    answers = {
        ".id": str(ORGANISATION.repository_id),
        ".owner.id": str(ORGANISATION.owner_id),
        "value(projectNumber)": str(environment.project_number),
    }
    script = next(
        block.text for block in SETUP.blocks("bash") if block.text.startswith("#!/usr/bin/env bash")
    )
    arguments = (environment.name, environment.suffix, environment.project_id, *more)
    done = subprocess.run(
        ["bash", "-s", ORGANISATION.github_repository, *arguments],
        input=script,
        cwd=folder,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "CALLS": str(folder / "calls"),
            "ANSWERS": json.dumps(answers),
        },
        capture_output=True,
        text=True,
        timeout=WITHIN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = (folder / "calls").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)[1:] for line in lines], done.stdout, folder


def option(calls, command: str, name: str) -> str:
    """The value of an option of the one call that begins with a command."""
    (call,) = [call for call in calls[0] if " ".join(call).startswith(command)]
    return call[call.index(name) + 1]


def test_the_condition_is_the_one_that_the_sandbox_enforces(calls, environment) -> None:
    condition = option(
        calls, "iam workload-identity-pools providers create-oidc", "--attribute-condition"
    )
    assert condition == recommended_condition(ORGANISATION, environment)


def test_tags_of_several_packages_are_told_by_their_prefix(tmp_path) -> None:
    shown = re.search(r'eigenoid-dev "(.+)"$', SETUP.section("Other tags"), re.MULTILINE)
    assert shown
    recorded = record_calls(ENVIRONMENTS[0], tmp_path, shown[1])
    condition = option(
        recorded, "iam workload-identity-pools providers create-oidc", "--attribute-condition"
    )
    claims = {
        "repository_owner_id": str(ORGANISATION.owner_id),
        "repository_id": str(ORGANISATION.repository_id),
        "event_name": "push",
        "ref_type": "tag",
        "environment": "dev",
    }
    accepted = {
        tag: condition_accepts(condition, {**claims, "ref": f"refs/tags/{tag}"}, {})
        for tag in ("shop-core-v1.0.0-dev", "shop-api-v1.0.0-dev", "v1.0.0-dev", "shop-core-v1.0.0")
    }
    assert list(accepted.values()) == [True, True, False, False]


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
    (shown,) = SETUP.blocks("toml")
    (tmp_path / "pyproject.toml").write_text(shown.text, encoding="utf-8")
    stages = read_settings(tmp_path, ".").environments.stages
    assert [(stage.name, stage.branch, stage.suffix) for stage in stages] == [
        ("staging", "develop", "-rc"),
        ("production", "main", ""),
    ]
