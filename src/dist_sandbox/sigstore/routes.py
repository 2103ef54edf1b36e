"""The requests that Sigstore answers."""

import base64
import binascii
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Blueprint, Response, abort, jsonify, make_response, request

from dist_sandbox.keys.issuer_keys import UnreachableIssuerError
from dist_sandbox.server.request_notes import note_change, note_principal
from dist_sandbox.sigstore.certificates import issue_certificate
from dist_sandbox.sigstore.entry_log import InvalidEntryError
from dist_sandbox.sigstore.state import REKOR, Sigstore


def create_blueprint(sigstore: Sigstore) -> Blueprint:
    """Create Fulcio, Rekor and the trust configuration, to be mounted at the root."""
    blueprint = Blueprint("sigstore", __name__)
    clock = sigstore.clock

    @blueprint.get("/sigstore/trust-config.json")
    def trusted() -> Response:
        return jsonify(sigstore.trust_config())

    @blueprint.post("/api/v2/signingCert")
    def signing_certificate() -> Response:
        claims = _verified_claims(sigstore)
        note_principal(request.environ, str(claims["sub"]))
        certificate = issue_certificate(
            sigstore.authority,
            sigstore.certificate_log,
            _requested_key(),
            claims,
            clock.now(),
        )
        certificates = (certificate, sigstore.authority.certificate)
        pems = [cert.public_bytes(serialization.Encoding.PEM).decode() for cert in certificates]
        return jsonify(signedCertificateEmbeddedSct={"chain": {"certificates": pems}})

    @blueprint.post(f"{REKOR}/api/v1/log/entries")
    def add_entry() -> Response:
        try:
            answer = sigstore.entries.add(request.get_json(silent=True), clock.now())
        except InvalidEntryError as error:
            abort(_error(400, str(error)))
        note_change(request.environ)
        return make_response(jsonify(answer), 201)

    return blueprint


def _verified_claims(sigstore: Sigstore) -> dict[str, Any]:
    """Return the claims of the ID token that the request carries."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        return sigstore.verify(token)
    except (jwt.InvalidTokenError, UnreachableIssuerError):
        abort(_error(401, "There was an error processing the identity token"))


def _requested_key() -> ec.EllipticCurvePublicKey:
    """Return the key of the signing request, whose signature proves that the sender holds it."""
    try:
        pem = base64.b64decode((request.get_json(silent=True) or {})["certificateSigningRequest"])
        signing_request = x509.load_pem_x509_csr(pem)
    except (KeyError, TypeError, ValueError, binascii.Error):
        abort(_error(400, "The certificate signing request could not be parsed"))
    key = signing_request.public_key()
    if not signing_request.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
        abort(_error(400, "The signature supplied in the request could not be verified"))
    return key


def _error(status: int, message: str) -> Response:
    """Create an error as both services write it."""
    return make_response(jsonify(code=status, message=message, details=[]), status)
