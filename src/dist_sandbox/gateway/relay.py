"""Read packages from real services, and keep what was read for the next rehearsal."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from cachecontrol import CacheControlAdapter
from cachecontrol.caches import SeparateBodyFileCache
from requests.auth import AuthBase, HTTPBasicAuth
from requests.exceptions import RequestException

from dist_sandbox.gateway.python_packages import Page

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
    """Reads from real services, as this machine reaches them, and keeps what may be kept.

    The credentials of an address with a user name in it go to that host alone; those of the user's
    `.netrc` go to no host that the machine does not read packages from.

    Args:
        cache: Folder for what is kept.
        indexes: Addresses of the machine's own indexes, maybe with user name and password.
    """

    def __init__(self, cache: Path, indexes: Sequence[str] = ()) -> None:
        self._session = requests.Session()
        adapter = CacheControlAdapter(
            SeparateBodyFileCache(str(cache)),
            pool_connections=_CONNECTIONS,
            pool_maxsize=_CONNECTIONS,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self._session.headers.clear()
        self._logins: dict[str, AuthBase | None] = {}
        for parts in map(urlsplit, indexes):
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
            login = HTTPBasicAuth(user, password) if user else None
            self._logins[parts.hostname or ""] = login

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
        response = self._request(method, url, passed_on)
        kept = [
            (name, response.headers[name]) for name in _RESPONSE_HEADERS if name in response.headers
        ]
        start_response(f"{response.status_code} {response.reason or 'Relayed'}", kept)
        # Of an answer without a body, reading to its end keeps the connection for the next request.
        return _stream(response)

    def read_page(self, url: str, headers: Mapping[str, str]) -> Page | None:
        """Read a page of an index; None for one that is not there.

        Raises:
            RelayError: The index does not answer, or refuses.
        """
        response = self._request("GET", url, headers, follow=True)
        with response:
            if response.status_code == 404:
                return None
            if not response.ok:
                raise RelayError(f"{url} answers {response.status_code} {response.reason}")
            return Page(response.headers.get("Content-Type", ""), response.text, response.url)

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], *, follow: bool = False
    ) -> requests.Response:
        host = urlsplit(url).hostname or ""
        try:
            return self._session.request(
                method,
                url,
                headers={"accept-encoding": "identity", **headers},
                auth=self._logins.get(host, _Nobody()),
                stream=True,
                allow_redirects=follow,
                timeout=_TIMEOUT_SECONDS,
            )
        except RequestException as error:
            raise RelayError(f"{url} could not be read: {error}") from error


class _Nobody(AuthBase):
    """Sends no credentials, not even those of `.netrc`."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


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
