"""Fulcio's certificates: ten minutes long, for the job that an ID token speaks of.

Spec: https://github.com/sigstore/fulcio/blob/main/docs/certificate-specification.md and
https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md; for the timestamps RFC 6962.
"""

import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from dist_sandbox.sigstore.keys import Authority, LogKey, key_usage

#: Names of the real services: the sandbox's issuer stands for GitHub's, and verifiers of
#: publishers on GitHub accept no other.
_ISSUER = "https://token.actions.githubusercontent.com"
_SERVER = "https://github.com"

_LIFETIME = timedelta(minutes=10)
_FULCIO = "1.3.6.1.4.1.57264.1"
_TIMESTAMPS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_SHA256, _ECDSA = 4, 3
_PRECERTIFICATE = 1


def issue_certificate(
    authority: Authority,
    log: LogKey,
    public_key: ec.EllipticCurvePublicKey,
    claims: Mapping[str, Any],
    now: datetime,
) -> x509.Certificate:
    """Issue a certificate with the log's timestamp in it.

    Args:
        log: Key of the log of certificates.
        public_key: Of the signer.
        claims: Of a verified ID token of GitHub's.
    """
    builder = _certificate_builder(authority, public_key, claims, now)
    # What the log signs is the certificate without its signature and without the timestamp itself.
    draft = builder.sign(authority.key.private, hashes.SHA256())
    timestamps = _timestamp_list(log, authority, draft.tbs_certificate_bytes, now)
    builder = builder.add_extension(
        x509.UnrecognizedExtension(_TIMESTAMPS, _der(0x04, timestamps)), critical=False
    )
    return builder.sign(authority.key.private, hashes.SHA256())


def _certificate_builder(
    authority: Authority,
    public_key: ec.EllipticCurvePublicKey,
    claims: Mapping[str, Any],
    now: datetime,
) -> x509.CertificateBuilder:
    """Describe the signer's certificate, but for the log's timestamp."""
    workflow = f"{_SERVER}/{claims['job_workflow_ref']}"
    starts_at = now.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.certificate.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts_at)
        .not_valid_after(starts_at + _LIFETIME)
        .add_extension(key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.private.public_key()),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(workflow)]), critical=True
        )
    )
    for number, text in _extension_texts(claims, workflow).items():
        value = text.encode() if number == 1 else _der(0x0C, text.encode())
        oid = x509.ObjectIdentifier(f"{_FULCIO}.{number}")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder


def _extension_texts(claims: Mapping[str, Any], workflow: str) -> Mapping[int, str]:
    """Return what Fulcio writes into a certificate, by the last number of its identifier."""
    return {
        1: _ISSUER,
        8: _ISSUER,
        9: workflow,
        10: str(claims["job_workflow_sha"]) if "job_workflow_sha" in claims else claims["sha"],
        11: str(claims["runner_environment"]),
        12: f"{_SERVER}/{claims['repository']}",
        13: str(claims["sha"]),
        14: str(claims["ref"]),
        15: str(claims["repository_id"]),
        16: f"{_SERVER}/{claims['repository_owner']}",
        17: str(claims["repository_owner_id"]),
        18: f"{_SERVER}/{claims['workflow_ref']}",
        20: str(claims["event_name"]),
        22: str(claims["repository_visibility"]),
    }


def _timestamp_list(log: LogKey, authority: Authority, body: bytes, now: datetime) -> bytes:
    """Encode a list of one signed certificate timestamp. Spec: RFC 6962, sections 3.2 and 3.3."""
    milliseconds = int(now.timestamp() * 1000)
    head = struct.pack("!BBQH", 0, 0, milliseconds, _PRECERTIFICATE)
    entry = authority.key.log_id + struct.pack("!I", len(body))[1:] + body
    signature = log.sign(head + entry + struct.pack("!H", 0))
    timestamp = (
        struct.pack("!B32sQH", 0, log.log_id, milliseconds, 0)
        + struct.pack("!BBH", _SHA256, _ECDSA, len(signature))
        + signature
    )
    return struct.pack("!HH", len(timestamp) + 2, len(timestamp)) + timestamp


def _der(tag: int, content: bytes) -> bytes:
    """Encode a value in DER."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content
