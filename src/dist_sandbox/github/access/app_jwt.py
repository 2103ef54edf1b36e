"""Check the JWT with which an App proves who it is.

Spec: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeGuard

import jwt

from dist_sandbox.github.access.apps import App
from dist_sandbox.github.rest.errors import GitHubError

#: How far `exp` may lie ahead, in seconds.
MAX_LIFETIME_SECONDS = 600

_NOT_DECODED = "A JSON web token could not be decoded"
_BAD_ISSUER = "'Issuer' claim ('iss') must be an Integer"
_BAD_ISSUED_AT = (
    "'Issued at' claim ('iat') must be an Integer representing the time that the "
    "assertion was issued"
)
_BAD_EXPIRY = (
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at "
    "which the assertion expires"
)
_EXPIRY_TOO_FAR = "'Expiration time' claim ('exp') is too far in the future"


def authenticate_app(unverified_jwt: str, apps: Iterable[App], *, now: datetime) -> App:
    """Find the App that signed a JWT.

    Raises:
        GitHubError: 401 with GitHub's text for what is wrong with the JWT, 404 for an unknown App.
    """
    claims = _decode_unverified(unverified_jwt)
    _check_times(claims, now=now.timestamp())
    app = _find_issuer(claims.get("iss"), apps)
    try:
        # The signature alone: the claims have been checked in GitHub's way.
        jwt.PyJWS().decode(unverified_jwt, key=app.public_key, algorithms=["RS256"])
    except jwt.PyJWTError:
        raise GitHubError(401, _NOT_DECODED) from None
    return app


def _decode_unverified(unverified_jwt: str) -> Mapping[str, Any]:
    try:
        if jwt.get_unverified_header(unverified_jwt).get("alg") != "RS256":
            raise GitHubError(401, _NOT_DECODED)
        claims: Mapping[str, Any] = jwt.decode(
            unverified_jwt, options={"verify_signature": False, "verify_exp": False}
        )
    except jwt.PyJWTError:
        raise GitHubError(401, _NOT_DECODED) from None
    return claims


def _check_times(claims: Mapping[str, Any], *, now: float) -> None:
    issued_at, expires = claims.get("iat"), claims.get("exp")
    # GitHub answers a time ahead of its own clock with the text for a wrong type.
    if not _is_number(issued_at) or issued_at > now:
        raise GitHubError(401, _BAD_ISSUED_AT)
    if not _is_number(expires) or expires <= now:
        raise GitHubError(401, _BAD_EXPIRY)
    if expires > now + MAX_LIFETIME_SECONDS:
        raise GitHubError(401, _EXPIRY_TOO_FAR)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _find_issuer(issuer: Any, apps: Iterable[App]) -> App:
    text = str(issuer) if isinstance(issuer, (str, int)) else ""
    if not re.fullmatch(r"\d+|Iv[0-9A-Za-z.]+", text):
        raise GitHubError(401, _BAD_ISSUER)
    for app in apps:
        if text in (app.client_id, str(app.app_id)):
            return app
    raise GitHubError(404, "Integration not found")
