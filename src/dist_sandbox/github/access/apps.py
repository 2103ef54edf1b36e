"""GitHub Apps, their installations, and the installation tokens that they mint."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.keys.rsa_keys import keep_key

#: How long an installation token lives. Spec: "Generating an installation access token".
TOKEN_LIFETIME = timedelta(hours=1)


@dataclass
class App:
    """An App that was registered by the organisation, and its installation there.

    `slug` is the URL name; the bot's login is `slug[bot]`. A JWT's `iss` should hold `client_id`;
    the older `app_id` is accepted too. `permissions` has GitHub's names (`pull_requests`) and is,
    as `repository_ids`, what the installation was granted.
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
        """Name the App as the request log does."""
        return f"app:{self.slug}"


def make_app(
    slug: str, number: int, permissions: Mapping[str, str], *, keys: Path, now: datetime
) -> App:
    """Make an App whose private key is kept in the folder `keys`, or found there."""
    file = keys / f"{slug}.pem"
    return App(
        slug=slug,
        app_id=500_100 + number,
        client_id=f"Iv23li{slug.replace('-', '').title()[:13]:x<14}",
        installation_id=7_000_100 + number,
        bot=Account(login=f"{slug}[bot]", account_id=400_100 + number, kind="Bot"),
        permissions=dict(permissions),
        private_key_file=file,
        public_key=keep_key(file).public_key(),
        created_at=now,
    )


@dataclass(frozen=True)
class InstallationToken:
    """A token that acts as an App in some repositories."""

    app: App
    permissions: Mapping[str, str]
    repository_ids: frozenset[int]
    minted_at: datetime
    expires_at: datetime
    token: str = field(repr=False)


class InstallationTokens:
    """The installation tokens that are neither revoked nor forgotten.

    Attributes:
        minted: All that there ever were, in order.
    """

    def __init__(self) -> None:
        self.minted: list[InstallationToken] = []
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
            minted_at=now,
            expires_at=now.replace(microsecond=0) + TOKEN_LIFETIME,
            token=f"ghs_{secrets.token_hex(46)}",
        )
        self._tokens[token.token] = token
        self.minted.append(token)
        return token

    def find(self, token: str, *, now: datetime) -> InstallationToken | None:
        """Find the token of this text, unless it is unknown, revoked or expired."""
        minted = self._tokens.get(token)
        return minted if minted is not None and now < minted.expires_at else None

    def revoke(self, token: str) -> None:
        """End a token."""
        self._tokens.pop(token, None)

    def is_revoked(self, token: InstallationToken) -> bool:
        """Tell whether a token was ended before its time."""
        return token.token not in self._tokens

    def live(self, *, now: datetime) -> list[InstallationToken]:
        """List the tokens that would still be accepted."""
        return [token for token in self._tokens.values() if now < token.expires_at]
