"""RSA keys of a sandbox, which exist nowhere else; a restart finds them in their files."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

_KEY_BITS = 2048


def keep_key(file: Path) -> rsa.RSAPrivateKey:
    """Load the key in a file, which is made where it is absent.

    Raises:
        TypeError: The file holds another kind of key.
    """
    return _load_key(file) if file.exists() else _make_key(file)


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
    # To check the primes takes longer than all else of a start, and a sandbox made them itself.
    key = load_pem_private_key(
        file.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{file.name} holds no RSA key")
    return key
