"""What an ID token says of the job, for messages; nothing here trusts it. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

#: The claims that conditions, bindings and publishers speak of, in the order of messages.
_DECISIVE_CLAIMS = (
    "sub",
    "repository",
    "repository_id",
    "repository_owner_id",
    "ref",
    "environment",
    "event_name",
    "workflow_ref",
)
#: `repo:OWNER@ID/NAME@ID:…`, of repositories that were made or moved since July 2026.
_NUMBERED_SUBJECT = re.compile(r"repo:[^/:@]+@[0-9]+/[^/:@]+@[0-9]+:.*", re.DOTALL)
#: `OWNER/NAME/.github/workflows/FILE@REF`
_WORKFLOW_FILE = re.compile(r"\.github/workflows/([^/@]+)@")


def read_unverified_claims(id_token: str) -> Mapping[str, Any]:
    """Read the claims of a JWT, without checking its signature; empty where it is none.

    Spec: RFC 7519, section 3
    """
    parts = id_token.split(".")
    if len(parts) != 3:
        return {}
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def describe_claims(claims: Mapping[str, Any]) -> str:
    """List the claims that decide whether a token is accepted, on one line."""
    names = (
        [*_DECISIVE_CLAIMS, "job_workflow_ref"]
        if is_reusable_workflow(claims)
        else _DECISIVE_CLAIMS
    )
    return ", ".join(f"{name}={claims.get(name, '(absent)')}" for name in names)


def describe_absent_environment(claims: Mapping[str, Any]) -> str:
    """Write a sentence for a job without an environment; empty for others and for unread claims."""
    if not claims or claims.get("environment"):
        return ""
    return "the job has no `environment:`, so its token has no claim of that name. "


def describe_numbered_subject(claims: Mapping[str, Any], compared: str) -> str:
    """Write sentences for a repository whose subjects have numeric IDs; empty for others.

    Args:
        compared: What compares the subject, for the message: `a binding to …`.
    """
    if not has_numbered_subject(claims):
        return ""
    return (
        f"This repository's subject has the new format, with numeric IDs: {claims['sub']}; "
        f"{compared} must be written so. "
    )


def has_numbered_subject(claims: Mapping[str, Any]) -> bool:
    """Tell whether the subject names owner and repository with their numeric IDs.

    Spec: https://docs.github.com/en/actions/reference/security/oidc
    """
    return _NUMBERED_SUBJECT.fullmatch(str(claims.get("sub", ""))) is not None


def is_reusable_workflow(claims: Mapping[str, Any]) -> bool:
    """Tell whether the job stands in another workflow file than the one that was started."""
    started, job = claims.get("workflow_ref"), claims.get("job_workflow_ref")
    return bool(started and job and started != job)


def workflow_file(claims: Mapping[str, Any]) -> str:
    """Name the started workflow's file, without its folder; empty where it is not told."""
    match = _WORKFLOW_FILE.search(str(claims.get("workflow_ref", "")))
    return match[1] if match else ""
