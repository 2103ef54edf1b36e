"""A sandbox behind its gateway, and an index of this machine that the gateway reads from."""

import contextlib
import functools
import os
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from dist_sandbox.gateway.log import Exchange
from dist_sandbox.gateway.opening import Gateway, open_gateway
from dist_sandbox.server.ready_file import describe, register_first_job
from dist_sandbox.server.running import SandboxSettings, running
from dist_sandbox.world import World
from support.distributions.builders import write_wheel


@dataclass(frozen=True)
class GatewaySandbox:
    """A sandbox whose services have their real names.

    `index` is the folder of the machine's own index, which has the project `upstream`.
    """

    world: World
    gateway: Gateway
    ready: dict[str, Any]
    index: "LocalIndex"

    def environ(self, home: Path, **variables: str) -> dict[str, str]:
        """Return a client's environment, with nothing in it but the gateway's variables."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            **self.gateway.variables("a job"),
            **variables,
        }

    def exchanges(self) -> list[tuple[str, str, int, str]]:
        """List method, address, status and outcome of what passed."""
        return [(row.method, row.url, row.status, row.outcome) for row in self.gateway.log.list()]

    def last(self) -> Exchange:
        """Return what passed last."""
        return self.gateway.log.list()[-1]

    def send(self, data: bytes, *, at_socket: bool = False) -> bytes:
        """Send bytes to the listener, and return all that it answers."""
        with self.connect(at_socket=at_socket) as connection:
            connection.sendall(data)
            return _read_all(connection)

    def send_tls(self, name: str | None, data: bytes, *, tunnel: str = "") -> bytes:
        """Send bytes by TLS for a host's name, within a tunnel to another where there is one."""
        context = ssl.create_default_context(cafile=str(self.gateway.authority))
        context.check_hostname = name is not None
        with self.connect(at_socket=not tunnel) as connection:
            if tunnel:
                connection.sendall(f"CONNECT {tunnel} HTTP/1.1\r\nHost: {tunnel}\r\n\r\n".encode())
                answer = connection.recv(65536)
                if b" 200 " not in answer:
                    return answer
            with context.wrap_socket(connection, server_hostname=name) as secure:
                secure.sendall(data)
                return _read_all(secure)

    @contextlib.contextmanager
    def connect(self, *, at_socket: bool) -> Iterator[socket.socket]:
        """Connect to the port, or to the socket in the file system."""
        if at_socket:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.gateway.socket))
                yield connection
            return
        with socket.create_connection(("127.0.0.1", self.gateway.port)) as connection:
            yield connection


@dataclass(frozen=True)
class LocalIndex:
    """A simple index on loopback, with relative links as many have; `requests` are its paths."""

    url: str
    wheel: Path
    requests: list[str]


@contextlib.contextmanager
def local_index(folder: Path) -> Iterator[LocalIndex]:
    """Serve an index of one project, `upstream`."""
    page = folder / "simple" / "upstream"
    page.mkdir(parents=True)
    wheel = write_wheel(page, "1.0", project="upstream")
    (page / "index.html").write_text(f'<!DOCTYPE html><html><body><a href="{wheel.name}"></a>')
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

        def end_headers(self) -> None:
            asked.append(self.path)
            self.send_header("Cache-Control", "max-age=600")
            super().end_headers()

    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield LocalIndex(f"http://127.0.0.1:{server.server_port}/simple/", wheel, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def gateway_sandbox(
    folder: Path, *, allowed_hosts: tuple[str, ...] = ()
) -> Iterator[GatewaySandbox]:
    """Run a sandbox behind a gateway, in a folder of its own."""
    settings = SandboxSettings(state=folder / "state", real_names=True)
    with (
        local_index(folder / "index") as index,
        running(settings) as world,
        open_gateway(
            world,
            folder=folder / "gateway",
            packages=index.url,
            cache=folder / "cache",
            environ={},
            allowed_hosts=allowed_hosts,
        ) as gateway,
    ):
        yield GatewaySandbox(world, gateway, describe(world, register_first_job(world)), index)


def _read_all(connection: socket.socket) -> bytes:
    chunks = []
    with contextlib.suppress(ConnectionError):
        while chunk := connection.recv(65536):
            chunks.append(chunk)
    return b"".join(chunks)
