"""Attestations, signed by a sandbox's Sigstore for a job."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pypi_attestations import Attestation
from sigstore.dsse import DigestSet, StatementBuilder, Subject
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from support.pypi.site import DOMAIN

PUBLISH = f"https://docs.{DOMAIN}/attestations/publish/v1"
SLSA = "https://slsa.dev/provenance/v1"


def attest(
    trust_config: Mapping[str, Any],
    id_token: str,
    file: Path,
    *,
    kind: str = PUBLISH,
    name: str = "",
    sha256: str = "",
) -> dict[str, Any]:
    """Sign that a job published a file; with another name or digest, if these are given.

    Args:
        id_token: The job's, for the audience `sigstore`.
    """
    config = ClientTrustConfig.from_json(json.dumps(trust_config))
    config.force_tlog_version = 1
    digest = sha256 or hashlib.sha256(file.read_bytes()).hexdigest()
    subject = Subject(name=name or file.name, digest=DigestSet(root={"sha256": digest}))
    statement = StatementBuilder().subjects([subject]).predicate_type(kind).build()
    context = SigningContext.from_trust_config(config)
    with context.signer(IdentityToken(id_token), cache=True) as signer:
        bundle = signer.sign_dsse(statement)
    signed: dict[str, Any] = json.loads(Attestation.from_bundle(bundle).model_dump_json())
    return signed


def flip(encoded: str) -> str:
    """Change one bit in the middle of base64."""
    content = bytearray(base64.b64decode(encoded))
    content[len(content) // 2] ^= 1
    return base64.b64encode(content).decode()
