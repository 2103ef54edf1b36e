"""Check an ID token as Google's token exchange does: issuer, signature, audience, time.

The keys come over HTTP from the provider's issuer, never from this process's memory.

Spec: https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt

from dist_sandbox.google.identity.providers import Provider
from dist_sandbox.keys.issuer_keys import UNTIMED, IssuerKeys, UnreachableIssuerError

#: Spec: contracts of the Security Token Service, `subjectToken`.
_ALGORITHMS = ("RS256", "ES256")
_REQUIRED_CLAIMS = ("iss", "sub", "aud", "iat", "exp")

#: An ID token is taken for at most this long after its `iat`. Source: as above.
_OLDEST = timedelta(hours=24)

#: What clocks of issuer and Google may differ by.
_CLOCK_SKEW = timedelta(seconds=60)


class RefusedTokenError(Exception):
    """An ID token that the token exchange refuses; the text is its `error_description`."""


class SubjectTokens:
    """Verifies ID tokens, by the keys of their issuers."""

    def __init__(self, keys: IssuerKeys) -> None:
        self._keys = keys

    def verify(self, token: str, provider: Provider, *, now: datetime) -> dict[str, Any]:
        """Return the claims of an ID token that the provider accepts.

        Args:
            token: The compact JWT.
            now: The time to judge expiry by.

        Raises:
            RefusedTokenError: Malformed, of another issuer or audience, wrongly signed, expired.
        """
        header, unverified = _decode(token)
        issuer = unverified["iss"]
        if issuer != provider.issuer_uri:
            raise RefusedTokenError(
                f"The issuer in ID Token {issuer} does not match the expected ones: "
                f"{provider.issuer_uri}"
            )
        key_id = str(header.get("kid", ""))
        try:
            key = self._keys.find(issuer, key_id)
        except UnreachableIssuerError as error:
            raise RefusedTokenError("Error connecting to the given credential's issuer.") from error
        if key is None:
            raise RefusedTokenError(f"The key {key_id} of the ID Token is not one of its issuer's.")
        claims = _verified_claims(token, key)
        _check_audience(claims, provider)
        _check_time(claims, now)
        return claims


def _decode(token: str) -> tuple[Mapping[str, Any], dict[str, Any]]:
    """Return header and unverified claims of a token that has the required form."""
    try:
        header = jwt.get_unverified_header(token)
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise RefusedTokenError("Unable to parse the ID Token.") from error
    if header.get("alg") not in _ALGORITHMS:
        raise RefusedTokenError("The ID Token must be signed with RS256 or ES256.")
    missing = [name for name in _REQUIRED_CLAIMS if not claims.get(name)]
    if missing:
        raise RefusedTokenError(f"The ID Token lacks the required claim {missing[0]}.")
    return header, claims


def _verified_claims(token: str, key: jwt.PyJWK) -> dict[str, Any]:
    # Time and audience are checked below: by the sandbox's clock, and with Google's own texts.
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=list(_ALGORITHMS),
            options={**UNTIMED, "verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise RefusedTokenError("The signature of the ID Token is not valid.") from error
    return claims


def _check_audience(claims: Mapping[str, Any], provider: Provider) -> None:
    audience = claims["aud"]
    audiences = [audience] if isinstance(audience, str) else list(audience)
    if not set(audiences) & set(provider.accepted_audiences):
        raise RefusedTokenError(
            f"The audience in ID Token [{', '.join(map(str, audiences))}] "
            "does not match the expected audience."
        )


def _check_time(claims: Mapping[str, Any], now: datetime) -> None:
    try:
        times = {name: float(claims.get(name, 0)) for name in ("iat", "exp", "nbf")}
    except (TypeError, ValueError) as error:
        raise RefusedTokenError("Unable to parse the ID Token.") from error
    at = now.timestamp()
    earliest = max(times["iat"], times["nbf"])
    if at >= times["exp"] or at - times["iat"] > _OLDEST.total_seconds():
        raise RefusedTokenError(f"ID Token issued at {int(times['iat'])} is stale to sign-in.")
    if earliest - at > _CLOCK_SKEW.total_seconds():
        raise RefusedTokenError(f"ID Token issued at {int(times['iat'])} is not valid yet.")
