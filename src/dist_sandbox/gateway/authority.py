"""A certificate authority for one gateway, and certificates for the hosts that clients ask for."""

import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import trustme

_ServerName = Callable[[ssl.SSLObject, str | None, ssl.SSLContext], int | None]


class CertificateAuthority:
    """Issues a certificate for each host that is asked for; its key stays in this process.

    `file` is its own certificate in PEM, for the clients.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._authority = trustme.CA(organization_name="dist-sandbox")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self._authority.cert_pem.write_to_path(str(file))

    def context(self, host: str) -> ssl.SSLContext:
        """Return the server's side of TLS for a host, made when it is first asked for."""
        with self._lock:
            if host not in self._contexts:
                context = _server_context()
                self._authority.issue_cert(host).configure_cert(context)
                self._contexts[host] = context
            return self._contexts[host]

    def create_context(self, choose: _ServerName) -> ssl.SSLContext:
        """Create a server's side of TLS that looks at the name in the handshake first."""
        context = _server_context()
        context.sni_callback = choose
        return context


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context
