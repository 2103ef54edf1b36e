"""A GitHub App's private key, in the forms in which people store it; pure."""

import base64
import re

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dist_actions.errors import InputError
from dist_actions.identity.secret import Secret

_PEM = re.compile(
    r"-----BEGIN (?P<label>[A-Z ]+)-----(?P<body>(?:(?!-----).)*)-----END (?P=label)-----",
    re.DOTALL,
)
#: GitHub makes keys of 2048 bits; a signature by one of a hundred thousand would take minutes.
_MOST_BITS = 8192
_LABELS = frozenset({"RSA PRIVATE KEY", "PRIVATE KEY"})


def parse_private_key(secret: Secret) -> RSAPrivateKey:
    r"""Read a key in PKCS#1 or PKCS#8 PEM.

    Also accepted: Windows line ends, literal `\n`, surrounding quotes, lines joined by spaces,
    and the base64 form of the whole PEM text.

    Raises:
        InputError: It is something else; the message says what it looks like.
    """
    text = _unquoted(secret.reveal())
    pem_block = _PEM.search(text) or _PEM.search(_decoded(text))
    if not pem_block or pem_block["label"] not in _LABELS:
        raise _unusable(_looks_like(text, pem_block["label"] if pem_block else ""))
    body = re.sub(r"[^A-Za-z0-9+/=]", "", pem_block["body"])
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    label = pem_block["label"]
    pem = "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
    if "ENCRYPTED" in pem_block["body"]:
        raise _unusable("a key encrypted with a passphrase")
    try:
        # To check its primes takes sixty times as long as the signature by which it shows itself.
        key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
        if isinstance(key, RSAPrivateKey):
            _require_signature(key)
            return key
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise _unusable("a damaged or cut key") from error
    raise _unusable("an elliptic-curve or other key that is not RSA")


def _require_signature(key: RSAPrivateKey) -> None:
    """Refuse a key whose signature its public half, by which GitHub knows it, does not verify."""
    if key.key_size > _MOST_BITS:
        raise ValueError(f"a key of {key.key_size} bits")
    data, padding, algorithm = b"dist-actions", PKCS1v15(), SHA256()
    key.public_key().verify(key.sign(data, padding, algorithm), data, padding, algorithm)


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'").replace("\\r", "").replace("\\n", "\n").replace("\r", "")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("ascii")
    except ValueError:  # no base64, no ASCII, or no text in it
        return ""


def _looks_like(text: str, label: str) -> str:
    labels = {
        "OPENSSH PRIVATE KEY": "an OpenSSH key",
        "ENCRYPTED PRIVATE KEY": "a key encrypted with a passphrase",
        "EC PRIVATE KEY": "an elliptic-curve key",
        "PUBLIC KEY": "a public key",
        "CERTIFICATE": "a certificate",
    }
    if label:
        return labels.get(label, f"a PEM block {label!r}")
    if re.fullmatch(r"[0-9a-f]{40}", text):
        return "the App's client secret"
    if re.match(r"SHA256:", text):
        return "the fingerprint of a key"
    if text.startswith("-----BEGIN"):
        return "a key cut off before its end"
    if text.startswith(("ghp_", "ghs_", "github_pat_")):
        return "a token"
    return "something else"


def _unusable(kind: str) -> InputError:
    return InputError(
        f"The input private-key is not a GitHub App's private key: it looks like {kind}.",
        why="an App signs with an RSA key in a .pem file that starts with "
        "-----BEGIN RSA PRIVATE KEY-----.",
        fix="generate a private key in the App's settings, and store the whole file as the secret.",
        anchor="private-key",
    )
