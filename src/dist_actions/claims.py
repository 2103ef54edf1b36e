"""What an ID token says of the job, for messages; nothing here trusts it. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

#: The claims that attribute conditions speak of, in the order in which messages show them.
_SHOWN = (
    "sub",
    "repository",
    "repository_id",
    "repository_owner_id",
    "ref",
    "environment",
    "event_name",
    "workflow_ref",
    "job_workflow_ref",
)
#: `repo:OWNER@ID/NAME@ID:…`, of repositories that were made or moved since July 2026.
_NUMBERED_SUBJECT = re.compile(r"repo:[^/:@]+@[0-9]+/[^/:@]+@[0-9]+:.*", re.DOTALL)


def read_unverified_claims(id_token: str) -> Mapping[str, Any]:
    """The claims of a JWT, without checking its signature; empty where it is none.

    Spec: RFC 7519, section 3
    """
    parts = id_token.split(".")
    if len(parts) != 3:
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def describe_claims(claims: Mapping[str, Any]) -> str:
    """The claims that decide whether a token is accepted, on one line."""
    shown = (f"{name}={claims.get(name, '(absent)')}" for name in _SHOWN)
    return ", ".join(shown)


def has_numbered_subject(claims: Mapping[str, Any]) -> bool:
    """Whether the subject names owner and repository with their numeric IDs.

    Spec: https://docs.github.com/en/actions/reference/security/oidc
    """
    return _NUMBERED_SUBJECT.fullmatch(str(claims.get("sub", ""))) is not None


def is_reusable_workflow(claims: Mapping[str, Any]) -> bool:
    """Whether the job stands in another workflow file than the one that was started."""
    started, job = claims.get("workflow_ref"), claims.get("job_workflow_ref")
    return bool(started and job and started != job)
