"""Read packages from real services, and keep what was read for the next rehearsal."""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from cachecontrol import CacheControlAdapter
from cachecontrol.caches import SeparateBodyFileCache
from requests.exceptions import RequestException

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

#: How long a connection, and each read from it, may take.
_TIMEOUT_SECONDS = 30.0
#: How long a whole exchange may take.
_EXCHANGE_SECONDS = 600.0
_CHUNK_BYTES = 1 << 16
#: Connections to one host that are kept.
_CONNECTIONS = 32
#: The headers that are passed on; no credential is among them.
_REQUEST_HEADERS = ("accept", "accept-encoding", "user-agent", "range", "if-none-match")
_RESPONSE_HEADERS = (
    "accept-ranges", "cache-control", "content-encoding", "content-length", "content-range",
    "content-type", "etag", "last-modified", "location", "vary",
)  # fmt: skip


class RelayError(Exception):
    """A real service that does not answer; the text says what happened."""


class Relay:
    """Reads from real services, as this machine reaches them.

    The folder holds what may be kept.
    """

    def __init__(self, cache: Path) -> None:
        self._session = requests.Session()
        adapter = CacheControlAdapter(
            SeparateBodyFileCache(str(cache)),
            pool_connections=_CONNECTIONS,
            pool_maxsize=_CONNECTIONS,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self._session.headers.clear()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request with what the real service answers.

        Args:
            method: GET or HEAD.
            url: The real address.
            headers: The client's, by name in lower case.

        Raises:
            RelayError: The service does not answer.
        """
        passed_on = {name: headers[name] for name in _REQUEST_HEADERS if name in headers}
        passed_on.setdefault("accept-encoding", "identity")
        try:
            response = self._session.request(
                method,
                url,
                headers=passed_on,
                stream=True,
                allow_redirects=False,
                timeout=_TIMEOUT_SECONDS,
            )
        except RequestException as error:
            raise RelayError(f"{url} could not be read: {error}") from error
        kept = [(name, response.headers[name]) for name in _RESPONSE_HEADERS
                if name in response.headers]  # fmt: skip
        start_response(f"{response.status_code} {response.reason or 'Relayed'}", kept)
        return _stream(response) if method == "GET" else _end(response)


def _end(response: requests.Response) -> Iterable[bytes]:
    response.close()
    return []


def _stream(response: requests.Response) -> Iterator[bytes]:
    """Pass the body on as it comes, still encoded.

    Raises:
        RelayError: It takes too long; the client sees that the connection ends early.
    """
    end = time.monotonic() + _EXCHANGE_SECONDS
    raw: Any = response.raw
    with response:
        for chunk in raw.stream(_CHUNK_BYTES, decode_content=False):
            yield chunk
            if time.monotonic() > end:
                raise RelayError(f"{response.url} took longer than {_EXCHANGE_SECONDS:.0f} s")
