"""A server or proxy that answers with what it was sent, in the forms in which that happens."""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_plus

#: What is repeated, by the form: of the credentials and the body of a request.
FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "cut": lambda text: "x" * 150 + text,
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of the header": lambda text: base64.b64encode(
        text.rpartition(" ")[2].encode()
    ).decode(),
    "percent": lambda text: quote(text, safe=""),
    "html": lambda text: f"a page: {html.escape(text)}",
    "unseen": "\u200b".join,
}
#: What a service's error is called in one of the APIs.
_NAMES = ("message", "error", "error_description", "description", "detail", "title")


@dataclass
class Echo:
    """What answers one of the requests.

    Attributes:
        skip: How many pass before.
        form: One of `FORMS`.
        status: Of the answer.
        happened: Whether it did.
    """

    skip: int
    form: str
    status: int
    happened: bool = False

    def takes(self, environ: dict[str, Any]) -> bool:
        """Tell whether it is this request's turn."""
        path = str(environ["PATH_INFO"])
        if self.happened or re.match(r"/_sandbox|/oidc/\.well-known", path):
            return False
        self.skip -= 1
        self.happened = self.skip < 0
        return self.happened

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer with what was sent."""
        text = FORMS[self.form](_sent(environ))
        body: dict[str, Any] = dict.fromkeys(_NAMES, text)
        body["errors"] = [{"code": text, "message": text, "description": text}]
        if environ["PATH_INFO"].startswith("/iam-credentials"):
            body["error"] = {"message": text}
        data = json.dumps(body, ensure_ascii=self.form != "html").encode()
        phrase = re.sub(r"[^\x20-\x7e]", "", text)[:200]
        start_response(
            f"{self.status} {HTTPStatus(self.status).phrase} {phrase}",
            [("Content-Type", "application/json"), ("Content-Length", str(len(data)))],
        )
        return [data]


def _sent(environ: dict[str, Any]) -> str:
    """Read what a request holds: its credentials, decoded too, else what its body has of them."""
    header = str(environ.get("HTTP_AUTHORIZATION", ""))
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        return f"{base64.b64decode(value).decode('utf-8', 'replace')} {header}"
    if value:
        return f"{value} {header}"
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return unquote_plus(body.decode("utf-8", "replace"))
