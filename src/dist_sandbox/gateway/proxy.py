"""Listen for clients: as a proxy, and as every host that a name may have led them to.

A client sends `CONNECT`, a request with a whole address, TLS with the host's name, or a request as
it would send it to the host. Each connection carries one request, so that no second one can hide
behind the first.
"""

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler

from dist_sandbox.gateway.authority import CertificateAuthority
from dist_sandbox.gateway.exchanges import Exchanges, Tunnel, read_job
from dist_sandbox.gateway.routing import find_unreachable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: A client that sends nothing for so long is gone.
_IDLE_SECONDS = 120.0
#: How long stopping may take: the listeners look this often whether they are to stop.
_POLL_SECONDS = 0.02
#: What the first byte of TLS is.
_HANDSHAKE = b"\x16"


class _Facade:
    """What werkzeug's handler asks its server."""

    multithread = True
    multiprocess = False
    passthrough_errors = False
    server_address = ("127.0.0.1", 0)
    _server_version = "dist-sandbox"

    def __init__(self, exchanges: Exchanges, tunnel: Tunnel) -> None:
        self._exchanges = exchanges
        self._tunnel = tunnel
        self.ssl_context = True if tunnel.scheme == "https" else None

    def app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterator[bytes] | Any":
        """Answer a request."""
        return self._exchanges.answer(self._tunnel, environ, start_response)

    def log(self, *_arguments: object) -> None:
        """Log nothing: the exchanges do."""


class _Handler(WSGIRequestHandler):
    """Reads one request of a connection, and answers it."""

    protocol_version = "HTTP/1.1"

    def __init__(
        self, connection: socket.socket, exchanges: Exchanges, authority: CertificateAuthority,
        tunnel: Tunnel,
    ) -> None:  # fmt: skip
        self._exchanges = exchanges
        self._authority = authority
        self._tunnel = tunnel
        facade = cast("BaseWSGIServer", _Facade(exchanges, tunnel))
        super().__init__(connection, ("127.0.0.1", 0), facade)

    def log(self, *_arguments: object) -> None:
        """Log nothing: the exchanges do."""

    def make_environ(self) -> "WSGIEnvironment":
        """Describe the request; werkzeug would keep the last of several lengths."""
        environ = super().make_environ()
        lengths = self.headers.get_all("Content-Length", [])
        if len(lengths) > 1:
            environ["CONTENT_LENGTH"] = ", ".join(lengths)
        return environ

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer; whoever made it has set the date."""
        self.send_response_only(code, message)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request."""
        url = f"{self._tunnel.scheme}://{self._tunnel.host}"
        self._exchanges.refuse(self._tunnel, "?", url, code, message or "it is no HTTP request")
        super().send_error(code, message, explain)

    def do_CONNECT(self) -> None:  # noqa: N802 - the name is http.server's
        """Open a tunnel to a host, which ends here."""
        self.close_connection = True
        host, _, port = self.path.lower().rpartition(":")
        job = read_job(self.headers.get("Proxy-Authorization", ""))
        nested = bool(self._tunnel.host)
        unreachable = (
            "there is a tunnel within a tunnel"
            if nested
            else find_unreachable(host, int(port) if port.isascii() and port.isdigit() else 0)
        )
        tunnel = Tunnel("https" if port == "443" else "http", host, job)
        if unreachable:
            self._exchanges.refuse(tunnel, "CONNECT", f"tcp://{self.path[:300]}", 403, unreachable)
            text = f"This rehearsal does not open the connection: {unreachable}.\n".encode()
            self.wfile.write(
                b"HTTP/1.1 403 Refused by the rehearsal\r\nContent-Type: text/plain\r\n"
                b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(text) + text
            )
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        serve_connection(self.connection, self._exchanges, self._authority, tunnel)


def serve_connection(
    connection: socket.socket,
    exchanges: Exchanges,
    authority: CertificateAuthority,
    tunnel: Tunnel,
) -> None:
    """Serve a connection: TLS if it begins with a handshake, else plain HTTP."""
    connection.settimeout(_IDLE_SECONDS)
    if connection.recv(1, socket.MSG_PEEK) != _HANDSHAKE:
        plain = Tunnel("http", tunnel.host, tunnel.job)
        _Handler(connection, exchanges, authority, plain)
        return
    try:
        secure, host = _accept_tls(connection, authority, tunnel.host)
    except (ssl.SSLError, OSError, _NameError) as error:
        exchanges.refuse(tunnel, "TLS", f"https://{tunnel.host}", 0, str(error))
        return
    with secure:
        _Handler(secure, exchanges, authority, Tunnel("https", host, tunnel.job))
        with contextlib.suppress(OSError):
            secure.unwrap()


class _NameError(Exception):
    """A handshake for no host, or for another than that of the tunnel."""


def _accept_tls(
    connection: socket.socket, authority: CertificateAuthority, host: str
) -> tuple[ssl.SSLSocket, str]:
    """Take the server's side of TLS for the host of the tunnel, or else for that of the handshake.

    Raises:
        _NameError: There is no such host.
        ssl.SSLError: The client does not trust the authority, or speaks something else.
    """
    names = [host] if host else []

    def choose(handshake: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        asked = (name or host).lower()
        if (host and asked != host) or find_unreachable(asked, 443):
            names[:] = []
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        names[:] = [asked]
        handshake.context = authority.context(asked)
        return None

    context = authority.create_context(choose)
    try:
        secure = context.wrap_socket(connection, server_side=True)
    except ssl.SSLError as error:
        if not names:
            raise _NameError("the handshake is for another host, or for none") from error
        raise
    return secure, names[0]


class _Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens on loopback; a thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: Any, exchanges: Exchanges, authority: CertificateAuthority) -> None:
        self._exchanges = exchanges
        self._authority = authority
        self._open: set[socket.socket] = set()
        super().__init__(address, socketserver.BaseRequestHandler)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Serve one connection; a packet does not wait until the one before is confirmed."""
        if request.family != socket.AF_UNIX:
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(request)
        with contextlib.suppress(OSError):
            serve_connection(request, self._exchanges, self._authority, Tunnel())

    def shutdown_request(self, request: Any) -> None:
        """Close one connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the listener and every connection."""
        super().server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave a failed connection to its log row; the client sees it closed."""


class _UnixListener(_Listener):
    """Listens on a socket in the file system."""

    address_family = socket.AF_UNIX


@contextlib.contextmanager
def listening(
    exchanges: Exchanges, authority: CertificateAuthority, *, socket_file: Path
) -> Iterator[int]:
    """Listen on a free port of loopback and at a socket until the block ends; yield the port."""
    with contextlib.ExitStack() as closing:
        tcp = closing.enter_context(_Listener(("127.0.0.1", 0), exchanges, authority))
        unix = closing.enter_context(_UnixListener(str(socket_file), exchanges, authority))
        closing.callback(socket_file.unlink, missing_ok=True)
        for server in (tcp, unix):
            thread = threading.Thread(
                target=server.serve_forever, args=(_POLL_SECONDS,), name="gateway", daemon=True
            )
            thread.start()
            closing.callback(thread.join)
            closing.callback(server.shutdown)
        yield int(tcp.server_address[1])
