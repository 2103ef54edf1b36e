"""A credential is known in every form in which an answer may repeat it."""

import base64
import json
import re
from html import escape as escape_html
from urllib.parse import quote

import pytest

from dist_actions.identity.encodings import encoded_forms
from dist_actions.markdown import escape

TOKEN = "gh_<a>&\"b'/c d+e%\\\u00e9~\u20ac_0123456789"
DATA = TOKEN.encode()


def in_small_letters(encoded: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)


def for_addresses(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")


IN_JSON, IN_ASCII = json.dumps(TOKEN, ensure_ascii=False)[1:-1], json.dumps(TOKEN)[1:-1]
IN_ADDRESSES = {
    "a path": quote(TOKEN),
    "a part of a path": quote(TOKEN, safe=""),
    "a query": quote(TOKEN, safe="").replace("%20", "+"),
}
FORMS = {
    "plain": TOKEN,
    "Markdown": escape(TOKEN),
    "Python": repr(TOKEN)[1:-1],
    "JSON": IN_JSON,
    "JSON in ASCII": IN_ASCII,
    "JSON with escaped slashes": IN_JSON.replace("/", "\\/"),
    "JSON in ASCII with escaped slashes": IN_ASCII.replace("/", "\\/"),
    "HTML": escape_html(TOKEN, quote=False),
    "HTML in quotes": escape_html(TOKEN),
    "HTML in quotes, decimal": escape_html(TOKEN).replace("&#x27;", "&#39;"),
    **IN_ADDRESSES,
    **{f"{name}, in small letters": in_small_letters(IN_ADDRESSES[name]) for name in IN_ADDRESSES},
    "hexadecimal": DATA.hex(),
    "capital hexadecimal": DATA.hex().upper(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_is_known(form: str) -> None:
    assert form in encoded_forms(TOKEN)


@pytest.mark.parametrize("length", [30, 31, 32])
@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("after", range(3))
def test_base64_of_a_text_around_it_is_known(length: int, before: int, after: int) -> None:
    """Of what a credential's neighbours have no part in, nothing is left."""
    value = ("?>~\u00ff-gh_" + "0123456789?~" * 3)[:length]
    around = b"x" * before + value.encode() + b"y" * after
    text = base64.b64encode(around).decode()
    clean = text.rstrip("=")
    for encoded in (clean, for_addresses(clean)):
        (form,) = {form for form in encoded_forms(value) if form in encoded and len(form) > 36}
        rest = len(encoded) - len(form)
        assert rest * 6 <= (before + after) * 8 + 2 * 10


@pytest.mark.parametrize(
    "value", [TOKEN, "0123456789?~", "\udcff-not-utf-8"], ids=["signs", "plain", "not UTF-8"]
)
def test_basic_authentication_is_known(value: str) -> None:
    data = b"user:" + value.encode("utf-8", "surrogateescape")
    pair = base64.b64encode(data).decode()
    forms = encoded_forms(value, ["other", "user"])
    assert {pair, pair.rstrip("="), for_addresses(pair.rstrip("="))} <= forms
    for before in range(3):
        header = base64.b64encode(b"x" * before + pair.encode() + b"y").decode()
        assert any(form in header for form in forms - encoded_forms(value))
    assert pair not in encoded_forms(value)


def test_what_is_short_stands_in_any_text() -> None:
    assert encoded_forms("1234567") == {"31323334353637", "MTIzNDU2N", "EyMzQ1Nj", "xMjM0NTY3"}
    assert "12345678" in encoded_forms("12345678")
