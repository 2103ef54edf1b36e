"""Find credentials that a run did not hide, in files and in texts."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

#: Shorter texts are part of ordinary words; they are not hidden either.
_SHORTEST = 6


def find_secrets(folder: Path, secrets: Iterable[str]) -> list[tuple[Path, str]]:
    """Find the files below a folder that hold a credential, plain or encoded.

    Args:
        folder: What is searched, symbolic links excluded.
        secrets: The credentials.

    Returns:
        Each file with the encoding that was found (`plain`, `base64`, `url`, `hex`); never the
        credential.
    """
    needles = [needle for secret in secrets for needle in encodings(secret)]
    matches = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if file.is_symlink():
            continue
        content = file.read_bytes()
        matches += sorted({(file, name) for name, needle in needles if needle in content})
    return matches


def encodings(secret: str) -> Iterator[tuple[str, bytes]]:
    """List the forms in which a credential can stand in a file.

    Base64 depends on where in its text the credential begins, so all three shifts are made, each
    without the characters that also depend on its neighbours.
    """
    if len(secret) < _SHORTEST:
        return
    raw = secret.encode()
    yield "plain", raw
    yield "hex", raw.hex().encode()
    for quoted in {quote(secret, safe=""), quote_plus(secret)} - {secret}:
        yield "url", quoted.encode()
    escaped = secret.replace("\n", "\\n")
    if escaped != secret:
        yield "plain", escaped.encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        stable = encoded[(0, 2, 3)[shift] : len(encoded) - 4 if len(encoded) > 8 else None]
        yield "base64", stable
        yield "base64", stable.translate(bytes.maketrans(b"+/", b"-_"))
