"""Google's OAuth token endpoint, for one grant: a service account's key for an access token.

Texts of errors are those that clients of the real endpoint report; where one is from memory it is
marked.

Spec: RFC 7523; https://developers.google.com/identity/protocols/oauth2/service-account
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
from flask import Blueprint, Response, jsonify, request

from dist_sandbox.google.identity.access_tokens import Identity
from dist_sandbox.google.identity.oauth_errors import OAuthError, answer_oauth_errors
from dist_sandbox.google.identity.service_account_keys import ServiceAccountPublicKey
from dist_sandbox.google.state import Google
from dist_sandbox.keys.issuer_keys import UNTIMED
from dist_sandbox.server.request_notes import note_principal

_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"

#: What google-auth writes into every assertion, whatever the key's `token_uri` says.
_GOOGLE_ENDPOINT = "https://oauth2.googleapis.com/token"

#: How long an access token lasts. Source: `expires_in` of the real endpoint's answers.
_LIFETIME = timedelta(seconds=3599)

#: How long an assertion may be good for. Source: the text of the refusal.
_LONGEST = timedelta(minutes=60)

#: What clocks may differ by; from memory.
_CLOCK_SKEW = timedelta(minutes=5)

_BAD_SIGNATURE = "Invalid JWT Signature."
_BAD_TIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
_NOT_DELEGATED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
    "for any of the scopes requested."
)
_SCOPE_PREFIX = "https://www.googleapis.com/auth/"
_PLAIN_SCOPES = frozenset({"openid", "email", "profile"})


def create_blueprint(google: Google) -> Blueprint:
    """Create the endpoint, to be mounted at the root."""
    blueprint = Blueprint("oauth", __name__, url_prefix="/oauth2")
    answer_oauth_errors(blueprint)

    @blueprint.post("/token")
    def grant() -> Response:
        grant_type = request.form.get("grant_type", "")
        if grant_type != _GRANT_TYPE:
            raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        assertion = request.form.get("assertion", "")
        if not assertion:
            # From memory, as Google words other parameters that are missing.
            raise OAuthError("invalid_request", "Missing required parameter: assertion")
        email, claims = _verify(google, assertion)
        scopes = _checked_scopes(claims)
        identity = Identity.of_service_account(email)
        now = google.clock.now()
        token = google.tokens.issue(identity, scopes=scopes, expires_at=now + _LIFETIME)
        note_principal(request.environ, identity.name)
        return jsonify(
            access_token=token.value,
            expires_in=int(_LIFETIME.total_seconds()),
            token_type="Bearer",  # noqa: S106 - a type's name
        )

    return blueprint


def _verify(google: Google, assertion: str) -> tuple[str, Mapping[str, Any]]:
    """Return the service account that signed an assertion, and what the assertion claims."""
    try:
        header = jwt.get_unverified_header(assertion)
        unverified: Mapping[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise OAuthError("invalid_grant", _BAD_SIGNATURE) from error
    email = _checked_account(google, unverified)
    key = google.keys.find(str(header.get("kid", "")))
    if key is None or not key.enabled or key.email != email:
        raise OAuthError("invalid_grant", _BAD_SIGNATURE)
    claims = _signed_claims(assertion, key)
    if claims.get("aud") not in (google.addresses.oauth_token, _GOOGLE_ENDPOINT):
        raise OAuthError("invalid_grant", "Invalid JWT: Failed audience check.")
    _check_times(claims, now=google.clock.now().timestamp())
    if claims.get("sub", email) != email:
        raise OAuthError("unauthorized_client", _NOT_DELEGATED, status=401)
    return email, claims


def _checked_account(google: Google, claims: Mapping[str, Any]) -> str:
    """Return the service account that is an assertion's issuer."""
    email = claims.get("iss")
    if not isinstance(email, str) or not email:
        raise OAuthError("invalid_grant", "Invalid email or User ID.")
    account = google.accounts.get(email)
    if account is None:
        raise OAuthError("invalid_grant", "Invalid grant: account not found")
    if not account.enabled:
        # From memory.
        raise OAuthError("invalid_grant", f"Account disabled: {email}")
    return email


def _signed_claims(assertion: str, key: ServiceAccountPublicKey) -> Mapping[str, Any]:
    try:
        claims: Mapping[str, Any] = jwt.decode(
            assertion,
            key=key.public_key,
            algorithms=["RS256"],
            # The audience is refused in Google's own words.
            options={**UNTIMED, "verify_aud": False, "verify_sub": False, "verify_jti": False},
        )
    except jwt.InvalidTokenError as error:
        raise OAuthError("invalid_grant", _BAD_SIGNATURE) from error
    return claims


def _check_times(claims: Mapping[str, Any], *, now: float) -> None:
    names = {"iat": "issued at", "exp": "expiration time"}
    for name, meaning in names.items():
        if claims.get(name) is None:
            raise OAuthError("invalid_grant", f"Invalid JWT: {name} ({meaning}) is not set.")
    try:
        issued_at, expires_at = float(claims["iat"]), float(claims["exp"])
    except (TypeError, ValueError) as error:
        raise OAuthError("invalid_grant", _BAD_TIME) from error
    skew = _CLOCK_SKEW.total_seconds()
    too_long = expires_at - issued_at > _LONGEST.total_seconds()
    if too_long or issued_at > now + skew or expires_at < now - skew or expires_at <= issued_at:
        raise OAuthError("invalid_grant", _BAD_TIME)


def _checked_scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    scopes = frozenset(str(claims.get("scope") or "").split())
    if not scopes:
        raise OAuthError("invalid_scope", "Empty or missing scope not allowed.")
    if not all(scope.startswith(_SCOPE_PREFIX) for scope in scopes - _PLAIN_SCOPES):
        raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
    return scopes
