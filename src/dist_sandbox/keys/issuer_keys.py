"""The keys of issuers of ID tokens, fetched over HTTP as every relying party fetches them.

They never come from this process's memory, even where the issuer is in it.

Spec: https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import threading
from typing import Any

import jwt
import requests

_FETCH_TIMEOUT_SECONDS = 10.0


class UnreachableIssuerError(Exception):
    """An issuer whose keys cannot be read."""


class IssuerKeys:
    """The keys of the issuers that were asked, kept for the next token."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[tuple[str, str], jwt.PyJWK] = {}

    def find(self, issuer: str, key_id: str) -> jwt.PyJWK | None:
        """The key of this ID, fetched where it is not known yet; `None` where there is none.

        Raises:
            UnreachableIssuerError: The issuer's discovery document or its keys cannot be read.
        """
        with self._lock:
            if (issuer, key_id) not in self._keys:
                for key in _fetch_keys(issuer):
                    self._keys[issuer, str(key.key_id)] = key
            return self._keys.get((issuer, key_id))


def _fetch_keys(issuer: str) -> list[jwt.PyJWK]:
    """The keys that an issuer publishes, by its discovery document."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            document = _get(session, f"{issuer}/.well-known/openid-configuration")
            keys = _get(session, str(document["jwks_uri"]))
        return jwt.PyJWKSet.from_dict(keys).keys
    except (requests.RequestException, KeyError, ValueError, jwt.PyJWTError) as error:
        raise UnreachableIssuerError(issuer) from error


def _get(session: requests.Session, url: str) -> dict[str, Any]:
    answer = session.get(url, timeout=_FETCH_TIMEOUT_SECONDS, allow_redirects=False)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
