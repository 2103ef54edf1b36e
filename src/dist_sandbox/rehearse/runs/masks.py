"""Hide credentials in texts, and find those that were not hidden.

What was printed before a mask was declared cannot be hidden any more on GitHub; here the masks of a
run grow while its log is written, as there.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

#: What stands in place of a credential.
MASK = "***"
#: Shorter texts are part of ordinary words; masking them would only garble the log.
_SHORTEST = 6


class Masks:
    """The texts to hide."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._texts: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide a text from now on; of one with several lines also each line, as GitHub does."""
        texts = {secret, secret.strip(), *secret.splitlines()}
        self._texts.update(text for text in texts if len(text) >= _SHORTEST)
        self._pattern = None

    def hide(self, text: str) -> str:
        """The text with every credential replaced."""
        if self._pattern is None:
            longest_first = sorted(self._texts, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        return self._pattern.sub(MASK, text)


def find_secrets(folder: Path, secrets: Iterable[str]) -> list[tuple[Path, str]]:
    """The files below a folder that hold a credential, plain or encoded.

    Args:
        folder: What is searched, symbolic links excluded.
        secrets: The credentials.

    Returns:
        Each file with the encoding that was found (`plain`, `base64`, `url`, `hex`); never the
        credential.
    """
    needles = [needle for secret in secrets for needle in encodings(secret)]
    found = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if file.is_symlink():
            continue
        content = file.read_bytes()
        found += sorted({(file, name) for name, needle in needles if needle in content})
    return found


def encodings(secret: str) -> Iterator[tuple[str, bytes]]:
    """The forms in which a credential can stand in a file.

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
