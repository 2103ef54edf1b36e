"""One index at the root of a port of its own, as it is at the root of a host in reality.

Clients that look for Trusted Publishing ask `/_/oidc/audience` of the host that they upload to,
whatever the upload's own path is.
"""

import contextlib
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dist_sandbox.keys.issuer_keys import IssuerKeys
from dist_sandbox.pypi.routes import create_blueprints
from dist_sandbox.pypi.state import IndexName
from dist_sandbox.server.running import create_application, serving
from dist_sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HOST = "127.0.0.1"


@contextlib.contextmanager
def index_at_root(
    world: World, name: IndexName, *, tls: ssl.SSLContext | None = None, public_url: str = ""
) -> Iterator[str]:
    """Serve an index of a running sandbox at the root, too, until the block ends.

    Requests are logged as those to the sandbox's own address are, by their paths there.

    Args:
        tls: Certificate and key, for clients that insist on https.
        public_url: What clients call it that a proxy leads here.

    Yields:
        The base address without a trailing slash: `legacy/`, `simple/` and `_/oidc/` are below it.
    """
    keys = IssuerKeys(world.addresses.bypass_gateway)
    blueprints = create_blueprints(world.pypi, world.clock, keys)
    application = _AtRoot(create_application(world, blueprints), name)
    with socket.create_server((_HOST, 0), backlog=128) as listener:
        scheme = "http" if tls is None else "https"
        with serving(application, _HOST, listener, public_url=public_url, tls=tls):
            yield f"{scheme}://{_HOST}:{listener.getsockname()[1]}"


class _AtRoot:
    """Puts the index's name before every path that does not begin with it, as its links do."""

    def __init__(self, application: "WSGIApplication", name: IndexName) -> None:
        self._application = application
        self._prefix = f"/{name}"

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        inner: dict[str, Any] = dict(environ)
        if not path.startswith(f"{self._prefix}/"):
            inner["PATH_INFO"] = f"{self._prefix}{path}"
        return self._application(inner, start_response)
