"""A repository as companies run one: pypiserver on loopback, with a password for everything."""

import base64
import secrets
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dist_sandbox.package_server import create_package_server
from dist_sandbox.server.running import serving

USERNAME = "publisher"


@dataclass
class PrivateIndex:
    """The repository.

    Attributes:
        url: Where it answers, with a trailing slash.
        folder: Where its files are.
    """

    url: str
    folder: Path
    password: str = field(repr=False)

    @property
    def index_url(self) -> str:
        """Return where installers read."""
        return f"{self.url}simple/"

    @property
    def inputs(self) -> dict[str, str]:
        """Return what a workflow gives to publish there."""
        return {
            "index": self.url,
            "index-url": self.index_url,
            "username": USERNAME,
            "password": self.password,
        }

    def files(self) -> dict[str, bytes]:
        """Return what it holds."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}


class BasicAuthentication:
    """A WSGI application that asks for a user and a password before another one answers."""

    def __init__(self, application: Any, username: str, password: str) -> None:
        self._application = application
        self._wanted = base64.b64encode(f"{username}:{password}".encode()).decode()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_AUTHORIZATION", "") == f"Basic {self._wanted}":
            answer: Iterable[bytes] = self._application(environ, start_response)
            return answer
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        challenge = ("WWW-Authenticate", 'Basic realm="private"')
        start_response("401 Unauthorized", [challenge, ("Content-Type", "text/plain")])
        return [b"Who are you?"]


@contextmanager
def served(application: Any, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve an application on a free port of loopback; its address, with a trailing slash."""
    scheme = "http" if tls is None else "https"
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        address = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"
        with serving(application, "127.0.0.1", listener, tls=tls):
            yield address


@contextmanager
def private_index(
    folder: Path, *, shows_hashes: bool = True, tls: ssl.SSLContext | None = None
) -> Iterator[PrivateIndex]:
    """Run one over a folder."""
    folder.mkdir(parents=True)
    password = secrets.token_urlsafe(16)
    server = create_package_server(folder, shows_hashes=shows_hashes)
    with served(BasicAuthentication(server, USERNAME, password), tls) as url:
        yield PrivateIndex(url, folder, password)
