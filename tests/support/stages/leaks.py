"""Finds credentials in text and files, in the forms in which they leak."""

import base64
import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from dist_actions.identity.encodings import encoded_forms

#: Shorter values are found everywhere by chance.
_SHORTEST = 12
_LARGEST_FILE_BYTES = 2_000_000
#: With whom credentials are sent by basic authentication.
_USERS = ("x-access-token", "oauth2accesstoken", "__token__", "publisher", "us")


@functools.lru_cache(maxsize=4096)
def forms(secret: str) -> frozenset[str]:
    """Encode a secret in every way in which a text may hold it, wherever in the text it starts."""
    data = secret.encode()
    encodings = {secret, quote(secret, safe=""), quote_plus(secret), data.hex(), data.hex().upper()}
    encodings.add(json.dumps(secret)[1:-1])
    for shift in range(3):
        padded = base64.b64encode(b"\0" * shift + data).decode()
        # The first and last characters depend on the neighbours.
        inner = padded.rstrip("=")[4 if shift else 0 : -1]
        encodings |= {inner, inner.replace("+", "-").replace("/", "_")}
    return frozenset(form for form in encodings if len(form) >= _SHORTEST)


def parts(secret: str) -> Iterator[str]:
    """List a secret, and its lines where it has several."""
    if len(secret) >= _SHORTEST:
        yield secret
    if "\n" in secret:
        yield from (line for line in secret.splitlines() if len(line) > 40)


def find_leaks(text: str, secrets: Iterable[str]) -> list[str]:
    """Find the secrets that the text holds in any form; return how they start."""
    return [
        f"{part[:6]}…"
        for secret in secrets
        for part in parts(secret)
        if any(form in text for form in forms(part))
    ]


def find_leaking_files(folders: Iterable[Path], secrets: Iterable[str]) -> list[str]:
    """Find the files that hold a secret as it is."""
    needles = [part.encode() for secret in secrets for part in parts(secret)]
    return [
        str(file)
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file()
        and not file.is_symlink()
        and file.stat().st_size < _LARGEST_FILE_BYTES
        and any(part in file.read_bytes() for part in needles)
    ]


def secrets_of(inputs: Mapping[str, str]) -> list[str]:
    """List the inputs of an action that are credentials, and the key that lies in one of them."""
    names = ("token", "private-key", "github-token", "password", "credentials-json")
    secrets = [inputs[name] for name in names if inputs.get(name, "").strip()]
    return [*secrets, *_private_keys(inputs.get("credentials-json", "").strip())]


def _private_keys(credentials: str) -> Iterator[str]:
    """Find the private key in a key file, raw or base64; none where it is no key file."""
    try:
        raw = credentials if credentials.startswith("{") else base64.b64decode(credentials)
        yield str(json.loads(raw)["private_key"])
    except (ValueError, KeyError, TypeError):
        return


def masked_forms(secrets: Iterable[str]) -> set[str]:
    """Return all forms of credentials that a job masks, each line of several by itself."""
    lines = [line for secret in secrets for line in secret.splitlines()]
    # Of `dev = PASSWORD`, the password alone is one.
    values = {*lines, *(line.rpartition(" = ")[2] for line in lines)}
    return values.union(*map(_encoded_forms, values))


@functools.lru_cache(maxsize=4096)  # a key has many lines, and many runs have the same key
def _encoded_forms(value: str) -> frozenset[str]:
    return frozenset(encoded_forms(value, _USERS))
