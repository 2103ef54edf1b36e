"""A proxy on loopback by which clients reach the sandbox under Artifact Registry's own host names.

Some clients look at the name of a host before they offer credentials. They are given addresses as
users have them, with `http`, and this proxy, which asks the sandbox in the host's place.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import requests

_HOST = re.compile(r"([a-z0-9-]+)-python\.pkg\.dev", re.ASCII)
_TIMEOUT_SECONDS = 30
#: Headers of one connection alone, or that are made anew.
_NOT_FORWARDED = {"host", "connection", "proxy-connection", "content-length", "transfer-encoding"}


@contextmanager
def package_hosts(base: str) -> Iterator[str]:
    """Run the proxy; yield its address.

    Args:
        base: The sandbox's address.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._forward()

        def do_HEAD(self) -> None:
            self._forward()

        def do_POST(self) -> None:
            self._forward()

        def _forward(self) -> None:
            address = urlsplit(self.path)
            host = _HOST.fullmatch(address.hostname or "")
            if host is None:
                self.send_error(502, "Not one of Artifact Registry's hosts")
                return
            path = address.path
            if not path.startswith("/artifact-registry/"):
                path = f"/artifact-registry/{host[1]}{path}"
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {
                name: v for name, v in self.headers.items() if name.lower() not in _NOT_FORWARDED
            }
            with requests.Session() as session:
                session.trust_env = False
                answer = session.request(
                    self.command,
                    f"{base}{path}",
                    headers=headers,
                    data=body,
                    timeout=_TIMEOUT_SECONDS,
                    allow_redirects=False,
                )
            self.send_response_only(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in _NOT_FORWARDED | {"content-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
