"""Attestations that come with an upload: who may send them, what they say, and who signed them.

They are verified by `pypi-attestations`, as PyPI does, with the keys of the sandbox's Sigstore in
place of the public one's.

Spec: https://peps.python.org/pep-0740/
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from twine.utils import DEFAULT_REPOSITORY

from dist_sandbox.pypi.publishers import TrustedPublisher
from dist_sandbox.pypi.tokens import ApiToken

if TYPE_CHECKING:
    from pypi_attestations import Attestation
    from sigstore.verify import Verifier

#: PyPI's domain, which its upload host is a part of.
_DOMAIN = str(urlsplit(DEFAULT_REPOSITORY).hostname).partition(".")[2]

#: What PyPI takes, at most one of each.
PREDICATE_TYPES = (
    f"https://docs.{_DOMAIN}/attestations/publish/v1",
    "https://slsa.dev/provenance/v1",
)
_PAYLOAD_TYPE = "application/vnd.in-toto+json"


class InvalidAttestationError(Exception):
    """Attestations that the index refuses; the text says why, in PyPI's words."""


def parse_attestations(
    text: str,
    token: ApiToken,
    trust_config: Callable[[], Mapping[str, Any]],
    *,
    filename: str,
    sha256: str,
) -> tuple[dict[str, Any], ...]:
    """Parse the attestations in the field of an upload, and verify them.

    Args:
        text: The field, a JSON list.
        token: What the upload was authenticated with.
        trust_config: Makes the configuration that says which Sigstore is trusted.
        sha256: Digest of the file.

    Raises:
        InvalidAttestationError: Not by Trusted Publishing, malformed, of another file, or not
            signed by the publisher.
    """
    if token.publisher is None:
        raise InvalidAttestationError(
            "Attestations are only supported when using Trusted Publishing"
        )
    attestations = _parse(text)
    if not attestations:
        raise InvalidAttestationError(
            "Malformed attestations: an empty attestation set is not permitted"
        )
    if len(attestations) > len(PREDICATE_TYPES):
        raise InvalidAttestationError(
            f"A maximum of {len(PREDICATE_TYPES)} attestations per file are supported"
        )
    verifier = _verifier(json.dumps(trust_config()))
    kinds: set[str] = set()
    for attestation in attestations:
        statement = _verify(attestation, verifier, token.publisher)
        _require_file(statement, filename, sha256)
        kind = str(statement.get("predicateType"))
        if kind not in PREDICATE_TYPES:
            raise InvalidAttestationError(f"Attestation with unsupported predicate type: {kind}")
        if kind in kinds:
            raise InvalidAttestationError(
                "Multiple attestations for the same file with the same predicate type "
                f"({kind}) are not supported"
            )
        kinds.add(kind)
    return tuple(json.loads(text))


# Libraries of attestations are imported for what needs them: they take half a second to load.


def _parse(text: str) -> "list[Attestation]":
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415
    from pypi_attestations import Attestation  # noqa: PLC0415

    try:
        return TypeAdapter(list[Attestation]).validate_json(text)
    except ValidationError as error:
        raise InvalidAttestationError(f"Malformed attestations: {error}") from error


@lru_cache(maxsize=4)
def _verifier(trust_config: str) -> "Verifier":
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415
    from sigstore.verify import Verifier  # noqa: PLC0415

    return Verifier(trusted_root=ClientTrustConfig.from_json(trust_config).trusted_root)


def _verify(
    attestation: "Attestation", verifier: "Verifier", publisher: TrustedPublisher
) -> dict[str, Any]:
    """Return the statement that the publisher's workflow signed, and the log holds."""
    from pypi_attestations import AttestationError, GitHubPublisher  # noqa: PLC0415
    from sigstore.errors import VerificationError  # noqa: PLC0415

    identity = GitHubPublisher(
        repository=f"{publisher.owner}/{publisher.repository}",
        workflow=publisher.workflow,
        environment=publisher.environment or None,
    )
    try:
        # `Attestation.verify` knows only the public Sigstore and its test instance.
        policy = identity._as_policy()
        kind, payload = verifier.verify_dsse(attestation.to_bundle(), policy)
        statement = json.loads(payload)
    except VerificationError as error:
        raise _unverified(f"Verification failed: {error}") from error
    except AttestationError as error:
        raise InvalidAttestationError(
            f"Unknown error while trying to verify included attestations: {error}"
        ) from error
    except ValueError as error:
        raise _unverified(f"Verification failed: invalid statement: {error}") from error
    if kind != _PAYLOAD_TYPE or not isinstance(statement, dict):
        raise _unverified(f"Verification failed: expected JSON envelope, got {kind}")
    return statement


def _require_file(statement: Mapping[str, Any], filename: str, sha256: str) -> None:
    """Compare what was attested with the file."""
    subjects = statement.get("subject")
    subject = subjects[0] if isinstance(subjects, list) and len(subjects) == 1 else {}
    if subject.get("name") != filename:
        raise _unverified("Verification failed: subject does not match distribution name")
    if (subject.get("digest") or {}).get("sha256") != sha256:
        raise _unverified("Verification failed: subject does not match distribution digest")


def _unverified(reason: str) -> InvalidAttestationError:
    return InvalidAttestationError(
        f"Could not verify the uploaded artifact using the included attestation: {reason}"
    )
