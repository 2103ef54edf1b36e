"""Makes the Apps of a sandbox, with RSA keys that exist nowhere else."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.access.apps import App
from dist_sandbox.keys.rsa_keys import keep_key


def make_app(
    slug: str, number: int, permissions: Mapping[str, str], *, keys: Path, now: datetime
) -> App:
    """An App whose private key is kept in the folder `keys`; an existing key is used again."""
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
