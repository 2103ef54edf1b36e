"""Claims of an ID token, for messages alone."""

import base64
import json

import pytest

from dist_actions.identity.claims import (
    describe_claims,
    has_numbered_subject,
    read_unverified_claims,
    workflow_file,
)


def encoded(payload: bytes) -> str:
    body = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    return f"e30.{body}.c2ln"


@pytest.mark.parametrize("sub", ["a", "ab", "abc", "ünï"])
def test_claims_are_read_whatever_their_padding(sub: str) -> None:
    assert read_unverified_claims(encoded(json.dumps({"sub": sub}).encode())) == {"sub": sub}


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("a.b", id="two parts"),
        pytest.param("a.!.c", id="no base64"),
        pytest.param(encoded(b"\xff\xfe"), id="no text"),
        pytest.param(encoded(b"{"), id="no JSON"),
        pytest.param(encoded(b"[1]"), id="no object"),
        pytest.param(encoded(b"[" * 100_000), id="nested too deeply"),
    ],
)
def test_what_is_no_token_has_no_claims(token: str) -> None:
    assert read_unverified_claims(token) == {}


def test_an_absent_claim_is_told() -> None:
    told = describe_claims({"sub": "repo:o/r:ref:refs/heads/dev"})
    assert told.startswith("sub=repo:o/r:ref:refs/heads/dev, repository=(absent)")
    assert "environment=(absent)" in told


REUSED = {
    "workflow_ref": "o/r/.github/workflows/a.yml@refs/heads/dev",
    "job_workflow_ref": "o/r/.github/workflows/b.yml@refs/heads/dev",
}


def test_the_jobs_own_workflow_is_shown_where_it_is_another() -> None:
    assert "job_workflow_ref=o/r/.github/workflows/b.yml" in describe_claims(REUSED)
    same = {**REUSED, "job_workflow_ref": REUSED["workflow_ref"]}
    assert "job_workflow_ref" not in describe_claims(same)


@pytest.mark.parametrize(
    ("workflow_ref", "name"),
    [
        ("o/r/.github/workflows/release.yml@refs/tags/v1", "release.yml"),
        ("o/r/.github/workflows/a b.yaml@refs/heads/x@y", "a b.yaml"),
        ("o/r", ""),
        ("", ""),
    ],
)
def test_the_workflows_file_is_read(workflow_ref: str, name: str) -> None:
    assert workflow_file({"workflow_ref": workflow_ref}) == name


@pytest.mark.parametrize(
    ("subject", "numbered"),
    [
        ("repo:eigenoid@200100/sample@900100:environment:dev", True),
        ("repo:eigenoid/sample:environment:dev", False),
        ("repo:eigenoid/sample:ref:refs/heads/a@1/b@2:x", False),
        ("", False),
    ],
)
def test_the_new_format_of_subjects_is_recognised(subject: str, numbered: bool) -> None:
    assert has_numbered_subject({"sub": subject}) is numbered
