"""Whom a listener of the sandbox answers: clients of this machine that name it, and no web page.

A browser on this machine reaches loopback too, for every page that it shows. What it sends on a
page's behalf names the page in `Origin` or `Sec-Fetch-Site`, or the page's own host in `Host` where
that host's name was made to lead here. The decision is pure.

Spec: https://www.rfc-editor.org/rfc/rfc9110#section-7.2 and https://www.w3.org/TR/fetch-metadata/
"""

import ipaddress
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Names that lead to this machine whatever a name server says.
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::([0-9]{1,5}))?", re.ASCII | re.I)
#: What a browser says of a request that a person typed or that the sandbox's own page made.
_OWN_SITES = ("none", "same-origin")
_REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 421: "Misdirected Request"}
_REASONS[415] = "Unsupported Media Type"
_READING = ("GET", "HEAD", "OPTIONS")

#: Content types of bodies by path, where a protocol has another one than JSON. `*` is any but those
#: that a web page's form can have.
_PROTOCOLS = (
    (re.compile(r"/(sts|oauth2)/"), ("application/x-www-form-urlencoded",)),
    (
        re.compile(r"/((test)?pypi/legacy|private-index|artifact-registry)/"),
        ("multipart/form-data",),
    ),
    (re.compile(r"/api/uploads/"), ("*",)),
    (re.compile(r"/_runner/artifacts/"), ("application/zip",)),
    (
        re.compile(r"/[^/]+/[^/]+/git-(upload|receive)-pack$"),
        ("application/x-git-upload-pack-request", "application/x-git-receive-pack-request"),
    ),
)
_OF_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_JSON = re.compile(r"application/([a-z0-9.+-]+\+)?json", re.ASCII)


@dataclass(frozen=True)
class Refusal:
    """An answer in place of the service's."""

    status: int
    message: str


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port by which a listener is reached."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Origin | None":
        """Read `SCHEME://HOST[:PORT]`; None for anything else."""
        scheme, separator, authority = text.partition("://")
        if not separator or scheme.lower() not in _DEFAULT_PORTS:
            return None
        return cls.of_authority(scheme.lower(), authority)

    @classmethod
    def of_authority(cls, scheme: str, authority: str) -> "Origin | None":
        """Read `HOST[:PORT]`, as the header `Host` has it; None for anything else."""
        match = _AUTHORITY.fullmatch(authority)
        if match is None:
            return None
        address, name, port = match.groups()
        try:
            host = str(ipaddress.IPv6Address(address)) if address else name.lower()
        except ValueError:
            return None
        return cls(scheme, host, int(port) if port else _DEFAULT_PORTS[scheme])


@dataclass(frozen=True)
class Admission:
    """Whom one listener answers: those that call it by one of these addresses."""

    origins: frozenset[Origin]

    @classmethod
    def of_listener(cls, port: int, *, public_url: str = "", tls: bool = False) -> "Admission":
        """List the addresses of a port on this machine, and the one that clients have beside it."""
        scheme = "https" if tls else "http"
        origins = {Origin(scheme, name, port) for name in _LOOPBACK}
        public = urlsplit(public_url)
        origin = Origin.parse(f"{public.scheme}://{public.netloc}")
        return cls(frozenset(origins if origin is None else {*origins, origin}))

    def find_refusal(self, target: str, headers: Mapping[str, str]) -> Refusal | None:
        """Find out why a request is not answered.

        Args:
            target: What stands in the request's line, path and query.
            headers: Headers by name in lower case; those of one name are joined by commas.
        """
        if not target.startswith("/"):
            return Refusal(400, "The request names a whole address; write path and query alone.")
        return self._refuse_host(headers.get("host", "")) or self._refuse_page(headers)

    def _refuse_host(self, host: str) -> Refusal | None:
        if not host:
            return Refusal(400, "The request has no Host; say by which address it was sent.")
        # A proxy that ends TLS passes on the host alone, whose port depends on the scheme.
        if any(Origin.of_authority(scheme, host) in self.origins for scheme in _DEFAULT_PORTS):
            return None
        return Refusal(
            421,
            f"This sandbox has no address {host[:100]!r}: it answers loopback names with its port, "
            "so that no web page reaches it. Start it with --public-url if clients need another.",
        )

    def _refuse_page(self, headers: Mapping[str, str]) -> Refusal | None:
        page, site = headers.get("origin"), headers.get("sec-fetch-site")
        foreign = page is not None and Origin.parse(page) not in self.origins
        if foreign or (site is not None and site not in _OWN_SITES):
            return Refusal(
                403,
                f"A web page of {page or site!r} made this request, and the sandbox answers none "
                "but its own. Send it with a client such as curl.",
            )
        return None


def find_refused_body(method: str, path: str, content_type: str, *, body: bool) -> Refusal | None:
    """Refuse a write whose content type is not the one of the path's protocol.

    The bodies that a web page's form can send have other types than JSON.
    """
    if method in _READING or (not content_type and not body):
        return None
    kind = content_type.partition(";")[0].strip().lower()
    expected = next((types for pattern, types in _PROTOCOLS if pattern.match(path)), ())
    if _JSON.fullmatch(kind) or kind in expected:
        return None
    if "*" in expected and kind not in _OF_FORMS:
        return None
    readable = ", ".join(("application/json", *expected)).replace("*", "that of the file")
    return Refusal(
        415, f"The content type {kind[:100]!r} is not read at this address; send {readable}."
    )


def is_token(header: str, token: str) -> bool:
    """Tell whether the header `Authorization` holds exactly this bearer, in constant time."""
    scheme, _, value = header.partition(" ")
    same = secrets.compare_digest(value.encode("latin-1", "replace"), token.encode())
    return bool(token) and scheme.lower() == "bearer" and same


class AdmissionControl:
    """A WSGI application around all that one listener serves, which refuses what is not meant."""

    def __init__(self, application: "WSGIApplication", admission: Admission) -> None:
        self._application = application
        self._admission = admission

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request, or refuse it before anything else sees it."""
        refusal = self._admission.find_refusal(_target(environ), read_headers(environ))
        if refusal is not None:
            return answer_refusal(refusal, start_response)
        return self._application(environ, start_response)


def read_headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """Read a request's headers, by name in lower case."""
    return {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def answer_refusal(refusal: Refusal, start_response: "StartResponse") -> list[bytes]:
    """Answer a request with a refusal."""
    data = json.dumps({"message": refusal.message}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
    if refusal.status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    start_response(f"{refusal.status} {_REASONS[refusal.status]}", headers)
    return [data]


def _target(environ: "WSGIEnvironment") -> str:
    # What the server makes of it is in PATH_INFO: of a whole address it takes the host, too.
    raw: Any = environ.get("RAW_URI", environ.get("PATH_INFO", ""))
    return str(raw)
