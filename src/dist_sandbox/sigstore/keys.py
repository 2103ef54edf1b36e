"""The keys of a Sigstore: a root certificate, the certificate log's key and the entry log's."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFETIME = timedelta(days=365)

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def key_usage(**usages: bool) -> x509.KeyUsage:
    """Create a certificate's extension that allows these usages of its key and no other."""
    return x509.KeyUsage(**{**dict.fromkeys(_USAGES, False), **usages})


@dataclass(frozen=True)
class LogKey:
    """The key of a log, and the log's ID, which follows from it."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    @property
    def public_der(self) -> bytes:
        """Return the public key, as trust configurations hold it."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def log_id(self) -> bytes:
        """Identify the log. Spec: RFC 6962, section 3.2."""
        return hashlib.sha256(self.public_der).digest()

    def sign(self, data: bytes) -> bytes:
        """Sign the data's SHA-256."""
        return self.private.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class Authority:
    """The root that signs every certificate."""

    #: From when on clients trust it, and both logs.
    valid_from: datetime
    key: LogKey
    certificate: x509.Certificate

    @classmethod
    def create(cls, now: datetime) -> "Authority":
        """Create a new root."""
        key = LogKey()
        valid_from = now.replace(microsecond=0) - timedelta(days=1)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox Sigstore root")])
        public = key.private.public_key()
        usage = key_usage(key_cert_sign=True, crl_sign=True)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid_from)
            .not_valid_after(valid_from + _LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False
            )
        )
        return cls(valid_from, key, builder.sign(key.private, hashes.SHA256()))
