"""Attestations that come with an upload: who may send them, and what they must say.

Their signatures are not verified: that needs Sigstore's public services.

Spec: https://peps.python.org/pep-0740/
"""

import base64
import json
from typing import Any
from urllib.parse import urlsplit

from twine.utils import DEFAULT_REPOSITORY

from dist_sandbox.pypi.tokens import ApiToken

#: PyPI's domain, which its upload host is a part of.
_DOMAIN = str(urlsplit(DEFAULT_REPOSITORY).hostname).partition(".")[2]

#: What PyPI takes, at most one of each.
PREDICATE_TYPES = (
    f"https://docs.{_DOMAIN}/attestations/publish/v1",
    "https://slsa.dev/provenance/v1",
)


class InvalidAttestationError(Exception):
    """Attestations that the index refuses; the text says why, in PyPI's words."""


def parse_attestations(
    text: str, token: ApiToken, *, filename: str, sha256: str
) -> tuple[dict[str, Any], ...]:
    """Parse the attestations in the field of an upload.

    Args:
        text: The field, a JSON list.
        token: What the upload was authenticated with.
        sha256: Digest of the file.

    Raises:
        InvalidAttestationError: Not by Trusted Publishing, malformed, or of another file.
    """
    if token.publisher is None:
        raise InvalidAttestationError(
            "Attestations are only supported when using Trusted Publishing"
        )
    try:
        attestations = json.loads(text)
        if not isinstance(attestations, list):
            raise TypeError("not a list")
        statements = [_statement(attestation) for attestation in attestations]
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidAttestationError(f"Malformed attestations: {error}") from error
    if not attestations:
        raise InvalidAttestationError(
            "Malformed attestations: an empty attestation set is not permitted"
        )
    if len(attestations) > len(PREDICATE_TYPES):
        raise InvalidAttestationError(
            f"A maximum of {len(PREDICATE_TYPES)} attestations per file are supported"
        )
    _check_statements(statements, filename, sha256)
    return tuple(attestations)


def _statement(attestation: dict[str, Any]) -> dict[str, Any]:
    """Return the signed statement in an attestation object."""
    if attestation["version"] != 1:
        raise ValueError("version is not 1")
    material, envelope = attestation["verification_material"], attestation["envelope"]
    if not material["certificate"] or not material["transparency_entries"]:
        raise ValueError("verification_material is incomplete")
    if not envelope["signature"]:
        raise ValueError("signature is empty")
    statement = json.loads(base64.b64decode(envelope["statement"], validate=True))
    if not isinstance(statement, dict):
        raise TypeError("the statement is not an object")
    return statement


def _check_statements(statements: list[dict[str, Any]], filename: str, sha256: str) -> None:
    """Compare what was attested with the file."""
    kinds: set[str] = set()
    for statement in statements:
        kind = str(statement.get("predicateType"))
        if kind not in PREDICATE_TYPES:
            raise InvalidAttestationError(f"Attestation with unsupported predicate type: {kind}")
        if kind in kinds:
            raise InvalidAttestationError(
                "Multiple attestations for the same file with the same predicate type "
                f"({kind}) are not supported"
            )
        kinds.add(kind)
        subjects = statement.get("subject")
        subject = subjects[0] if isinstance(subjects, list) and len(subjects) == 1 else {}
        if subject.get("name") != filename or subject.get("digest") != {"sha256": sha256}:
            raise InvalidAttestationError(
                "Could not verify the uploaded artifact using the included attestation: "
                "subject does not match distribution"
            )
