"""Sigstore's requests."""

import base64
import binascii
import threading
from functools import cached_property
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Blueprint, Response, abort, jsonify, make_response, request

from dist_sandbox.keys.issuer_keys import IssuerKeys, UnreachableIssuerError
from dist_sandbox.server.request_notes import note_change, note_principal
from dist_sandbox.sigstore.certificates import issue_certificate
from dist_sandbox.sigstore.entry_log import EntryLog, InvalidEntryError
from dist_sandbox.sigstore.keys import Authority, LogKey
from dist_sandbox.sigstore.trust import trust_config
from dist_sandbox.world import World

_REKOR = "/sigstore/rekor"
_AUDIENCE = "sigstore"


class Sigstore:
    """The keys and logs of one sandbox, made when they are first needed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.issuer_keys = IssuerKeys()
        self.entries = EntryLog()
        self.certificate_log = LogKey()
        self._lock = threading.Lock()

    @property
    def authority(self) -> Authority:
        """The root."""
        with self._lock:
            return self._authority

    @cached_property
    def _authority(self) -> Authority:
        return Authority.create(self.world.clock.now())


def create_blueprint(world: World) -> Blueprint:
    """Fulcio, Rekor and the trust configuration, to be mounted at the root."""
    blueprint = Blueprint("sigstore", __name__)
    sigstore = Sigstore(world)

    @blueprint.get("/sigstore/trust-config.json")
    def trusted() -> Response:
        base = world.addresses.base
        return jsonify(
            trust_config(
                base,
                f"{base}{_REKOR}",
                sigstore.authority,
                sigstore.certificate_log,
                sigstore.entries.key,
            )
        )

    @blueprint.post("/api/v2/signingCert")
    def signing_certificate() -> Response:
        claims = _verified_claims(sigstore)
        note_principal(request.environ, str(claims["sub"]))
        certificate = issue_certificate(
            sigstore.authority,
            sigstore.certificate_log,
            _requested_key(),
            claims,
            world.clock.now(),
        )
        chain = [certificate, sigstore.authority.certificate]
        encoded = [one.public_bytes(serialization.Encoding.PEM).decode() for one in chain]
        return jsonify(signedCertificateEmbeddedSct={"chain": {"certificates": encoded}})

    @blueprint.post(f"{_REKOR}/api/v1/log/entries")
    def add_entry() -> Response:
        try:
            answer = sigstore.entries.add(request.get_json(silent=True), world.clock.now())
        except InvalidEntryError as error:
            abort(_error(400, str(error)))
        note_change(request.environ)
        return make_response(jsonify(answer), 201)

    return blueprint


def _verified_claims(sigstore: Sigstore) -> dict[str, Any]:
    """The claims of the ID token, which must be this sandbox's, for Sigstore, and of now."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    issuer = sigstore.world.addresses.oidc_issuer
    try:
        header = jwt.get_unverified_header(token)
        key = sigstore.issuer_keys.find(issuer, str(header.get("kid", "")))
        if key is None:
            raise jwt.InvalidKeyError("unknown key")
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=["RS256"],
            audience=_AUDIENCE,
            issuer=issuer,
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.InvalidTokenError, UnreachableIssuerError):
        abort(_error(401, "There was an error processing the identity token"))
    if not claims["nbf"] <= sigstore.world.clock.timestamp() < claims["exp"]:
        abort(_error(401, "There was an error processing the identity token"))
    return claims


def _requested_key() -> ec.EllipticCurvePublicKey:
    """The key of the signing request, whose holder proves to have it by its signature."""
    try:
        pem = base64.b64decode((request.get_json(silent=True) or {})["certificateSigningRequest"])
        asked = x509.load_pem_x509_csr(pem)
    except (KeyError, TypeError, ValueError, binascii.Error):
        abort(_error(400, "The certificate signing request could not be parsed"))
    key = asked.public_key()
    if not asked.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
        abort(_error(400, "The signature supplied in the request could not be verified"))
    return key


def _error(status: int, message: str) -> Response:
    """An error as both services write it."""
    return make_response(jsonify(code=status, message=message, details=[]), status)
