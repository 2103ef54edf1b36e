"""An App's key is read in every form in which people store it, and others are named."""

import base64
from collections.abc import Callable
from functools import cache
from math import lcm, prod

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from dist_actions.errors import InputError
from dist_actions.identity.private_key import parse_private_key
from dist_actions.identity.secret import Secret

PKCS1, PKCS8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(
    form: PrivateFormat = PKCS1,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    key = key or rsa_key()
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


ACCEPTED = {
    "PKCS#1": pem,
    "PKCS#8": lambda: pem(PKCS8),
    "Windows line ends": lambda: pem().replace("\n", "\r\n"),
    "old Mac line ends": lambda: pem().replace("\n", "\r"),
    "literal line ends": lambda: pem().replace("\n", "\\n"),
    "literal Windows line ends": lambda: pem().replace("\n", "\\r\\n"),
    "double quotes": lambda: f'"{pem()}"',
    "single quotes and literal line ends": lambda: "'" + pem(PKCS8).replace("\n", "\\n") + "'",
    "joined by spaces": lambda: pem().replace("\n", " "),
    "no line end at the end": lambda: pem().strip(),
    "blanks around": lambda: f"\n  {pem()}\n\n",
    "indented": lambda: pem().replace("\n", "\n    "),
    "base64": lambda: base64.b64encode(pem().encode()).decode(),
    "base64 in lines": lambda: base64.encodebytes(pem(PKCS8).encode()).decode(),
    "base64 in quotes": lambda: f'"{base64.b64encode(pem().encode()).decode()}"',
}


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted_forms(make: Callable[[], str]) -> None:
    key = parse_private_key(Secret(make()))

    assert key.private_numbers() == rsa_key().private_numbers()


def openssh() -> str:
    return pem(PrivateFormat.OpenSSH)


def elliptic(form: PrivateFormat) -> str:
    return pem(form, ec.generate_private_key(ec.SECP256R1()))


def public() -> str:
    numbers = rsa_key().public_key()
    return numbers.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def with_letter_changed(text: str, *, line: int) -> str:
    lines = text.splitlines()
    lines[line] = ("B" if lines[line][0] == "A" else "A") + lines[line][1:]
    return "\n".join(lines)


def base64_with_another_sign() -> str:
    text = base64.b64encode(pem().encode()).decode()
    return f"{text[:40]}*{text[40:]}"


def block(label: str) -> str:
    return f"-----BEGIN {label}-----\n{pem().splitlines()[1]}\n-----END {label}-----\n"


def too_large() -> str:
    """Write numbers in a key's form whose signature would take minutes."""
    modulus, exponent = (1 << 65536) - 1, (1 << 65535) - 1
    numbers = (0, modulus, 65537, exponent, 3, 3, 1, 1, 1)
    body = b"".join(der(2, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in numbers)
    text = base64.encodebytes(der(0x30, body)).decode()
    return f"-----BEGIN RSA PRIVATE KEY-----\n{text}-----END RSA PRIVATE KEY-----\n"


def der(tag: int, body: bytes) -> bytes:
    size = len(body).to_bytes(4, "big").lstrip(b"\0")
    long_form = bytes([0x80 | len(size)]) if len(body) > 127 else b""
    return bytes([tag]) + long_form + size + body


REFUSED = {
    "client secret": (lambda: "0123456789abcdef" * 2 + "01234567", "the App's client secret"),
    "fingerprint": (
        lambda: "SHA256:jR5MhPFrFyLbAGZXeM6kf7T4yWJ3cCuHqTpKz=",
        "the fingerprint of a key",
    ),
    "OpenSSH": (openssh, "an OpenSSH key"),
    "encrypted PKCS#8": (
        lambda: pem(PKCS8, encryption=BestAvailableEncryption(b"x")),
        "a key encrypted with a passphrase",
    ),
    "encrypted PKCS#1": (
        lambda: pem(PKCS1, encryption=BestAvailableEncryption(b"x")),
        "a key encrypted with a passphrase",
    ),
    "EC": (lambda: elliptic(PKCS1), "an elliptic-curve key"),
    "EC in PKCS#8": (
        lambda: elliptic(PKCS8),
        "an elliptic-curve or other key that is not RSA",
    ),
    "public key": (public, "a public key"),
    "certificate": (lambda: block("CERTIFICATE"), "a certificate"),
    "DSA": (lambda: block("DSA PRIVATE KEY"), "a PEM block 'DSA PRIVATE KEY'"),
    "cut off": (lambda: pem()[:500], "a key cut off before its end"),
    "damaged": (lambda: pem().replace(pem().splitlines()[5], ""), "a damaged or cut key"),
    "too large": (too_large, "a damaged or cut key"),
    "a letter changed": (lambda: with_letter_changed(pem(), line=3), "a damaged or cut key"),
    "a person's token": (lambda: "ghp_" + "x" * 36, "a token"),
    "a fine-grained token": (lambda: "github_pat_" + "x" * 82, "a token"),
    "an App's token": (lambda: "ghs_" + "x" * 36, "a token"),
    "a token in quotes": (lambda: '"ghp_' + "x" * 36 + '"', "a token"),
    "a path": (lambda: "./key.pem", "something else"),
    "no ASCII": (lambda: "cl\u00e9", "something else"),
    "two words": (lambda: "not a key", "something else"),
    "base64 with another sign in it": (base64_with_another_sign, "something else"),
}


@pytest.mark.parametrize(("make", "kind"), REFUSED.values(), ids=REFUSED)
def test_refused_forms_are_named(make: Callable[[], str], kind: str) -> None:
    text = make()

    with pytest.raises(InputError) as refused:
        parse_private_key(Secret(text))

    assert refused.value.what == (
        f"The input private-key is not a GitHub App's private key: it looks like {kind}."
    )
    assert text not in str(refused.value)
    assert all(line not in str(refused.value) for line in text.splitlines() if len(line) > 40)


def of_mersenne_primes(first: list[int], second: list[int]) -> rsa.RSAPrivateKey:
    """Compute a key of any size at once; each factor is a product of primes 2**n - 1."""
    p, q = (prod(2**exponent - 1 for exponent in factor) for factor in (first, second))
    p_order, q_order = (
        lcm(*(2**exponent - 2 for exponent in factor)) for factor in (first, second)
    )
    d = pow(65537, -1, lcm(p_order, q_order))
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % p_order,
        dmq1=d % q_order,
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(65537, p * q),
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def test_a_key_of_the_most_bits_is_read_by_its_signature_alone() -> None:
    """A factor of the key is no prime, which nothing looks for: its signature is verified."""
    key = of_mersenne_primes([4423], [3217, 521, 31])
    assert key.key_size == 8192

    assert parse_private_key(Secret(pem(key=key))).private_numbers() == key.private_numbers()


def test_a_larger_key_is_refused_though_its_signature_would_be_verified() -> None:
    key = of_mersenne_primes([4423], [4253])

    with pytest.raises(InputError, match="a damaged or cut key") as refused:
        parse_private_key(Secret(pem(key=key)))

    assert str(refused.value.__cause__) == "a key of 8676 bits"
