"""Remembers every credential that passes through a sandbox, so that no log may hold one."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from dist_sandbox.server.request_notes import noted_fault
from support.sandbox.echoes import Echo

#: Where services answer with a credential, and the name that it has in the answer.
_ISSUERS = (
    (re.compile(r"/api/v3/app/installations/\d+/access_tokens"), "token"),
    (re.compile(r"/oidc/token"), "value"),
    (re.compile(r"/sts/v1/token"), "access_token"),
    (re.compile(r"/oauth2/token"), "access_token"),
    (re.compile(r"/iam-credentials/.*:generateAccessToken"), "accessToken"),
    (re.compile(r"(/test|/)pypi/_/oidc/(github/)?mint-token"), "token"),
    (re.compile(r"/_sandbox/pypi/(test)?pypi/tokens"), "token"),
)


@dataclass
class IssuedCredentials:
    """A WSGI application around a sandbox that keeps what was issued and what was shown.

    Attributes:
        values: Every token that a service gave out or a client presented.
        echo: What answers a request in place of the services; None where nothing does.
    """

    application: Callable[..., Iterable[bytes]]
    values: set[str] = field(default_factory=set, repr=False)
    echo: Echo | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self._keep_presented(str(environ.get("HTTP_AUTHORIZATION", "")))
        if str(environ["PATH_INFO"]) == "/oauth2/token":
            self._keep_assertion(environ)
        if self.echo and self.echo.takes(environ):
            return self.echo.answer(environ, start_response)
        name = _credential_name(str(environ["PATH_INFO"]))
        if not name:
            return self.application(environ, start_response)
        answer = self.application(environ, start_response)
        if noted_fault(environ):
            return answer
        data = b"".join(answer)
        self._keep_issued(data, name)
        return [data]

    def _keep_presented(self, header: str) -> None:
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "basic":
            self.values |= {value, value.rstrip("=")}
            value = base64.b64decode(value).decode("utf-8", "replace").partition(":")[2]
        if value:
            self.values.add(value)

    def _keep_assertion(self, environ: dict[str, Any]) -> None:
        """Keep the JWT by which a service account's key asks for a token."""
        data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(data)
        self.values.update(parse_qs(data.decode("ascii", "replace")).get("assertion", ()))

    def _keep_issued(self, data: bytes, name: str) -> None:
        try:
            answer = json.loads(data)
        except ValueError:
            return
        if isinstance(answer, dict) and isinstance(answer.get(name), str):
            self.values.add(answer[name])


def _credential_name(path: str) -> str:
    return next((name for pattern, name in _ISSUERS if pattern.fullmatch(path)), "")
