"""The keys of a Sigstore: a root certificate, the certificate log's key and the entry log's."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFETIME = timedelta(days=365)


@dataclass(frozen=True)
class LogKey:
    """The key of a log, and the log's ID, which follows from it."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    @property
    def public_der(self) -> bytes:
        """The public key, as trust configurations hold it."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def log_id(self) -> bytes:
        """Which log it is. Spec: RFC 6962, section 3.2."""
        return hashlib.sha256(self.public_der).digest()

    def sign(self, data: bytes) -> bytes:
        """A signature of the data's SHA-256."""
        return self.private.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class Authority:
    """The root that signs every certificate.

    Attributes:
        valid_from: From when on clients trust it, and both logs.
    """

    valid_from: datetime
    key: LogKey
    certificate: x509.Certificate

    @classmethod
    def create(cls, now: datetime) -> "Authority":
        """A new root."""
        key = LogKey()
        valid_from = now.replace(microsecond=0) - timedelta(days=1)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox Sigstore root")])
        public = key.private.public_key()
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
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
