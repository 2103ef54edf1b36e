"""Rekor's log: a Merkle tree of entries, with a proof, a checkpoint and a promise for each.

Spec: RFC 6962, section 2.1; https://github.com/transparency-dev/formats (checkpoints);
https://github.com/sigstore/rekor/blob/main/openapi.yaml
"""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from dist_sandbox.sigstore.keys import LogKey

_ORIGIN = "sandbox.rekor"


class InvalidEntryError(Exception):
    """An entry that the log does not take; the text says why."""


@dataclass
class EntryLog:
    """Every entry, in order."""

    key: LogKey = field(default_factory=LogKey)
    _leaves: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, proposed: Any, now: datetime) -> dict[str, Any]:
        """Add an entry of the kind `dsse`, and answer as Rekor does.

        Raises:
            InvalidEntryError: It is something else, or its signature is wrong.
        """
        body = json.dumps(_entry(proposed), sort_keys=True, separators=(",", ":")).encode()
        with self._lock:
            self._leaves.append(_hash(b"\x00", body))
            leaves = list(self._leaves)
        index = len(leaves) - 1
        encoded, integrated = base64.b64encode(body).decode(), int(now.timestamp())
        promise = {
            "body": encoded,
            "integratedTime": integrated,
            "logID": self.key.log_id.hex(),
            "logIndex": index,
        }
        canonical = json.dumps(promise, sort_keys=True, separators=(",", ":")).encode()
        root = _root(leaves)
        verification = {
            "inclusionProof": {
                "checkpoint": self._checkpoint(len(leaves), root),
                "hashes": [node.hex() for node in _proof(index, leaves)],
                "logIndex": index,
                "rootHash": root.hex(),
                "treeSize": len(leaves),
            },
            "signedEntryTimestamp": base64.b64encode(self.key.sign(canonical)).decode(),
        }
        return {leaves[index].hex(): {**promise, "verification": verification}}

    def _checkpoint(self, size: int, root: bytes) -> str:
        """Sign the tree's size and root. Spec: C2SP signed notes."""
        note = f"{_ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = base64.b64encode(self.key.log_id[:4] + self.key.sign(note.encode())).decode()
        return f"{note}\n\u2014 {_ORIGIN} {signature}\n"


def _entry(proposed: Any) -> dict[str, Any]:
    """Return the entry as the log keeps it: hashes and signatures, without the statement itself."""
    try:
        content = proposed["spec"]["proposedContent"]
        envelope = json.loads(content["envelope"])
        payload = base64.b64decode(envelope["payload"])
        (signature,), (verifier,) = envelope["signatures"], content["verifiers"]
        _verify(base64.b64decode(verifier), base64.b64decode(signature["sig"]), envelope, payload)
        kind = proposed["kind"]
    except (KeyError, TypeError, ValueError, InvalidSignature) as error:
        raise InvalidEntryError(f"invalid dsse entry: {error!r}") from error
    if kind != "dsse":
        raise InvalidEntryError(f"kind {kind!r} is not known")
    return {
        "apiVersion": "0.0.1",
        "kind": kind,
        "spec": {
            "envelopeHash": _digest(content["envelope"].encode()),
            "payloadHash": _digest(payload),
            "signatures": [{"signature": signature["sig"], "verifier": verifier}],
        },
    }


def _verify(pem: bytes, signature: bytes, envelope: dict[str, Any], payload: bytes) -> None:
    """Check an envelope's signature. Spec: DSSE, pre-authentication encoding."""
    key = x509.load_pem_x509_certificate(pem).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("not a key on an elliptic curve")
    kind = envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))


def _digest(content: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    at = _split(len(leaves))
    return _hash(b"\x01", _root(leaves[:at]), _root(leaves[at:]))


def _proof(index: int, leaves: list[bytes]) -> list[bytes]:
    """Return the hashes that lead from a leaf to the root, from below."""
    if len(leaves) == 1:
        return []
    at = _split(len(leaves))
    if index < at:
        return [*_proof(index, leaves[:at]), _root(leaves[at:])]
    return [*_proof(index - at, leaves[at:]), _root(leaves[:at])]
