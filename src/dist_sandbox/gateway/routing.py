"""Decide what becomes of a request to a real host; pure.

Whatever writes to a service that the sandbox does not simulate is refused, whoever it is for.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dist_sandbox.errors import AddressError
from dist_sandbox.gateway.names import is_simulated, service_path

READING_METHODS = frozenset({"GET", "HEAD"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?", re.ASCII)
#: Where PyPI shows a project or a file: what the simulated one does not have, the real one may.
_PACKAGES = re.compile(r"/pypi/(simple|pypi|files)/.+")
#: Addresses that name a repository of GitHub, with its owner and name.
_REPOSITORIES = {
    "api.github.com": re.compile(r"/repos/([^/]+)/([^/]+)(/.*)?", re.DOTALL),
    "uploads.github.com": re.compile(r"/repos/([^/]+)/([^/]+)(/.*)?", re.DOTALL),
    "github.com": re.compile(r"/([^/]+)/([^/]+)(/.*)?", re.DOTALL),
}
_PORTS = {"https": 443, "http": 80}
#: How much of a path is shown.
_LONGEST_PATH = 200


@dataclass(frozen=True)
class GatewayRequest:
    """What the decision needs of a request.

    Attributes:
        scheme: `https` or `http`.
        host: The host that the connection is for, in lower case.
        authority: What the header `Host` says.
        method: HTTP method.
        path: Decoded path.
    """

    scheme: str
    host: str
    authority: str
    method: str
    path: str


@dataclass(frozen=True)
class Simulated:
    """Serve it by the sandbox, at this path."""

    path: str


@dataclass(frozen=True)
class Relayed:
    """Read it from the real service; `path` is where the sandbox would have served it."""

    path: str


@dataclass(frozen=True)
class Moved:
    """Send the client to https, as the real host does."""


@dataclass(frozen=True)
class Unanswered:
    """Answer in nobody's name: the host is not let through, or this is not simulated (501)."""

    status: int
    reason: str


Route = Simulated | Relayed | Moved | Unanswered


@dataclass(frozen=True)
class Permissions:
    """What a gateway lets through besides the simulated services.

    Attributes:
        is_mirror: Tells whether packages are read from a host.
        allowed: Hosts that the user lets through, for reading.
        has_repository: Tells whether the sandbox has a repository, by owner and name.
        has_package: Tells whether its PyPI has what is at a path, by that path.
    """

    is_mirror: Callable[[str], bool]
    allowed: frozenset[str]
    has_repository: Callable[[str, str], bool]
    has_package: Callable[[str], bool]


def find_unreachable(host: str, port: int) -> str:
    """Say why no connection is made to a host and port at all; empty where it may be."""
    if port not in _PORTS.values():
        return f"port {port} of {host[:100]} is not reached in a rehearsal, only 443 and 80 are"
    if _is_address(host):
        return f"{host[:100]} is an IP address, and a rehearsal knows hosts by their names only"
    if not _HOST.fullmatch(host) or "." not in host:
        return f"{host[:100]!r} is not the name of a host"
    return ""


def require_hosts(hosts: Sequence[str]) -> tuple[str, ...]:
    """Return the names of hosts that are let through.

    Raises:
        AddressError: One is no name of a host, so that nothing would ever be let through.
    """
    for host in hosts:
        if unreachable := find_unreachable(host.lower(), _PORTS["https"]):
            raise AddressError.no_host(host, unreachable)
    return tuple(hosts)


def choose_route(request: GatewayRequest, permissions: Permissions) -> Route:
    """Decide who answers a request."""
    default_port = _PORTS[request.scheme]
    host, _, port = request.authority.lower().rpartition(":")
    if host == request.host and port.isdecimal() and int(port) != default_port:
        problem = f"port {port[:5]} of {host[:100]} is not reached by {request.scheme}"
        return Unanswered(403, f"{problem} in a rehearsal, only {default_port} is")
    if request.authority.lower() not in (request.host, f"{request.host}:{default_port}"):
        return Unanswered(421, f"it is for {request.host}, and its Host is another")
    if unreachable := find_unreachable(request.host, default_port):
        return Unanswered(403, unreachable)
    if is_simulated(request.host):
        return Moved() if request.scheme == "http" else _choose_service(request, permissions)
    reads = request.method in READING_METHODS
    if request.host in permissions.allowed or permissions.is_mirror(request.host):
        return Relayed(request.path) if reads else _refuse_writing(request)
    return Unanswered(
        403, f"{request.host} is not simulated. --allow-host {request.host} lets it be read"
    )


def _choose_service(request: GatewayRequest, permissions: Permissions) -> Route:
    path, reads = service_path(request.host, request.path), request.method in READING_METHODS
    missing = _find_missing(request, permissions)
    if path is None or missing:
        if reads and request.host in permissions.allowed:
            return Relayed(request.path)
        address = f"{request.host}{request.path[:_LONGEST_PATH]}"
        return Unanswered(501, f"{missing or address} is not simulated")
    if reads and _PACKAGES.fullmatch(path) and not permissions.has_package(path):
        return Relayed(path)
    return Simulated(path)


def _find_missing(request: GatewayRequest, permissions: Permissions) -> str:
    """Name the repository that a request is about, if the sandbox does not have it."""
    pattern = _REPOSITORIES.get(request.host)
    match = pattern.fullmatch(request.path) if pattern else None
    if match is None or permissions.has_repository(match[1], match[2].removesuffix(".git")):
        return ""
    return f"the repository {match[1]}/{match[2].removesuffix('.git')}"


def _refuse_writing(request: GatewayRequest) -> Unanswered:
    return Unanswered(
        403, f"{request.host} may be read in a rehearsal, and {request.method} could change it"
    )


def _is_address(host: str) -> bool:
    # Numbers alone are addresses to some clients, too: 2130706433 and 0x7f.1 are 127.0.0.1.
    if re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*", host, re.ASCII | re.I):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
