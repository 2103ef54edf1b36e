"""Wrap the services: refuse what is not meant for them, delay, number and log every request.

The answer's date is the sandbox's own.
"""

import re
import time
from collections.abc import Callable, Iterable
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from dist_sandbox.server.admission import Refusal, answer_refusal, find_refused_body, is_token
from dist_sandbox.server.request_log import LoggedRequest
from dist_sandbox.server.request_notes import (
    came_through_gateway,
    noted_change,
    noted_files,
    noted_principal,
)
from dist_sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Paths of the control interface, and of what jobs ask their runner for: no part of any service,
#: and not logged.
CONTROL, RUNNER = "/_sandbox", "/_runner"

#: Names of services by how their paths start; anything else is git over HTTP.
_SERVICES = {
    "api": "github",
    "oidc": "oidc",
    "sts": "sts",
    "oauth2": "oauth2",
    "iam-credentials": "iam-credentials",
    "artifact-registry": "artifact-registry",
    "artifact-registry-api": "artifact-registry",
    "pypi": "pypi",
    "testpypi": "testpypi",
    "private-index": "private-index",
}

#: How much of a refused upload is read, so that its sender gets to read the refusal.
_DRAIN_BYTES = 256 * 1024 * 1024
_CHUNK_BYTES = 1 << 16

#: Query parameters that are credentials.
_SECRET_PARAMETERS = re.compile(r"(?<![^&])(sig|access_token|token)=[^&]*")


class _CountedInput:
    """A request's body that knows how much of it was read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.consumed_bytes = 0

    def read(self, size: int = -1) -> bytes:
        return self._count(self._stream.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._count(self._stream.readline(size))

    def readinto(self, buffer: bytearray) -> int:
        count = int(self._stream.readinto(buffer))
        self.consumed_bytes += count
        return count

    def __iter__(self) -> "Iterable[bytes]":
        return iter(self.readline, b"")

    def _count(self, data: bytes) -> bytes:
        self.consumed_bytes += len(data)
        return data


class Middleware:
    """A WSGI application around the services of one sandbox."""

    def __init__(self, services: "WSGIApplication", world: World) -> None:
        self._services = services
        self._world = world

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request."""
        path = str(environ.get("PATH_INFO", ""))
        refusal = self._find_refusal(environ, path)
        if refusal is not None:
            return answer_refusal(refusal, start_response)
        if _is_below(path, CONTROL) or _is_below(path, RUNNER):
            return self._services(environ, start_response)
        number = self._world.requests.begin()
        began, started = time.time(), time.monotonic()
        if self._world.latency_seconds > 0:
            self._world.clock.sleep(self._world.latency_seconds)
        statuses: list[int] = []
        body = environ["wsgi.input"] = _CountedInput(environ["wsgi.input"])
        answer = self._services(environ, self._recording(start_response, statuses))
        _drain(environ, body)
        self._world.requests.record(
            LoggedRequest(
                number=number,
                service=_SERVICES.get(path.strip("/").split("/")[0], "git"),
                principal=noted_principal(environ),
                method=str(environ["REQUEST_METHOD"]),
                path=path,
                query=_SECRET_PARAMETERS.sub(r"\1=***", str(environ.get("QUERY_STRING", ""))),
                status=statuses[-1] if statuses else 0,
                changed=noted_change(environ),
                seconds=round(time.monotonic() - started, 4),
                began=began,
                files=noted_files(environ),
            )
        )
        return answer

    def _find_refusal(self, environ: "WSGIEnvironment", path: str) -> Refusal | None:
        """Find out why a request gets no answer of a service."""
        token = self._world.control_token
        if _is_below(path, CONTROL) and not is_token(environ.get("HTTP_AUTHORIZATION", ""), token):
            return Refusal(
                401,
                "The control interface wants `Authorization: Bearer TOKEN`, with the control_token "
                "of the ready file.",
            )
        if came_through_gateway(environ):
            # curl sends the type of forms unless it is told another, and the services read it.
            return None
        length = str(environ.get("CONTENT_LENGTH") or "0")
        return find_refused_body(
            str(environ["REQUEST_METHOD"]),
            path,
            str(environ.get("CONTENT_TYPE", "")),
            body=length != "0" or "HTTP_TRANSFER_ENCODING" in environ,
        )

    def _recording(
        self, start_response: "StartResponse", statuses: list[int]
    ) -> Callable[..., Any]:
        """Make a `start_response` that keeps the status and sets the sandbox's own date."""

        def record(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuses.append(int(status.split(" ", 1)[0]))
            dateless = [(name, value) for name, value in headers if name.lower() != "date"]
            date = format_datetime(self._world.clock.now(), usegmt=True)
            return start_response(status, [*dateless, ("Date", date)], exc_info)

        return record


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _drain(environ: "WSGIEnvironment", body: _CountedInput) -> None:
    """Read the rest of the body: closing with unread data would reset the connection."""
    length = str(environ.get("CONTENT_LENGTH") or "0")
    unread = min(int(length) if length.isdigit() else 0, _DRAIN_BYTES) - body.consumed_bytes
    while unread > 0:
        chunk = body.read(min(unread, _CHUNK_BYTES))
        if not chunk:
            return
        unread -= len(chunk)
