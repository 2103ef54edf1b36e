"""`testIamPermissions` tells a caller what it may do with a repository, before it tries."""

from datetime import timedelta

import pytest

DOWNLOAD = "artifactregistry.repositories.downloadArtifacts"
UPLOAD = "artifactregistry.repositories.uploadArtifacts"
LIST = "artifactregistry.files.list"


@pytest.mark.parametrize(
    ("role", "held"), [("writer", [UPLOAD, DOWNLOAD, LIST]), ("reader", [DOWNLOAD, LIST])]
)
def test_permissions_that_are_held(caller, role, held):
    answer = caller.ask_permissions([UPLOAD, DOWNLOAD, LIST], caller.sandbox_token(role))
    assert (answer.status_code, answer.json()) == (200, {"permissions": held})


def test_nothing_held_is_an_empty_object(caller):
    answer = caller.ask_permissions([UPLOAD], caller.sandbox_token("reader"))
    assert (answer.status_code, answer.json()) == (200, {})


def test_nobody_holds_anything_in_another_project(caller):
    assert caller.ask_permissions([UPLOAD], caller.sandbox_token("writer", "qa")).json() == {}


@pytest.mark.parametrize("part", ["project_id", "location", "repository"])
def test_what_is_not_there(caller, part):
    answer = caller.ask_permissions([UPLOAD], caller.sandbox_token("writer"), **{part: "nowhere"})
    assert (answer.status_code, answer.json()) == (200, {})


def test_removed_role(caller):
    caller.control("PATCH", "google/repositories/dev", {"bindings": {}})
    assert caller.ask_permissions([UPLOAD], caller.sandbox_token("writer")).json() == {}


def test_federated_token_asks_for_itself(caller):
    token = caller.federated_token()
    assert caller.ask_permissions([UPLOAD], token).json() == {}
    pool = "projects/100000000001/locations/global/workloadIdentityPools/github"
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/900100"
    bindings = {"roles/artifactregistry.writer": [member]}
    caller.control("PATCH", "google/repositories/dev", {"bindings": bindings})
    assert caller.ask_permissions([UPLOAD], token).json() == {"permissions": [UPLOAD]}


@pytest.mark.parametrize(
    "permissions",
    ["x", [1], ["artifactregistry.*"], ["storage.objects.get"]],
    ids=["text", "number", "wildcard", "other-service"],
)
def test_malformed_permissions(caller, permissions):
    answer = caller.ask_permissions(permissions, caller.sandbox_token("writer"))
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_expired_token(caller):
    token = caller.sandbox_token("writer")
    caller.set_clock(timedelta(hours=2))
    answer = caller.ask_permissions([UPLOAD], token)
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
