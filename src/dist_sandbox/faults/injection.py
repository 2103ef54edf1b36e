"""Let faults happen to the requests of services."""

import contextlib
import itertools
import socket
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from dist_sandbox.clock import Clock
from dist_sandbox.faults.fault import HELD, Connection, Fault, Faults
from dist_sandbox.faults.gate import Gate
from dist_sandbox.server.request_notes import note_fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DRIP_SECONDS = 0.5
_CLAIMED_BYTES = 10 * 1024**3


class FaultInjection:
    """A WSGI application around services, which lets faults happen to their requests.

    Args:
        services: What is asked.
        faults: What is to happen.
        clock: Of the sandbox.
        gate: Where requests may have to wait.
    """

    def __init__(
        self, services: "WSGIApplication", faults: Faults, clock: Clock, gate: Gate
    ) -> None:
        self._services = services
        self._faults = faults
        self._clock = clock
        self._gate = gate

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request, or fail in the way that was asked for."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(("/_sandbox/", "/_runner/")):
            return self._services(environ, start_response)
        if self._gate.is_shut:
            return self._serve_held(environ, start_response)
        return self._serve(environ, start_response)

    def _serve_held(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve and answer a request when it may be."""
        path, port = str(environ.get("PATH_INFO", "")), int(environ.get("REMOTE_PORT", 0))
        held = self._gate.hold(str(environ["REQUEST_METHOD"]), path, port)
        if not held.await_service():
            note_fault(environ)
            start_response("000 No answer", [])
            return _dropped(environ)
        answer = self._serve(environ, start_response)
        if held.await_answer():
            return answer
        return _dropped(environ, answer)

    def _serve(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve a request, or fail as was asked for."""
        path = str(environ.get("PATH_INFO", ""))
        fault = self._faults.take(str(environ["REQUEST_METHOD"]), path)
        if fault is None:
            return self._services(environ, start_response)
        if fault.delay_seconds:
            self._clock.sleep(fault.delay_seconds)
        if not fault.status and not fault.connection:
            return self._services(environ, start_response)
        note_fault(environ)
        if fault.connection == "cut":
            return _cut(_read(self._services(environ, start_response)), environ)
        if fault.connection == "half":
            return self._answer_by_half(environ, start_response)
        if fault.applied:
            _read(self._services(environ, cast("StartResponse", _ignore_answer)))
        if fault.connection in HELD:
            self._hold(fault.connection, environ["werkzeug.socket"])
        if fault.connection:
            start_response("000 No answer", [])
            return _dropped(environ)
        return _replaced(fault, start_response)

    def _answer_by_half(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve a request, and answer with the first half of the body as if it were all."""
        heads: list[tuple[str, list[tuple[str, str]]]] = []

        def keep(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
            heads.append((status, headers))
            return lambda _data: None

        data = _read(self._services(environ, cast("StartResponse", keep)))
        half = data[: len(data) // 2]
        status, headers = heads[-1]
        others = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*others, ("Content-Length", str(len(half)))])
        return [half]

    def _hold(self, how: Connection, connection: socket.socket) -> None:
        """Send what never becomes an answer, until the client closes the connection."""
        with contextlib.suppress(OSError):
            if how == "silent":
                while connection.recv(2**16):
                    pass
                return
            if how == "drip":
                for number in itertools.count():
                    connection.sendall(_HEAD[number : number + 1] or b"x")
                    self._clock.sleep(_DRIP_SECONDS)
            if how == "claim":
                connection.sendall(_HEAD + b"Content-Length: %d\r\n\r\n" % _CLAIMED_BYTES)
                while connection.recv(2**16):  # what is left of the request, then the end
                    pass
            connection.sendall(_HEAD + b"\r\n")
            while True:
                connection.sendall(b" " * 2**16)


def _replaced(fault: Fault, start_response: "StartResponse") -> Iterable[bytes]:
    body = fault.body.encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    headers |= {name.title(): value for name, value in fault.headers.items()}
    phrase = HTTPStatus(fault.status).phrase
    start_response(f"{fault.status} {phrase}", [*headers.items()])
    return [body]


def _ignore_answer(
    _status: str, _headers: list[tuple[str, str]], _exc_info: Any = None
) -> Callable[[bytes], object]:
    """Serve as `start_response` for an answer that nobody gets."""
    return lambda _data: None


def _read(answer: Iterable[bytes]) -> bytes:
    """Read an answer to its end, and close it as a server does: a file may be behind it."""
    try:
        return b"".join(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()


def _cut(data: bytes, environ: "WSGIEnvironment") -> Iterator[bytes]:
    """Yield the first half of an answer whose headers promise all of it."""
    yield data[: len(data) // 2]
    _drop(environ)


def _dropped(environ: "WSGIEnvironment", answer: Iterable[bytes] = ()) -> Iterator[bytes]:
    """End the connection before an answer is written: the log has the request by now."""
    _drop(environ)
    yield from answer


def _drop(environ: "WSGIEnvironment") -> None:
    """End the connection; what is written to it from now on is lost."""
    connection: socket.socket = environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
