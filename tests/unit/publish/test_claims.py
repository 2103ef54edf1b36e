"""Claims of an ID token, for messages alone."""

import base64
import json

import pytest

from dist_actions.claims import describe_claims, read_unverified_claims


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
    ],
)
def test_what_is_no_token_has_no_claims(token: str) -> None:
    assert read_unverified_claims(token) == {}


def test_an_absent_claim_is_told() -> None:
    told = describe_claims({"sub": "repo:o/r:ref:refs/heads/dev"})
    assert told.startswith("sub=repo:o/r:ref:refs/heads/dev, repository=(absent)")
    assert "environment=(absent)" in told
