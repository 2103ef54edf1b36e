"""Who a Google access token stands for, and the tokens that were issued.

A token is opaque to its bearer, as Google's are: everything about it is looked up here.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: The scope that every Google Cloud API accepts.
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True)
class Identity:
    """A principal, with every name under which a policy can grant it something.

    Attributes:
        name: As the request log shows it, `service-account:EMAIL` or `federated:SUBJECT`.
        members: Names in IAM policies: `serviceAccount:EMAIL`, `principal://…`, `principalSet://…`.
        pool: Resource name of the pool that vouched for it; empty for a service account.
    """

    name: str
    members: frozenset[str]
    pool: str = ""

    @staticmethod
    def of_service_account(email: str) -> "Identity":
        """Create the identity of a service account."""
        members = frozenset({f"serviceAccount:{email}"})
        return Identity(name=f"service-account:{email}", members=members)

    @staticmethod
    def of_federation(pool: str, mapped: Mapping[str, str]) -> "Identity":
        """Create the identity of an exchanged ID token.

        Args:
            pool: Resource name of the pool, `projects/NUMBER/locations/global/…`.
            mapped: Mapped attributes; `google.subject` is among them.

        Spec: https://cloud.google.com/iam/docs/principal-identifiers
        """
        base = f"iam.googleapis.com/{pool}"
        subject = mapped["google.subject"]
        members = {f"principal://{base}/subject/{subject}", f"principalSet://{base}/*"}
        for target, value in mapped.items():
            if target.startswith("attribute."):
                members.add(f"principalSet://{base}/{target}/{value}")
        return Identity(name=f"federated:{subject}", members=frozenset(members), pool=pool)


@dataclass(frozen=True)
class IssuedToken:
    """An access token, and what it stands for."""

    identity: Identity
    scopes: frozenset[str]
    expires_at: datetime
    value: str = field(repr=False)


class IssuedTokens:
    """Every access token that was issued, and the ID tokens that were exchanged for them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._issued: dict[str, IssuedToken] = {}
        self._exchanged: set[str] = set()

    def issue(
        self, identity: Identity, *, scopes: frozenset[str], expires_at: datetime
    ) -> IssuedToken:
        """Make a new access token."""
        kind = "d" if identity.pool else "c"
        value = f"ya29.{kind}.{secrets.token_urlsafe(96)}"
        token = IssuedToken(identity=identity, scopes=scopes, expires_at=expires_at, value=value)
        with self._lock:
            self._issued[value] = token
        return token

    def find(self, value: str, *, now: datetime) -> IssuedToken | None:
        """Return the token of this value, `None` where there is none or it has expired."""
        with self._lock:
            token = self._issued.get(value)
        return token if token is not None and now < token.expires_at else None

    def first_exchange(self, token_id: str) -> bool:
        """Note that an ID token is exchanged; return `False` where it was before.

        Args:
            token_id: Issuer and `jti`, or whatever else tells the token from others.
        """
        with self._lock:
            if token_id in self._exchanged:
                return False
            self._exchanged.add(token_id)
            return True
