"""Faults that a test asks for: what replaces or alters a service's answer to a request.

Every service can fail in these ways. What a service refuses by its own rules is no fault, and is
requested from that service instead.
"""

import contextlib
import itertools
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from dist_sandbox.clock import Clock
from dist_sandbox.server.request_notes import note_fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: `reset` drops the connection without an answer, `cut` in the middle of the service's answer.
#: The others hold it until the client gives up: `drip` sends headers byte by byte, `endless` sends
#: a body, `claim` says how long its body is and sends none.
Connection = Literal["", "reset", "cut", "drip", "endless", "claim"]
_HELD = ("drip", "endless", "claim")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DRIP_SECONDS = 0.5
_CLAIMED_BYTES = 10 * 1024**3


@dataclass(frozen=True)
class Fault:
    """What happens to some requests.

    Attributes:
        method: HTTP method; empty for every one.
        path: Regular expression that is searched in the path; empty for every one.
        skip: How many matching requests pass before the first that is hit.
        times: How many are hit then.
        delay_seconds: What a hit request waits at first.
        applied: Whether the service still serves a request whose answer is replaced or dropped.
        status: Of the answer in place of the service's; 0 for none.
        headers: Of that answer; a `Content-Length` may be wrong on purpose.
        body: Of that answer.
        connection: What happens to the connection.
    """

    method: str = ""
    path: str = ""
    skip: int = 0
    times: int = 1
    delay_seconds: float = 0.0
    applied: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    connection: Connection = ""

    @classmethod
    def from_json(cls, body: Any) -> "Fault":
        """Read a fault from a request of the control interface; what is left out has its default.

        Raises:
            ValueError: A name, type or value is unusable.
        """
        if not isinstance(body, dict):
            raise ValueError("the body is a JSON object")
        default = asdict(cls())
        for name, value in body.items():
            if name not in default:
                raise ValueError(f"{name} is none of {', '.join(default)}")
            expected = (int, float) if name == "delay_seconds" else type(default[name])
            if not isinstance(value, expected):
                raise ValueError(f"{name} is of another type than {default[name]!r}")
        if body.get("connection", "") not in get_args(Connection):
            raise ValueError(f"connection is one of {', '.join(get_args(Connection)[1:])}")
        try:
            re.compile(body.get("path", ""))
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}") from error
        return cls(**body)

    def matches(self, method: str, path: str) -> bool:
        """Tell whether the fault is meant for this request."""
        return self.method in ("", method) and re.search(self.path, path) is not None


class Faults:
    """The faults that are still to happen; of several that match, the one asked for first does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """List the faults that are still to happen."""
        with self._lock:
            return list(self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """Take the fault that hits this request, counted down; None where none does."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if not fault.matches(method, path):
                    continue
                if fault.skip:
                    self._waiting[index] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times > 1:
                    self._waiting[index] = replace(fault, times=fault.times - 1)
                else:
                    del self._waiting[index]
                return fault
        return None


class FaultInjection:
    """A WSGI application around services, which lets faults happen to their requests."""

    def __init__(self, services: "WSGIApplication", faults: Faults, clock: Clock) -> None:
        self._services = services
        self._faults = faults
        self._clock = clock

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request, or fail in the way that was asked for."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(("/_sandbox/", "/_runner/")):
            return self._services(environ, start_response)
        fault = self._faults.take(str(environ["REQUEST_METHOD"]), path)
        if fault is None:
            return self._services(environ, start_response)
        if fault.delay_seconds:
            self._clock.sleep(fault.delay_seconds)
        if not fault.status and not fault.connection:
            return self._services(environ, start_response)
        note_fault(environ)
        if fault.connection == "cut":
            return _halved(b"".join(self._services(environ, start_response)), environ)
        if fault.applied:
            b"".join(self._services(environ, cast("StartResponse", _ignore_answer)))
        if fault.connection in _HELD:
            self._hold(fault.connection, environ["werkzeug.socket"])
        if fault.connection:
            _drop(environ)
            start_response("000 No answer", [])
            return []
        return _replaced(fault, start_response)

    def _hold(self, how: Connection, connection: socket.socket) -> None:
        """Send what never becomes an answer, until the client closes the connection."""
        with contextlib.suppress(OSError):
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


def _halved(data: bytes, environ: "WSGIEnvironment") -> Iterator[bytes]:
    """Yield the first half of an answer whose headers promise all of it."""
    yield data[: len(data) // 2]
    _drop(environ)


def _drop(environ: "WSGIEnvironment") -> None:
    """End the connection; what is written to it from now on is lost."""
    connection: socket.socket = environ["werkzeug.socket"]
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
