"""Who may do what: the permissions of operations, seen from outside."""

from typing import Any

import pytest

from dist_sandbox.github.rest.routes import api_operations, upload_operations
from support.sandbox.fixtures import Sandbox

_DENIED = "Resource not accessible by integration"

#: Operations, each with the permission of a job that suffices and what one without it lacks.
_CASES = [
    ("GET", "git/matching-refs/tags/v", {"contents": "read"}),
    ("GET", "git/ref/heads/dev", {"contents": "read"}),
    ("GET", "branches/dev", {"contents": "read"}),
    ("GET", "commits", {"contents": "read"}),
    ("GET", "compare/main...dev", {"contents": "read"}),
    ("GET", "contents/README.md", {"contents": "read"}),
    ("GET", "releases", {"contents": "read"}),
    ("POST", "git/tags", {"contents": "write"}),
    ("POST", "git/refs", {"contents": "write"}),
    ("POST", "releases", {"contents": "write"}),
    ("POST", "releases/generate-notes", {"contents": "write"}),
    ("GET", "pulls", {"pull-requests": "read"}),
    ("POST", "pulls", {"pull-requests": "write"}),
    ("GET", "environments", {"actions": "read"}),
    ("GET", "environments/dev", {"actions": "read"}),
    ("GET", "deployments", {"deployments": "read"}),
    ("GET", "actions/runs", {"actions": "read"}),
]


@pytest.mark.parametrize(
    ("method", "path", "permissions"), _CASES, ids=[f"{one[0]}-{one[1]}" for one in _CASES]
)
def test_job_without_the_permission_is_told_what_is_accepted(
    sandbox: Sandbox, method: str, path: str, permissions: dict[str, str]
) -> None:
    body: Any = {} if method == "POST" else None
    [(name, access)] = permissions.items()
    almost = {} if access == "read" else {name: "read"}
    refused = sandbox.request(method, path, token=sandbox.job(almost)["token"], json=body)
    assert (refused.status_code, refused.json()["message"]) == (403, _DENIED)
    wanted = f"{name.replace('-', '_')}={access}"
    assert wanted in refused.headers["X-Accepted-GitHub-Permissions"]
    allowed = sandbox.request(method, path, token=sandbox.job(permissions)["token"], json=body)
    assert allowed.status_code in (200, 422) or "GitHub Actions" in allowed.json()["message"]


@pytest.mark.parametrize("path", ["", "tags", "rulesets", "rules/branches/dev"])
def test_metadata_is_readable_with_any_token(sandbox: Sandbox, path: str) -> None:
    assert sandbox.request("GET", path, token=sandbox.job({})["token"]).status_code == 200


@pytest.mark.parametrize(
    ("token", "status", "message"),
    [(None, 404, "Not Found"), ("ghs_unknown", 401, "Bad credentials")],
)
def test_private_repository_is_invisible_without_a_token(
    sandbox: Sandbox, token: str | None, status: int, message: str
) -> None:
    answer = sandbox.request("GET", "releases", token=token)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


@pytest.mark.parametrize("header", ["Bearer {}", "token {}", "basic"])
def test_token_is_accepted_in_every_form(sandbox: Sandbox, header: str) -> None:
    token, options = sandbox.user_token, {}
    if header == "basic":
        options = {"auth": ("x-access-token", token)}
    else:
        options = {"headers": {"Authorization": header.format(token)}}
    assert sandbox.request("GET", "", **options).status_code == 200


def test_app_of_the_releases_cannot_open_pull_requests(sandbox: Sandbox) -> None:
    token = sandbox.installation_token("releaser-bot")
    answer = sandbox.request("POST", "pulls", token=token, json={})
    assert (answer.status_code, answer.json()["message"]) == (403, _DENIED)


def test_administration_is_for_people_only(sandbox: Sandbox) -> None:
    for token, status in ((sandbox.installation_token(), 403), (sandbox.user_token, 200)):
        answer = sandbox.request("PUT", "environments/new", token=token, json={})
        assert answer.status_code == status


def test_user_is_a_person(sandbox: Sandbox) -> None:
    url = f"{sandbox.world.addresses.github_api}/user"
    assert sandbox.request("GET", url, token=sandbox.user_token).json()["login"] == "developer"
    assert sandbox.request("GET", url, token=sandbox.installation_token()).status_code == 403
    assert sandbox.request("GET", url).status_code == 401
    bot = sandbox.request("GET", f"{sandbox.world.addresses.github_api}/users/automation-bot[bot]")
    assert bot.json()["type"] == "Bot"


def test_client_without_a_name_is_refused(sandbox: Sandbox) -> None:
    answer = sandbox.request("GET", "", token=sandbox.user_token, headers={"User-Agent": ""})
    assert answer.status_code == 403
    assert "User-Agent" in answer.json()["message"]


def test_what_is_no_json_is_refused(sandbox: Sandbox) -> None:
    for body, message in ((b"{", "Problems parsing JSON"), (b"[]", "Body should be a JSON object")):
        headers = {"Content-Type": "application/json"}
        answer = sandbox.request(
            "POST", "git/refs", token=sandbox.user_token, data=body, headers=headers
        )
        assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_permissions_are_well_formed() -> None:
    for operations in (*api_operations(), upload_operations):
        for operation in operations.all:
            for way in operation.permissions:
                assert all(access in ("read", "write") for _, access in way)
            assert operation.permissions or operation.accepted in ("app", "user", "anyone")
