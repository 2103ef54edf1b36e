"""The forms in which a credential can stand in a text; pure.

What was sent comes back in other forms: a proxy's page is HTML, an answer is JSON, an address is
percent-encoded, and basic authentication is base64 of user and password.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from dist_actions.markdown import escape

#: Shorter values stand in any text.
SHORTEST = 8


def encoded_forms(value: str, users: Iterable[str] = ()) -> frozenset[str]:
    """Encode a credential in every way in which a text may repeat it.

    Args:
        value: One line.
        users: With whom it is sent, for basic authentication.
    """
    forms = {value, *_escapes(value), *_digits(value)}
    for user in users:
        pair = base64.b64encode(f"{user}:{value}".encode("utf-8", "surrogateescape")).decode()
        forms |= {pair, pair.rstrip("="), pair.rstrip("=").replace("+", "-").replace("/", "_")}
        # Who encodes the whole header does it a second time.
        forms.update(form for shift in range(3) for form in _base64(pair.encode(), shift=shift))
    return frozenset(form for form in forms if len(form) >= SHORTEST)


def _escapes(value: str) -> Iterator[str]:
    yield repr(value)[1:-1]
    yield escape(value)
    in_html = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    quoted = in_html.replace('"', "&quot;")
    yield from (in_html, quoted.replace("'", "&#x27;"), quoted.replace("'", "&#39;"))
    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield from (text, text.replace("/", "\\/"))
    data = value.encode("utf-8", "surrogateescape")
    for encoded in (quote(data), quote(data, safe=""), quote_plus(data)):
        yield from (encoded, _lower_escapes(encoded))


def _lower_escapes(encoded: str) -> str:
    first, *others = encoded.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in others)])


def _digits(value: str) -> Iterator[str]:
    data = value.encode("utf-8", "surrogateescape")
    yield from (data.hex(), data.hex().upper())
    for shift in range(3):
        yield from _base64(data, shift=shift)


def _base64(data: bytes, *, shift: int) -> Iterator[str]:
    """Encode data that begins `shift` bytes after a border of base64, without its neighbours."""
    text = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
    # What the neighbours have a part in is left out.
    inner = text[(0, 2, 3)[shift] : len(text) if not (shift + len(data)) % 3 else -1]
    yield from (inner, inner.replace("+", "-").replace("/", "_"))
