"""Parsers of credentials and of what they say."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from dist_actions.identity.claims import (
    describe_absent_environment,
    describe_claims,
    describe_numbered_subject,
    read_unverified_claims,
    workflow_file,
)
from dist_actions.identity.google import (
    ServiceAccountKey,
    UnusableKeyError,
    parse_service_account_key,
)
from dist_actions.identity.private_key import parse_private_key
from dist_actions.identity.secret import Secret
from support.parsers.parser import Parser
from support.parsers.texts import (
    ANY_TEXT,
    EXTREME_JSON,
    damaged,
    decoded,
    json_texts,
    json_values,
    texts,
)

_CLAIMS = json_values(
    ["sub", "repository", "environment", "ref", "workflow_ref", "job_workflow_ref"],
    st.sampled_from(
        [
            "repo:o/r:ref:refs/heads/main",
            "repo:o@1/r@2:environment:pypi",
            "o/r/.github/workflows/release.yml@refs/tags/v1",
        ]
    ),
)


def token_of(payload: str) -> str:
    """Write a JWT that says something; nobody signed it."""
    encoded = base64.urlsafe_b64encode(payload.encode("utf-8", "surrogatepass")).decode()
    return f"e30.{encoded.rstrip('=')}.c2ln"


def _read(token: str) -> tuple[Mapping[str, Any], str]:
    claims = read_unverified_claims(token)
    return claims, "".join(
        (
            describe_claims(claims),
            describe_absent_environment(claims),
            describe_numbered_subject(claims, "a binding"),
            workflow_file(claims),
        )
    )


def _is_an_object(_token: str, result: tuple[Mapping[str, Any], str]) -> None:
    assert isinstance(result[0], dict)
    json.dumps(result[0])


_KEY = {
    "type": "service_account",
    "client_email": "a@p.iam.example.com",
    "private_key": "-----BEGIN PRIVATE KEY-----",
    "private_key_id": "1",
}
_PEM = texts(
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
        "\n",
        "\\n",
        "MIIE",
        '"',
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "-----BEGIN ",
        "ghp_x",
        "SHA256:",
        "Proc-Type: 4,ENCRYPTED",
        "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t",
        "=",
        "A" * 64,
        "-----",
    ]
)


def _has_an_account(_text: str, key: ServiceAccountKey) -> None:
    assert key.email
    assert key.private_key.reveal()
    assert "private_key" not in repr(key)


PARSERS = (
    Parser(
        "service account keys",
        (parse_service_account_key,),
        json_texts(damaged(_KEY)),
        lambda text: parse_service_account_key(Secret(text)),
        _has_an_account,
        refusals=(UnusableKeyError,),
        from_bytes=decoded,
    ),
    Parser(
        "private keys",
        (parse_private_key,),
        _PEM,
        lambda text: parse_private_key(Secret(text)),
        from_bytes=decoded,
    ),
    Parser(
        "claims",
        (read_unverified_claims,),
        st.one_of(st.one_of(json_texts(_CLAIMS), EXTREME_JSON).map(token_of), ANY_TEXT),
        _read,
        _is_an_object,
        from_bytes=lambda data: token_of(decoded(data)),
        seeds=(b'{"sub": "repo:o@1/r@2:x", "workflow_ref": "a/.github/workflows/b.yml@c"}',),
    ),
)
