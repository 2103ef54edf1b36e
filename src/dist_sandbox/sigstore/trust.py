"""What a client is to trust, and where the services are.

Spec: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
"""

import base64
from typing import Any

from cryptography.hazmat.primitives import serialization

from dist_sandbox.sigstore.keys import Authority, LogKey

_OPERATOR = "sandbox"


def trust_config(
    base: str, rekor_url: str, authority: Authority, certificate_log: LogKey, entry_log: LogKey
) -> dict[str, Any]:
    """Create a client's trust configuration.

    Args:
        base: Where Fulcio answers.
        rekor_url: Where Rekor does.
    """
    period = {"start": authority.valid_from.strftime("%Y-%m-%dT%H:%M:%SZ")}
    der = authority.certificate.public_bytes(serialization.Encoding.DER)
    return {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [_log(rekor_url, entry_log, period)],
            "certificateAuthorities": [
                {
                    "subject": {"organization": _OPERATOR, "commonName": "Sandbox Sigstore root"},
                    "uri": base,
                    "certChain": {"certificates": [{"rawBytes": _base64(der)}]},
                    "validFor": period,
                }
            ],
            "ctlogs": [_log(base, certificate_log, period)],
            "timestampAuthorities": [],
        },
        "signingConfig": {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [_service(base, period)],
            "oidcUrls": [],
            "rekorTlogUrls": [_service(rekor_url, period)],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaUrls": [],
        },
    }


def _log(url: str, key: LogKey, period: dict[str, str]) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _base64(key.public_der),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": period,
        },
        "logId": {"keyId": _base64(key.log_id)},
    }


def _service(url: str, period: dict[str, str]) -> dict[str, Any]:
    return {"url": url, "majorApiVersion": 1, "validFor": period, "operator": _OPERATOR}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
