"""Hide credentials in texts.

What was printed before a mask was declared cannot be hidden any more on GitHub; here the masks of a
run grow while its log is written, as there.
"""

import threading
from collections.abc import Iterable

#: Replaces a credential.
MASK = "***"
#: Shorter texts are part of ordinary words; masking them would only garble the log.
_SHORTEST = 6


class Masks:
    """The texts to hide; jobs that run side by side add to them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._longest_first: tuple[str, ...] = ()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide a text from now on; of one with several lines also each line, as GitHub does."""
        texts = {secret, secret.strip(), *secret.splitlines()}
        with self._lock:
            all_texts = {*self._longest_first, *(text for text in texts if len(text) >= _SHORTEST)}
            if len(all_texts) > len(self._longest_first):
                self._longest_first = tuple(sorted(all_texts, key=len, reverse=True))

    def hide(self, text: str) -> str:
        """Replace every credential in a text."""
        # Not by one pattern: it would have to be compiled for each new mask, which takes longer
        # than all searches of a run.
        for secret in self._longest_first:
            if secret in text:
                text = text.replace(secret, MASK)
        return text
