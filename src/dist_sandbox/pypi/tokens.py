"""API tokens: made by a user in the settings of an account, or minted for a Trusted Publisher."""

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from packaging.utils import NormalizedName

from dist_sandbox.pypi.publishers import TrustedPublisher

#: How long a minted token lasts. Source: PyPI's documentation of Trusted Publishers.
MINTED_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True)
class ApiToken:
    """What an API token stands for.

    Attributes:
        projects: What it may upload to; `None` for everything that its user may.
        expires_at: `None` for a user's token, which lasts until it is deleted.
        publisher: The Trusted Publisher that it was minted for, `None` for a user's.
        value: The token itself.
    """

    projects: frozenset[NormalizedName] | None
    expires_at: datetime | None
    publisher: TrustedPublisher | None
    value: str = field(repr=False)

    @property
    def principal(self) -> str:
        """Name the bearer as the request log does."""
        if self.publisher is None:
            return "api-token" if self.projects is None else f"api-token:{min(self.projects)}"
        owner, repository = self.publisher.owner, self.publisher.repository
        return f"trusted-publisher:{owner}/{repository}/{self.publisher.workflow}"


class ApiTokens:
    """Every token of one index."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, ApiToken] = {}
        self._used_ids: set[str] = set()

    def issue(
        self,
        projects: Iterable[NormalizedName] | None,
        *,
        expires_at: datetime | None = None,
        publisher: TrustedPublisher | None = None,
    ) -> ApiToken:
        """Make a new token."""
        token = ApiToken(
            projects=None if projects is None else frozenset(projects),
            expires_at=expires_at,
            publisher=publisher,
            value=f"pypi-{secrets.token_urlsafe(120)}",
        )
        with self._lock:
            self._tokens[token.value] = token
        return token

    def find(self, value: str) -> ApiToken | None:
        """Return the token of this value, expired or not; `None` where there is none."""
        with self._lock:
            return self._tokens.get(value)

    def first_use(self, token_id: str) -> bool:
        """Note the `jti` of an ID token; return `False` where a token was minted for it before."""
        with self._lock:
            if token_id in self._used_ids:
                return False
            self._used_ids.add(token_id)
            return True
