"""Answer the requests that reach the gateway: by the sandbox, by a real service, or by a refusal.

Who answers is decided in `routing`; each exchange is logged.
"""

import base64
import binascii
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dist_sandbox.gateway.log import Exchange, GatewayLog, Outcome
from dist_sandbox.gateway.reading import Reading
from dist_sandbox.gateway.relay import RelayError
from dist_sandbox.gateway.routing import (
    GatewayRequest,
    Moved,
    Permissions,
    Relayed,
    Route,
    Simulated,
    Unanswered,
    choose_route,
)
from dist_sandbox.server.admission import read_headers
from dist_sandbox.server.request_notes import note_gateway

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PHRASES = {
    301: "Moved Permanently",
    400: "Bad Request",
    403: "Refused by the rehearsal",
    421: "Misdirected Request",
    501: "Not simulated by the rehearsal",
    502: "Bad Gateway",
}


@dataclass(frozen=True)
class Tunnel:
    """What is known of a connection before its request.

    Attributes:
        scheme: `https` or `http`.
        host: The host that it leads to, in lower case; empty where only the request says so.
        job: Name of the job that opened it; empty where it is not known.
    """

    scheme: str = "http"
    host: str = ""
    job: str = ""


@dataclass(frozen=True)
class Exchanges:
    """Answers requests, and logs them.

    Attributes:
        application: The sandbox's services.
        reading: Reads from real services.
        permissions: What is let through.
        log: Gets a row for each exchange.
    """

    application: "WSGIApplication"
    reading: Reading
    permissions: Permissions
    log: GatewayLog

    def answer(
        self, tunnel: Tunnel, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request that came through a tunnel."""
        began_at, started = datetime.now(timezone.utc), time.monotonic()
        authority, target = str(environ.get("HTTP_HOST", "")), str(environ["RAW_URI"])
        job = read_job(str(environ.pop("HTTP_PROXY_AUTHORIZATION", ""))) or tunnel.job
        host = tunnel.host or authority.lower().partition(":")[0]
        url = _real_url(tunnel.scheme, host, target)
        request = GatewayRequest(
            tunnel.scheme,
            host,
            authority,
            str(environ["REQUEST_METHOD"]),
            str(environ["PATH_INFO"]),
        )
        route = _find_smuggling(environ) or choose_route(request, self.permissions)
        statuses: list[int] = []

        def record(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuses.append(int(status.split(" ", 1)[0]))
            return start_response(status, headers, exc_info)

        outcome, reason = _describe(route)
        try:
            return self._carry_out(route, url, environ, record)
        except RelayError as error:
            outcome, reason = "refused", str(error)
            return _answer_text(502, reason, record)
        finally:
            if statuses[-1:] == [501] and outcome == "sandbox":
                outcome, reason = "not simulated", f"{request.method} of this address"
            self.log.add(
                Exchange(
                    began_at=began_at,
                    seconds=round(time.monotonic() - started, 4),
                    job=job,
                    method=request.method,
                    url=url,
                    status=statuses[-1] if statuses else 0,
                    outcome=outcome,
                    reason=reason,
                )
            )

    def refuse(self, tunnel: Tunnel, method: str, url: str, status: int, reason: str) -> None:
        """Log what was refused before there was a request to answer."""
        self.log.add(
            Exchange(
                began_at=datetime.now(timezone.utc),
                seconds=0.0,
                job=tunnel.job,
                method=method,
                url=url,
                status=status,
                outcome="refused",
                reason=reason,
            )
        )

    def _carry_out(
        self, route: Route, url: str, environ: "WSGIEnvironment", start: Callable[..., Any]
    ) -> Iterable[bytes]:
        match route:
            case Simulated(path):
                environ["PATH_INFO"] = path
                note_gateway(environ)
                return self.application(environ, start)
            case Relayed(path):
                method = str(environ["REQUEST_METHOD"])
                return self.reading.answer(method, url, path, read_headers(environ), start)
            case Moved():
                start("301 Moved Permanently", [("Location", f"https{url[4:]}"),
                                                ("Content-Length", "0")])  # fmt: skip
                return []
            case Unanswered(status, reason):
                return _answer_text(status, reason, start)


def read_job(authorization: str) -> str:
    """Read the job's name, which is the user name of the proxy's address; empty for none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().rpartition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _find_smuggling(environ: Mapping[str, Any]) -> Unanswered | None:
    """Refuse a request whose end two readers could see in two places."""
    length = str(environ.get("CONTENT_LENGTH") or "0")
    encoding = str(environ.get("HTTP_TRANSFER_ENCODING", ""))
    if not (length.isascii() and length.isdigit()):
        return Unanswered(400, f"the Content-Length {length[:100]!r} is no number")
    if encoding and (encoding.lower() != "chunked" or "CONTENT_LENGTH" in environ):
        return Unanswered(400, "it has a Transfer-Encoding that another reader takes otherwise")
    return None


def _describe(route: Route) -> tuple[Outcome, str]:
    match route:
        case Relayed():
            return "relayed", ""
        case Unanswered(status, reason):
            return ("not simulated" if status == 501 else "refused"), reason
        case _:
            return "sandbox", ""


def _real_url(scheme: str, host: str, target: str) -> str:
    """Write the real address, whether the request names all of it or the path alone."""
    parts = urlsplit(target)
    path = target if not parts.scheme else f"{parts.path}{'?' if parts.query else ''}{parts.query}"
    return f"{scheme}://{host}{path}"


def _answer_text(status: int, reason: str, start: Callable[..., Any]) -> list[bytes]:
    data = f"This rehearsal does not pass on the request: {reason}.\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(data))),
        ("Cache-Control", "no-store"),
    ]
    start(f"{status} {_PHRASES[status]}", headers)
    return [data]
