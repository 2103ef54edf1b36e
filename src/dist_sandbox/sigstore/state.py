"""The keys and logs of a sandbox's Sigstore."""

import threading
from functools import cached_property
from typing import Any

import jwt

from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.keys.issuer_keys import IssuerKeys
from dist_sandbox.sigstore.entry_log import EntryLog
from dist_sandbox.sigstore.keys import Authority, LogKey
from dist_sandbox.sigstore.trust import trust_config

#: Path of the log.
REKOR = "/sigstore/rekor"
_AUDIENCE = "sigstore"


class Sigstore:
    """The keys and logs of one sandbox, made when they are first needed."""

    def __init__(self, addresses: Addresses, clock: Clock) -> None:
        self.clock = clock
        self.entries = EntryLog()
        self.certificate_log = LogKey()
        self._addresses = addresses
        self._issuer_keys = IssuerKeys(addresses.bypass_gateway)
        self._lock = threading.Lock()

    @property
    def authority(self) -> Authority:
        """Return the root."""
        with self._lock:
            return self._authority

    @cached_property
    def _authority(self) -> Authority:
        return Authority.create(self.clock.now())

    def trust_config(self) -> dict[str, Any]:
        """Create the configuration of a client that trusts this Sigstore."""
        return trust_config(
            self._addresses.fulcio,
            self._addresses.rekor,
            self.authority,
            self.certificate_log,
            self.entries.key,
        )

    def verify(self, token: str) -> dict[str, Any]:
        """Return the claims of an ID token, which must be this sandbox's, for Sigstore, and of now.

        Raises:
            jwt.InvalidTokenError: It is not.
            UnreachableIssuerError: The issuer's keys cannot be read.
        """
        claims = self._issuer_keys.verify(
            token, issuer=self._addresses.oidc_issuer, audience=_AUDIENCE, options={}
        )
        if not claims["nbf"] <= self.clock.timestamp() < claims["exp"]:
            raise jwt.InvalidTokenError("not valid at this time")
        return claims
