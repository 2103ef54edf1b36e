"""Answers and requests have only fields that Google's own discovery documents describe."""

import base64
import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from support.google.client import CLOUD_PLATFORM

_DOCUMENTS = Path(__file__).parent / "discovery"


class Contract:
    """The schemas of one API."""

    def __init__(self, api: str) -> None:
        document = json.loads((_DOCUMENTS / f"{api}-v1.json").read_text())
        self._schemas = document["schemas"]

    def check(self, value, schema_name: str) -> None:
        """Fail unless `value` is one of the named schema."""
        self._check(value, {"$ref": schema_name}, schema_name)

    def _check(self, value, schema, path: str) -> None:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"]]
        kind = schema["type"]
        types = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
        assert isinstance(value, types[kind]), f"{path} is no {kind}"
        if kind == "object":
            self._check_object(value, schema, path)
        elif kind == "array":
            for number, item in enumerate(value):
                self._check(item, schema["items"], f"{path}[{number}]")
        elif "enum" in schema:
            assert value in schema["enum"], path
        else:
            _check_format(value, schema.get("format"), path)

    def _check_object(self, value, schema, path: str) -> None:
        properties = schema.get("properties", {})
        for name, item in value.items():
            known = properties.get(name) or schema.get("additionalProperties")
            assert known, f"{path} has no field {name}"
            self._check(item, known, f"{path}.{name}")


def _check_format(value, kind: str | None, path: str) -> None:
    if kind == "google-datetime":
        datetime.fromisoformat(value.replace("Z", "+00:00"))
        assert value.endswith("Z"), path
    elif kind == "google-duration":
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)?s", value), path
    elif kind == "int64":
        assert value.isdecimal(), path
    elif kind == "byte":
        base64.b64decode(value, validate=True)


def test_federated_token(caller):
    answer = caller.exchange(caller.id_token()).json()
    Contract("sts").check(answer, "GoogleIdentityStsV1ExchangeTokenResponse")
    assert set(answer) == {"access_token", "expires_in", "issued_token_type", "token_type"}


def test_access_token(caller):
    contract = Contract("iamcredentials")
    body = {"scope": [CLOUD_PLATFORM], "lifetime": "900s"}
    contract.check(body, "GenerateAccessTokenRequest")
    answer = caller.impersonate(caller.federated_token(), body=body).json()
    contract.check(answer, "GenerateAccessTokenResponse")
    assert set(answer) == {"accessToken", "expireTime"}


def test_files(caller, make_wheel):
    assert caller.upload(make_wheel("described", "1.0"), caller.sandbox_token("writer")).ok
    answer = caller.send(
        "GET",
        "/artifact-registry-api/v1/projects/eigenoid-dev/locations/us-central1/repositories/"
        "eigenoid-python/files",
        params={"pageSize": "1"},
        headers={"Authorization": f"Bearer {caller.sandbox_token('reader')}"},
    ).json()
    assert answer["files"]
    Contract("artifactregistry").check(answer, "ListFilesResponse")


_REPOSITORIES = "projects/eigenoid-dev/locations/us-central1/repositories"


def test_repositories(caller):
    headers = {"Authorization": f"Bearer {caller.reader_token()}"}
    modes = []
    for repository in ("eigenoid-python", "pypi-cache", "eigenoid-all"):
        address = f"/artifact-registry-api/v1/{_REPOSITORIES}/{repository}"
        described = caller.send("GET", address, headers=headers).json()
        Contract("artifactregistry").check(described, "Repository")
        assert described["name"] == f"{_REPOSITORIES}/{repository}"
        modes.append(described["mode"])
    assert modes == ["STANDARD_REPOSITORY", "REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY"]
    assert described["virtualRepositoryConfig"]["upstreamPolicies"][0] == {
        "id": "eigenoid-python",
        "repository": f"{_REPOSITORIES}/eigenoid-python",
        "priority": 100,
    }


def test_packages_come_in_pages(caller, make_wheel):
    for name in ("listed_first", "listed_second"):
        assert caller.upload(make_wheel(name, "1.0"), caller.sandbox_token("writer")).ok
    headers = {"Authorization": f"Bearer {caller.reader_token()}"}
    address = f"/artifact-registry-api/v1/{_REPOSITORIES}/eigenoid-python/packages"
    names, query = [], {"pageSize": "1"}
    while "pageToken" not in query or query["pageToken"]:
        page = caller.send("GET", address, params=query, headers=headers).json()
        Contract("artifactregistry").check(page, "ListPackagesResponse")
        (package,) = page["packages"]
        names.append(package["name"].removeprefix(f"{_REPOSITORIES}/eigenoid-python/packages/"))
        query["pageToken"] = page.get("nextPageToken", "")
    assert names == sorted(names)
    assert {"listed-first", "listed-second"} <= set(names)


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_permissions(caller, role):
    contract = Contract("artifactregistry")
    asked = ["artifactregistry.repositories.uploadArtifacts"]
    contract.check({"permissions": asked}, "TestIamPermissionsRequest")
    answer = caller.ask_permissions(asked, caller.sandbox_token(role)).json()
    contract.check(answer, "TestIamPermissionsResponse")


@pytest.mark.parametrize(
    ("api", "mounted"),
    [
        ("sts", "sts"),
        ("iamcredentials", "iam-credentials"),
        ("artifactregistry", "artifact-registry-api"),
    ],
)
def test_paths_are_those_that_are_described(caller, api, mounted):
    """An unknown path is answered by 404; a known one asks who is there, or what is wanted."""
    document = json.loads((_DOCUMENTS / f"{api}-v1.json").read_text())
    for name, method in document["methods"].items():
        if name.endswith("generateIdToken"):
            continue
        path = re.sub(r"\{[A-Za-z]+\}", "some", method["flatPath"])
        answer = caller.send(method["httpMethod"], f"/{mounted}/{path}")
        assert answer.status_code in (400, 401), name


@pytest.mark.parametrize(
    "answer",
    [
        {"accessToken": 1},
        {"expireTime": "2026-11-21 10:00:00Z+1"},
        {"access_token": "x"},
        [],
    ],
)
def test_answer_outside_the_contract_is_found(answer):
    with pytest.raises((AssertionError, ValueError)):
        Contract("iamcredentials").check(answer, "GenerateAccessTokenResponse")
