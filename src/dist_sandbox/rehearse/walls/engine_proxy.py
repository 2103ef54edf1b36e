"""Stand between act and the container engine, and keep act's containers within the rules."""

import contextlib
import shutil
import socket
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from dist_sandbox.rehearse.walls.engine_requests import (
    ContainerRules,
    find_resource,
    rewrite_body,
)

_CHUNK_BYTES = 1 << 16
_LARGEST_HEAD = 1 << 20
_END_OF_HEAD = b"\r\n\r\n"


@contextlib.contextmanager
def engine_proxy(engine: Path, rules: ContainerRules) -> Iterator[Path]:
    """Listen on a unix socket until the block ends, and pass requests on to the engine's socket."""
    folder = Path(tempfile.mkdtemp(prefix="engine-", dir="/tmp"))  # a socket's name is short
    try:
        with _Listener(str(folder / "socket"), engine, rules) as listener:
            threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
            yield folder / "socket"
            listener.shutdown()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Listener(socketserver.ThreadingUnixStreamServer):
    """Takes connections; a thread for each."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: str, engine: Path, rules: ContainerRules) -> None:
        self.engine = engine
        self.rules = rules
        super().__init__(address, _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave it to the client, which sees its connection closed."""


class _Connection(socketserver.BaseRequestHandler):
    """One connection, which carries one request, so that each of them is looked at."""

    server: _Listener
    request: socket.socket

    def handle(self) -> None:
        """Rewrite the request, then pass on what both sides say."""
        received = b""
        while _END_OF_HEAD not in received:
            data = self.request.recv(_CHUNK_BYTES)
            if not data or len(received) > _LARGEST_HEAD:
                return
            received += data
        head, _, body = received.partition(_END_OF_HEAD)
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(str(self.server.engine))
            engine.sendall(self._rewrite(head, body))
            back = threading.Thread(target=_pump, args=(engine, self.request), daemon=True)
            back.start()
            _pump(self.request, engine)
            back.join()

    def _rewrite(self, head: bytes, body: bytes) -> bytes:
        request_line, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = request_line.split(" ", 2)
        parts = (line.partition(":") for line in lines)
        headers = [(name, value.strip()) for name, _, value in parts]
        values = {name.lower(): value for name, value in headers}
        resource = find_resource(method, target)
        if resource:
            length = int(values["content-length"])
            while len(body) < length:
                data = self.request.recv(_CHUNK_BYTES)
                if not data:
                    break
                body += data
            body = rewrite_body(resource, body, self.server.rules)
            headers = [(name, v) for name, v in headers if name.lower() != "content-length"]
            headers += [("Content-Length", str(len(body)))]
        if "upgrade" not in values:
            headers = [(name, v) for name, v in headers if name.lower() != "connection"]
            headers += [("Connection", "close")]
        rows = [request_line, *(f"{name}: {value}" for name, value in headers)]
        return "\r\n".join(rows).encode("latin-1") + _END_OF_HEAD + body


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what one side says until it ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK_BYTES):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
