"""Hide credentials in texts.

What was printed before a mask was declared cannot be hidden any more on GitHub; here the masks of a
run grow while its log is written, as there.
"""

import re
from collections.abc import Iterable

#: Replaces a credential.
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
        """Replace every credential in a text."""
        if self._pattern is None:
            longest_first = sorted(self._texts, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        return self._pattern.sub(MASK, text)
