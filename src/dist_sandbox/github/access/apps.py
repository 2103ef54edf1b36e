"""GitHub Apps, their installations, and the installation tokens that they mint."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dist_sandbox.github.access.accounts import Account

#: How long an installation token lives. Spec: "Generating an installation access token".
TOKEN_LIFETIME = timedelta(hours=1)


@dataclass
class App:
    """An App that was registered by the organisation, and its installation there.

    Attributes:
        slug: URL name; the bot's login is `slug[bot]`.
        client_id: What a JWT's `iss` should hold; the older `app_id` is accepted too.
        permissions: What the installation was granted, by GitHub's names (`pull_requests`).
        repository_ids: The repositories it is installed on.
        installed: Whether the organisation has it installed.
        suspended: Whether the organisation suspended it.
    """

    slug: str
    app_id: int
    client_id: str
    installation_id: int
    bot: Account
    permissions: Mapping[str, str]
    private_key_file: Path
    public_key: RSAPublicKey
    created_at: datetime
    repository_ids: frozenset[int] = frozenset()
    installed: bool = True
    suspended: bool = False

    @property
    def principal(self) -> str:
        """The App as the request log names it."""
        return f"app:{self.slug}"


@dataclass(frozen=True)
class InstallationToken:
    """A token that acts as an App in some repositories."""

    app: App
    permissions: Mapping[str, str]
    repository_ids: frozenset[int]
    expires_at: datetime
    token: str = field(repr=False)


class InstallationTokens:
    """The installation tokens that are neither revoked nor forgotten."""

    def __init__(self) -> None:
        self._tokens: dict[str, InstallationToken] = {}

    def mint(
        self,
        app: App,
        *,
        permissions: Mapping[str, str],
        repository_ids: Iterable[int],
        now: datetime,
    ) -> InstallationToken:
        """Make a token that lives for an hour."""
        # Longer than the 40 characters that older tokens had: no client may count on a length.
        token = InstallationToken(
            app=app,
            permissions=dict(permissions),
            repository_ids=frozenset(repository_ids),
            expires_at=now.replace(microsecond=0) + TOKEN_LIFETIME,
            token=f"ghs_{secrets.token_hex(46)}",
        )
        self._tokens[token.token] = token
        return token

    def find(self, token: str, *, now: datetime) -> InstallationToken | None:
        """The token of this text, unless it is unknown, revoked or expired."""
        found = self._tokens.get(token)
        return found if found is not None and now < found.expires_at else None

    def revoke(self, token: str) -> None:
        """End a token."""
        self._tokens.pop(token, None)

    def live(self, *, now: datetime) -> list[InstallationToken]:
        """The tokens that would still be accepted."""
        return [token for token in self._tokens.values() if now < token.expires_at]
