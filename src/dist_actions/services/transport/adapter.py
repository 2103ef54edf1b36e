"""Carry the requests of any `requests.Session`, each within one time and one size.

    session.mount("https://", Transport(seconds=60))

Our own client has it, and so have PyGithub's, twine's and Sigstore's. Everything counts:
connecting, TLS, a proxy's greeting, what is sent, status line, headers, body, and what follows it.
"""

import os
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.poolmanager import PoolManager
from urllib3.response import BaseHTTPResponse

from dist_actions.errors import DistActionsError
from dist_actions.job.endpoints import origin
from dist_actions.services.answers import Meaning, meaning_of
from dist_actions.services.failures import explain_proxy_refusal
from dist_actions.services.transport.certificates import certificate_bundle
from dist_actions.services.transport.connections import POOLS
from dist_actions.services.transport.exchange import ANSWER_BYTES, Exchange, TooLongError

#: Bytes handed to a connection at once; with http.client's own 16 KiB a large wheel takes longer.
_POOL_OPTIONS = {"blocksize": 1024 * 1024}


class Transport(HTTPAdapter):
    """Carries the requests of a session, each within its time and size; it repeats nothing.

    Args:
        seconds: How long an exchange may take with nothing to move.
        shows_location: Whether a redirect's target is passed on. Where it is not, no library
            follows it, or breaks down over one that is no address.
    """

    def __init__(self, seconds: float, *, shows_location: bool = False) -> None:
        self._seconds = seconds
        self._shows_location = shows_location
        # From where requests takes proxies and two of these variables, too.
        self._authorities = certificate_bundle(os.environ)
        super().__init__()

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        """Make the pools, of connections that count."""
        options = {**_POOL_OPTIONS, **pool_kwargs}
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> PoolManager:
        """Make the pools of a proxy, of connections that count."""
        manager: PoolManager = super().proxy_manager_for(proxy, **{**_POOL_OPTIONS, **proxy_kwargs})
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = POOLS
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        *_: Any,
        answer_bytes: int = ANSWER_BYTES,
        public_only: bool = False,
        **options: Any,
    ) -> requests.Response:
        """Send a request; what the answer's body holds is counted while it is read.

        A session hands the arguments on that it does not know.

        Args:
            answer_bytes: How long the body may be.
            public_only: Whether only public addresses are connected to.

        Raises:
            requests.RequestException: There is no whole answer in time.
            NetworkError: A certificate is not accepted, or a proxy refuses.
            TooLongError: The answer does not end.
        """
        exchange = Exchange(
            request.url or "",
            seconds=self._seconds,
            answer_bytes=answer_bytes,
            public_only=public_only,
        )
        exchange.require_allowed_host()
        options |= {"stream": True, "timeout": self._seconds}
        if self._authorities and options.get("verify", True) is True:
            options["verify"] = self._authorities
        with exchange.sending():
            response = super().send(request, **options)
        try:
            _require_way_through(request.url or "", response.status_code)
            exchange.require_allowed_length(response.headers)
        except DistActionsError:
            response.close()
            raise
        # requests would guess from the whole body, which takes long.
        response.encoding = "utf-8"
        response.raw = _Body(response.raw, exchange)
        if not self._shows_location:
            response.headers.pop("location", None)
        return response


def _require_way_through(url: str, status: int) -> None:
    if meaning_of(status) is Meaning.PROXY:
        raise explain_proxy_refusal(origin(url)[1], status)


class _Body:
    """The body of an answer, which is counted while `requests` reads it."""

    def __init__(self, response: BaseHTTPResponse, exchange: Exchange) -> None:
        self._response = response
        self._exchange = exchange

    def read(self, size_bytes: int) -> bytes:
        """Read a piece, decoded."""
        with self._exchange.translated_errors():
            data = self._response.read(size_bytes, decode_content=True)
        try:
            self._exchange.count_body(len(data))
        except TooLongError:
            self.close()
            raise
        return data

    def close(self) -> None:
        """Give the connection up."""
        self._response.close()

    def release_conn(self) -> None:
        """Give the connection back for the next exchange."""
        self._response.release_conn()
