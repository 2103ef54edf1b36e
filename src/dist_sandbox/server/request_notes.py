"""Notes of a handler for the request log, about the request that it serves.

The notes travel in the WSGI environment, so that a Flask view and a mounted WSGI application leave
them in the same way. They hold names, digests and a yes or no, never a
credential.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

from flask import request

from dist_sandbox.gateway.names import real_url

_PRINCIPAL = "dist_sandbox.principal"
_CHANGED = "dist_sandbox.changed"
_FAULT = "dist_sandbox.fault"
_GATEWAY = "dist_sandbox.gateway"
_FILES = "dist_sandbox.files"


def note_principal(environ: MutableMapping[str, Any], principal: str) -> None:
    """Note who asks, as the service recognised it: `app:automation-bot`, `user:developer`."""
    environ[_PRINCIPAL] = principal


def note_change(environ: MutableMapping[str, Any]) -> None:
    """Note that the service's state is different since this request."""
    environ[_CHANGED] = True


def note_file(environ: MutableMapping[str, Any], name: str, sha256: str) -> None:
    """Note that the service keeps a file of this request, which is a change too."""
    environ.setdefault(_FILES, []).append((name, sha256))
    note_change(environ)


def noted_files(environ: MutableMapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """List the files that the service keeps of the request, each with its sha256."""
    return tuple(environ.get(_FILES, ()))


def noted_principal(environ: MutableMapping[str, Any]) -> str:
    """Return who asked, empty where nobody was recognised."""
    return str(environ.get(_PRINCIPAL, ""))


def noted_change(environ: MutableMapping[str, Any]) -> bool:
    """Tell whether the request changed something."""
    return bool(environ.get(_CHANGED, False))


def note_fault(environ: MutableMapping[str, Any]) -> None:
    """Note that the answer is not the service's own, or not all of it."""
    environ[_FAULT] = True


def noted_fault(environ: MutableMapping[str, Any]) -> bool:
    """Tell whether a fault changed the answer."""
    return bool(environ.get(_FAULT, False))


def note_gateway(environ: MutableMapping[str, Any]) -> None:
    """Note that the client reached the service by its real name."""
    environ[_GATEWAY] = True


def came_through_gateway(environ: Mapping[str, Any]) -> bool:
    """Tell whether the client reached the service by its real name, which no web page can."""
    return _GATEWAY in environ


def url_for_client(path: str) -> str:
    """Return the address of a path of the sandbox, as the current request's client reaches it."""
    if came_through_gateway(request.environ):
        return real_url(path)
    return f"{request.host_url.rstrip('/')}{path}"
