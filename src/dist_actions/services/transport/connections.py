"""Connections that wait for no piece longer than their exchange has left, and count all that moves.

They are urllib3's, with a socket of ours around its own.
"""

import io
import socket
from typing import Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

from dist_actions.services.failures import host_not_found, port_closed
from dist_actions.services.transport.exchange import Exchange

#: For one of several addresses of a host, so that the next one is tried in time.
_CONNECT_SECONDS = 10.0


class _CountedReader(io.RawIOBase):
    """What a server sends, one piece after the other."""

    def __init__(self, stream: Any, sock: socket.socket, exchange: Exchange) -> None:
        self._stream = stream
        self._socket = sock
        self._exchange = exchange

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read the next piece, in the time that is left."""
        self._socket.settimeout(self._exchange.seconds_left())
        try:
            size_bytes: int | None = self._stream.readinto(buffer)
        except TimeoutError as error:
            raise self._exchange.expire() from error
        self._exchange.count_received(size_bytes or 0)
        return size_bytes

    def close(self) -> None:
        """Close it, and with it the socket that nothing else uses any more."""
        self._stream.close()
        super().close()


class _CountedSocket:
    """A socket, plain or of TLS, whose pieces count for the exchange of now."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def sendall(self, data: Any, *_: Any) -> None:
        """Send all of it, in the time that is left."""
        exchange = Exchange.current()
        remaining = memoryview(data).cast("B")
        while remaining:
            self._socket.settimeout(exchange.seconds_left())
            try:
                size_bytes = self._socket.send(remaining)
            except TimeoutError as error:
                raise exchange.expire() from error
            exchange.count_sent(size_bytes)
            remaining = remaining[size_bytes:]

    def makefile(self, mode: str, *_: Any, **__: Any) -> io.BufferedReader:
        """Open what the server sends for reading, for one answer."""
        stream = self._socket.makefile(cast("Any", mode), buffering=0)
        return io.BufferedReader(_CountedReader(stream, self._socket, Exchange.current()))

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the socket."""
        return getattr(self._socket, name)


class _Counting:
    """A connection of urllib3 that counts from its first byte, TLS and a proxy's greeting too."""

    _counted: _CountedSocket | None = None

    @property
    def sock(self) -> Any:
        """Return the socket that counts; None while there is none."""
        return self._counted

    @sock.setter
    def sock(self, sock: socket.socket | None) -> None:
        self._counted = None if sock is None else _CountedSocket(sock)

    def _new_conn(self) -> socket.socket:
        """Connect to the first of the host's addresses that answers."""
        connection = cast("HTTPConnection", self)
        exchange = Exchange.current()
        host, port = connection._dns_host.strip("[]"), connection.port
        is_proxy = connection.proxy is not None
        try:
            infos = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
        except UnicodeError as error:
            exchange.fail(host_not_found(host, is_proxy=is_proxy))
            raise NewConnectionError(connection, f"{host!r} is no host") from error
        except socket.gaierror as error:
            exchange.fail(host_not_found(host, is_proxy=is_proxy))
            raise NameResolutionError(connection.host, connection, error) from error
        problem: OSError | None = None
        for address in [str(info[4][0]) for info in infos]:
            if not is_proxy:
                exchange.require_allowed_address(address)
            try:
                return create_connection(
                    (address, port),
                    exchange.seconds_left(_CONNECT_SECONDS),
                    source_address=connection.source_address,
                    socket_options=connection.socket_options,
                )
            except OSError as error:
                problem = error
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(connection, "no address answered") from problem
        if isinstance(problem, ConnectionRefusedError):
            exchange.fail(port_closed(host, port, is_proxy=is_proxy))
        raise NewConnectionError(connection, f"no address answered: {problem}") from problem


class _PlainConnection(_Counting, HTTPConnection):
    pass


class _SecureConnection(_Counting, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = cast("Any", _PlainConnection)


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = cast("Any", _SecureConnection)


#: urllib3's kinds of pools by scheme, of connections that count.
POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}
