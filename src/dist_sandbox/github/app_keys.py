"""Makes the Apps of a sandbox, with RSA keys that exist nowhere else."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from dist_sandbox.github.accounts import Account
from dist_sandbox.github.apps import App

_KEY_BITS = 2048


def make_app(
    slug: str, number: int, permissions: Mapping[str, str], *, keys: Path, now: datetime
) -> App:
    """An App whose private key is kept in the folder `keys`; an existing key is used again."""
    file = keys / f"{slug}.pem"
    key = _load_key(file) if file.exists() else _make_key(file)
    return App(
        slug=slug,
        app_id=500_100 + number,
        client_id=f"Iv23li{slug.replace('-', '').title()[:13]:x<14}",
        installation_id=7_000_100 + number,
        bot=Account(login=f"{slug}[bot]", account_id=400_100 + number, kind="Bot"),
        permissions=dict(permissions),
        private_key_file=file,
        public_key=key.public_key(),
        created_at=now,
    )


def _make_key(file: Path) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    # PKCS#1, the form that GitHub's settings page downloads.
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(pem)
    return key


def _load_key(file: Path) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{file.name} holds no RSA key")
    return key
