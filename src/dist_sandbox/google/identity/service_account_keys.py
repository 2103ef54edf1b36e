"""Keys of service accounts: made and handed out here, remembered by their public half alone.

Spec: https://cloud.google.com/iam/docs/keys-create-delete (the key file)
"""

import dataclasses
import secrets
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_KEY_BITS = 2048

#: Google's key IDs are 40 hexadecimal digits. Source: key files.
_KEY_ID_BYTES = 20


@dataclass(frozen=True)
class ServiceAccountPublicKey:
    """The half of a service account's key that Google keeps.

    Attributes:
        key_id: The `kid` of what is signed with it.
        email: The account that it belongs to.
        public_key: What verifies its signatures.
        enabled: Whether what it signs is believed.
    """

    key_id: str
    email: str
    public_key: rsa.RSAPublicKey
    enabled: bool = True


class ServiceAccountKeys:
    """The keys of all service accounts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, ServiceAccountPublicKey] = {}

    def make(self, email: str, *, project_id: str, token_uri: str) -> dict[str, Any]:
        """Make a key, and return it as the file that Google offers for download once.

        Args:
            token_uri: Where the key is exchanged for access tokens.

        Returns:
            The file's content; its `private_key` is kept nowhere else.
        """
        private_key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        key_id = secrets.token_hex(_KEY_ID_BYTES)
        with self._lock:
            self._keys[key_id] = ServiceAccountPublicKey(key_id, email, private_key.public_key())
        pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        google = "https://www.googleapis.com"
        return {
            "type": "service_account",
            "project_id": project_id,
            "private_key_id": key_id,
            "private_key": pem.decode("ascii"),
            "client_email": email,
            "client_id": "".join(secrets.choice("0123456789") for _ in range(21)),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "auth_provider_x509_cert_url": f"{google}/oauth2/v1/certs",
            "client_x509_cert_url": f"{google}/robot/v1/metadata/x509/{quote(email, safe='')}",
            "universe_domain": "googleapis.com",
        }

    def find(self, key_id: str) -> ServiceAccountPublicKey | None:
        """Return the key of this ID, enabled or not."""
        with self._lock:
            return self._keys.get(key_id)

    def set_enabled(self, key_id: str, enabled: bool) -> bool:
        """Enable or disable a key; `False` where there is none of this ID."""
        with self._lock:
            key = self._keys.get(key_id)
            if key is not None:
                self._keys[key_id] = dataclasses.replace(key, enabled=enabled)
        return key is not None

    def delete(self, key_id: str) -> bool:
        """Delete a key; `False` where there is none of this ID."""
        with self._lock:
            return self._keys.pop(key_id, None) is not None

    def clear(self) -> None:
        """Delete every key."""
        with self._lock:
            self._keys.clear()
