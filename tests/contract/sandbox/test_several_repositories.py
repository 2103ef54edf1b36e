"""Several repositories of one organisation: what they share, and what each has for itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from support.google.client import GoogleClient
from support.sandbox.fixtures import Sandbox, git

WEB = "eigenoid/eigenoid-web"
JOB = {
    "run_id": 17,
    "workflow": ".github/workflows/release.yml",
    "name": "publish",
    "event_name": "push",
    "ref": "refs/tags/v0.5.0-dev",
    "sha": "0" * 40,
    "actor": "developer",
    "permissions": {"contents": "write", "id-token": "write"},
}


@pytest.fixture
def organisation(sandbox: Sandbox) -> Sandbox:
    """A sandbox with a second repository that publishes."""
    made = sandbox.control("POST", "repositories", {"name": "eigenoid-web", "publishes": True})
    assert (made["full_name"], made["id"]) == (WEB, 900_101)
    return sandbox


@pytest.fixture
def clients(organisation: Sandbox) -> Iterator[list[GoogleClient]]:
    """A job of each of the two repositories."""
    ready = organisation.control("GET", "ready")
    with requests.Session() as session:
        session.trust_env = False
        common = {**organisation.ready, **ready}
        yield [
            GoogleClient({**common, **row}, session, row["repository"])
            for row in ready["repositories"]
        ]


def test_each_publishes_to_the_same_index_by_an_account_of_its_own(
    clients: list[GoogleClient],
) -> None:
    assert len({client.environment()["service_account"] for client in clients}) == 2
    assert len({client.upload_url() for client in clients}) == 1
    for client in clients:
        answer = client.impersonate(client.federated_token())
        assert answer.ok, answer.text
        permission = "artifactregistry.repositories.uploadArtifacts"
        granted = client.ask_permissions([permission], answer.json()["accessToken"])
        assert granted.json() == {"permissions": [permission]}


def test_no_repository_acts_as_the_account_of_another(clients: list[GoogleClient]) -> None:
    for client, other in (clients, clients[::-1]):
        account = other.environment()["service_account"]
        assert client.impersonate(client.federated_token(), account=account).status_code == 403


def test_each_reads_by_the_account_that_they_share(
    organisation: Sandbox, clients: list[GoogleClient]
) -> None:
    assert len({client.reader_token(ref="refs/heads/dev") for client in clients}) == 2
    first, web = organisation.world.github.repositories.values()
    assert "dev = http" in web.variables.values()["INDEXES"]
    assert web.variables.values() == first.variables.values()


def test_id_tokens_name_the_repository_of_their_job(clients: list[GoogleClient]) -> None:
    claims = [
        jwt.decode(client.id_token(), options={"verify_signature": False}) for client in clients
    ]
    assert [row["repository_id"] for row in claims] == ["900100", "900101"]
    subjects = [row["sub"] for row in claims]
    assert subjects == [
        "repo:eigenoid/eigenoid-sample:environment:dev",
        "repo:eigenoid/eigenoid-web:environment:dev",
    ]


def test_a_repository_of_the_owner_that_does_not_publish_is_not_admitted(
    organisation: Sandbox, clients: list[GoogleClient]
) -> None:
    made = organisation.control("POST", "repositories", {"name": "website"})
    token = clients[0].forge(repository_id=str(made["id"]))
    assert "attribute condition" in clients[0].exchange(token).text


def test_both_publish_after_a_reset(clients: list[GoogleClient]) -> None:
    clients[0].control("POST", "google/reset")
    for client in clients:
        assert client.impersonate(client.federated_token()).ok


def test_a_provider_that_accepts_everything_stays_so(organisation: Sandbox) -> None:
    path = "google/providers/dev"
    organisation.control("PATCH", path, {"attribute_condition": ""})
    organisation.control("POST", "repositories", {"name": "third", "publishes": True})
    assert organisation.control("GET", path)["attribute_condition"] == ""


def test_a_job_token_writes_in_its_own_repository_alone(organisation: Sandbox) -> None:
    api = organisation.world.addresses.github_api
    for path, own, other in (
        (f"jobs?repository={WEB}", WEB, organisation.repository.full_name),
        ("jobs", organisation.repository.full_name, WEB),
    ):
        token = organisation.control("POST", path, JOB)["token"]
        body = {"tag_name": "v1.0.0", "target_commitish": "dev"}
        made = [
            organisation.request("POST", f"{api}/repos/{name}/releases", token=token, json=body)
            for name in (own, other)
        ]
        assert [answer.status_code for answer in made] == [201, 404]


def test_events_are_those_of_the_repository_that_is_named(organisation: Sandbox) -> None:
    api, token = organisation.world.addresses.github_api, organisation.user_token
    organisation.request(
        "POST", f"{api}/repos/{WEB}/releases", token=token, json={"tag_name": "v2.0.0"}
    )
    assert _refs(organisation, f"events?repository={WEB}")
    assert not _refs(organisation, f"events?repository={organisation.repository.full_name}")
    assert _refs(organisation, "events") == _refs(organisation, f"events?repository={WEB}")


def _refs(sandbox: Sandbox, path: str) -> list[str]:
    return [event["ref"] for event in sandbox.control("GET", path)]


def test_runs_settings_and_rules_are_those_of_the_repository_that_is_named(
    organisation: Sandbox,
) -> None:
    first, web = organisation.world.github.repositories.values()
    query = f"?repository={WEB}"
    run = {"path": "w.yml", "event": "push", "ref": "refs/heads/dev", "sha": "1" * 40}
    body = {**run, "actor": "developer", "jobs": ["test"]}
    organisation.control("PUT", f"runs/7{query}", body)
    organisation.control("PATCH", "runs/7", {"conclusion": "success"})
    organisation.control("POST", f"repository{query}", {"immutable_releases": True})
    organisation.control("POST", f"rulesets{query}", {"name": "rules", "rules": []})
    organisation.control("PUT", f"environments/dev/variables{query}", {"COLOUR": "red"})
    assert (list(first.runs), first.rulesets, first.immutable_releases) == ([], [], False)
    assert (list(web.runs), len(web.rulesets), web.immutable_releases) == ([7], 1, True)
    assert [run.conclusion for run in web.checks.runs] == ["success"]
    assert "COLOUR" not in first.environments["dev"].variables.values()
    assert web.environments["dev"].variables.values()["COLOUR"] == "red"


def test_a_trusted_publisher_is_replaced_by_one_of_its_own_repository(
    organisation: Sandbox,
) -> None:
    path = f"pypi/pypi/publishers?repository={WEB}"
    for workflow in ("release.yml", "publish.yml"):
        described = {"project": "eigenoid-web", "workflow": workflow}
        organisation.control("PUT", path, {"publishers": [described]})
    publishers = organisation.control("GET", "pypi/pypi")["publishers"]
    assert [(row["repository"], row["workflow"]) for row in publishers] == [
        ("eigenoid-sample", "release.yml"),
        ("eigenoid-web", "publish.yml"),
    ]


@pytest.mark.parametrize("publishes", [True, False])
def test_no_repository_takes_the_name_of_another(organisation: Sandbox, publishes: bool) -> None:
    body = {"name": "Eigenoid-Web", "publishes": publishes}
    assert organisation.ask_control("POST", "repositories", body).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "repository"),
        ("POST", "jobs"),
        ("GET", "google/providers/dev"),
        ("GET", "events"),
    ],
)
def test_a_repository_that_is_not_there_is_refused(
    organisation: Sandbox, method: str, path: str
) -> None:
    body: Any = JOB if path == "jobs" else {}
    answer = organisation.ask_control(method, f"{path}?repository=eigenoid/nothing", body)
    assert answer.status_code == 404


@pytest.mark.parametrize("branches", [["dev"], ["main", "dev"], ["dev", "main"]])
def test_the_first_branch_of_an_empty_repository_is_its_default_one(
    sandbox: Sandbox, checkout: Path, branches: list[str]
) -> None:
    """As on GitHub; where the usual one is among them, that one stays."""
    sandbox.control("POST", "repositories", {"name": "empty"})
    url = sandbox.git_url(sandbox.user_token).replace("eigenoid-sample", "empty")
    git("push", "-q", url, *(f"HEAD:refs/heads/{name}" for name in branches), cwd=checkout)
    git("push", "-q", url, "HEAD:refs/heads/later", cwd=checkout)
    api = sandbox.world.addresses.github_api
    shown = sandbox.request("GET", f"{api}/repos/eigenoid/empty", token=sandbox.user_token).json()
    assert shown["default_branch"] == ("main" if "main" in branches else "dev")
    head = git("ls-remote", "--symref", url, "HEAD", cwd=checkout).stdout
    assert head.startswith(f"ref: refs/heads/{shown['default_branch']}\t")
