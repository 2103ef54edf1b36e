"""What one request and its answer may take: one time and one size for all of it.

Libraries limit the silence between two pieces alone: a server that drips would hold a job for
hours, and one that goes on for ever would fill its memory.
"""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar

import requests
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError
from urllib3.util import parse_url

from dist_actions.errors import ServiceUnavailableError
from dist_actions.job.endpoints import is_public_address, origin
from dist_actions.services.failures import explain_connection_error

#: Answers that are kept: a page of ten thousand files has some MB, and so has a list of releases
#: with their texts; no service that is asked here says more.
ANSWER_BYTES = 32 * 1024 * 1024
#: Bytes per second that count as moving: eight uploads at once over a line of 2 Mbit/s, and a
#: download or two.
_SLOWEST_SENDING, _SLOWEST_RECEIVING = 32 * 1024, 64 * 1024
#: Status line, headers and what frames a body, such as the sizes of its pieces.
_FRAME_BYTES = 4 * 1024 * 1024
_MEBIBYTE = 1024 * 1024
_SENDING: ContextVar["Exchange"] = ContextVar("sending")


class TooLongError(ServiceUnavailableError):
    """An answer has more bytes than any that is expected."""

    def __init__(self, url: str, limit_bytes: int) -> None:
        self.url = url
        super().__init__(
            f"The answer of {origin(url)[1]} does not end within {limit_bytes / _MEBIBYTE:.3g} "
            "MiB.",
            why="it is not the service that answers there, but a proxy or another server.",
            fix="check the address; if it is right, try again later.",
            anchor="service-unavailable",
        )


class NotPublicError(requests.RequestException):
    """A host that must be public has no public address."""


class Exchange:
    """What one request and its answer may still take.

    Its time grows by what is sent and by the body that has come, so that a large file over a slow
    line has time, and a server that drips has not.

    Args:
        url: Of the request.
        seconds: How long it may take with nothing to move.
        answer_bytes: How long the body may be, decoded.
        public_only: Whether only public addresses are connected to.
    """

    def __init__(
        self, url: str, *, seconds: float, answer_bytes: int, public_only: bool = False
    ) -> None:
        self._url = url
        self._seconds = seconds
        self._answer_bytes = answer_bytes
        self._public_only = public_only
        self._began = time.monotonic()
        self._sent_bytes = self._received_bytes = self._body_bytes = 0
        self._failure: Exception | None = None

    @classmethod
    def current(cls) -> "Exchange":
        """Return the one whose request this thread is sending."""
        return _SENDING.get()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Let connections of this thread count for this exchange inside the block.

        Raises:
            requests.RequestException: There is no answer in time.
            TooLongError: Its headers do not end.
        """
        token = _SENDING.set(self)
        try:
            with self.translated_errors():
                yield
        finally:
            _SENDING.reset(token)

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Raise, for an error of the library inside the block, the first of our own behind it.

        Raises:
            requests.RequestException: The connection is broken, or there is no answer in time.
            TooLongError: The answer does not end.
        """
        try:
            yield
        except Exception as error:
            translated = self._translate(error)
            if translated is error:  # an error that names itself as its cause has no end
                raise
            raise translated from error

    def seconds_left(self, at_most: float = float("inf")) -> float:
        """Return how long may be waited for the next piece.

        Raises:
            TimeoutError: No longer.
        """
        sending = self._sent_bytes / _SLOWEST_SENDING
        receiving = min(self._body_bytes, self._received_bytes) / _SLOWEST_RECEIVING
        left = self._began + self._seconds + sending + receiving - time.monotonic()
        if left <= 0:
            raise self.expire()
        return min(left, at_most)

    def expire(self) -> TimeoutError:
        """Give the exchange up, and return what is to be raised inside the library."""
        self._failure = requests.Timeout("no answer in time")
        return TimeoutError("the exchange took too long")

    def fail(self, failure: requests.RequestException) -> None:
        """Raise this at the end, whatever the library makes of its own error."""
        self._failure = failure

    def count_sent(self, size_bytes: int) -> None:
        """Count what was handed to the connection."""
        self._sent_bytes += size_bytes

    def count_received(self, size_bytes: int) -> None:
        """Count what came over the connection, whatever it belongs to.

        Raises:
            OSError: More than any answer has beside its body.
        """
        self._received_bytes += size_bytes
        if self._received_bytes > self._body_bytes + _FRAME_BYTES:
            self._failure = TooLongError(self._url, self._answer_bytes)
            raise OSError("the answer is too long")

    def count_body(self, size_bytes: int) -> None:
        """Count a decoded piece of the body.

        Raises:
            TooLongError: It is longer than the body of any answer.
        """
        self._body_bytes += size_bytes
        if self._body_bytes > self._answer_bytes:
            raise TooLongError(self._url, self._answer_bytes)

    def require_allowed_length(self, headers: Mapping[str, str]) -> None:
        """Refuse an answer that claims to be longer than any that is expected.

        Raises:
            TooLongError: It does.
        """
        claim = headers.get("content-length", "").strip()
        if claim.isascii() and claim.isdigit() and int(claim[:20]) > self._answer_bytes:
            raise TooLongError(self._url, self._answer_bytes)

    def require_allowed_host(self) -> None:
        """Refuse a host that is a local name, or an address in any spelling that is not public.

        Behind a proxy nothing else is known of where a name leads.

        Raises:
            NotPublicError: It must be public.
        """
        if not self._public_only:
            return
        name = (parse_url(self._url).host or "").strip("[]").rstrip(".").lower()
        with suppress(OSError):
            name = socket.inet_ntoa(socket.inet_aton(name))  # `127.1`, `0x7f000001`, `2130706433`
        is_address = ":" in name or name.replace(".", "").isdigit()
        if f".{name}".endswith(".localhost") or (is_address and not is_public_address(name)):
            raise NotPublicError(f"{origin(self._url)[1]} is not public")

    def require_allowed_address(self, address: str) -> None:
        """Refuse an address that a name was resolved to, before anything is sent there.

        Raises:
            OSError: It is not public, and must be.
        """
        if self._public_only and not is_public_address(address):
            self._failure = NotPublicError(f"{origin(self._url)[1]} is not public")
            raise OSError("the address is not public")

    def _translate(self, error: Exception) -> Exception:
        if self._failure is not None:
            return self._failure
        if explained := explain_connection_error(error, self._url):
            return explained
        if isinstance(error, DecodeError):
            return requests.exceptions.ContentDecodingError(str(error))
        if isinstance(error, ProtocolError):
            return requests.exceptions.ChunkedEncodingError(str(error))
        if isinstance(error, (HTTPError, requests.exceptions.InvalidHeader)):
            return requests.ConnectionError(str(error))
        return error
