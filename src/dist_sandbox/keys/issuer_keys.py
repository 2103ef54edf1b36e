"""The keys of issuers of ID tokens, fetched over HTTP as every relying party fetches them.

They never come from this process's memory, even where the issuer is in it.

Spec: https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import threading
from collections.abc import Callable
from typing import Any

import jwt
import requests
from jwt.types import Options

#: Options of PyJWT that leave times to whoever calls: the sandbox's clock is not the machine's.
UNTIMED: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}

_FETCH_TIMEOUT_SECONDS = 10.0


class UnreachableIssuerError(Exception):
    """An issuer whose keys cannot be read."""


class IssuerKeys:
    """The keys of the issuers that were asked, kept for the next token.

    `find_url` returns where this machine reaches an issuer's address.
    """

    def __init__(self, find_url: Callable[[str], str] = str) -> None:
        self._find_url = find_url
        self._lock = threading.Lock()
        self._keys: dict[tuple[str, str], jwt.PyJWK] = {}

    def find(self, issuer: str, key_id: str) -> jwt.PyJWK | None:
        """Return the key of this ID, fetched where it is not known yet; `None` for no such key.

        Raises:
            UnreachableIssuerError: The issuer's discovery document or its keys cannot be read.
        """
        with self._lock:
            if (issuer, key_id) not in self._keys:
                for key in _fetch_keys(issuer, self._find_url):
                    self._keys[issuer, str(key.key_id)] = key
            return self._keys.get((issuer, key_id))

    def verify(self, token: str, *, issuer: str, audience: str, options: Options) -> dict[str, Any]:
        """Verify issuer, signature and audience of an ID token, and return its claims.

        Args:
            options: PyJWT's, beside those that leave its times unchecked.

        Raises:
            jwt.PyJWTError: It is malformed, or not what was verified.
            UnreachableIssuerError: The issuer's keys cannot be read.
        """
        key = self.find(issuer, str(jwt.get_unverified_header(token).get("kid", "")))
        if key is None:
            raise jwt.InvalidTokenError("the key is not one of the issuer's")
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=["RS256"],
            audience=audience,
            issuer=issuer,
            options={**UNTIMED, **options},
        )
        return claims


def _fetch_keys(issuer: str, find_url: Callable[[str], str]) -> list[jwt.PyJWK]:
    """Fetch the keys that an issuer publishes, by its discovery document."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            document = _get(session, find_url(f"{issuer}/.well-known/openid-configuration"))
            keys = _get(session, find_url(str(document["jwks_uri"])))
        return jwt.PyJWKSet.from_dict(keys).keys
    except (requests.RequestException, KeyError, ValueError, jwt.PyJWTError) as error:
        raise UnreachableIssuerError(issuer) from error


def _get(session: requests.Session, url: str) -> dict[str, Any]:
    response = session.get(url, timeout=_FETCH_TIMEOUT_SECONDS, allow_redirects=False)
    response.raise_for_status()
    document: dict[str, Any] = response.json()
    return document
