"""What stands between this machine and a service: a name, a port, a certificate, a proxy.

Libraries say all of it by the same kind of error; here it is told apart, with what mends it.
"""

import re
import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError

from dist_actions.errors import NetworkError
from dist_actions.job.endpoints import origin
from dist_actions.services.answers import Meaning, is_passing, meaning_of
from dist_actions.services.json_fields import UnreadableError
from dist_actions.services.refusals import Explanation
from dist_actions.services.retries import Transient

#: A name that is not found is looked up once more, after a pause in which a resolver recovers.
_LOOKUPS, _LOOKUP_PAUSE_SECONDS = 2, 5.0
_TUNNEL = re.compile(r"Tunnel connection failed: (?P<status>[0-9]{3})", re.ASCII)
#: OpenSSL's numbers of what is wrong with a certificate: not valid yet, expired; another name,
#: another address.
_WRONG_TIME, _WRONG_NAME = frozenset({9, 10}), frozenset({62, 64})
_PASSWORD = Explanation(
    why="a proxy stands between this machine and the service, and lets nobody through without a "
    "user name and a password.",
    fix="write them into the variable that names the proxy, https://USER:PASSWORD@HOST:PORT in "
    "HTTPS_PROXY, from a secret; or list the host in NO_PROXY if it can be reached without one.",
    anchor="proxy",
)
_REFUSED = Explanation(
    why="a proxy stands between this machine and the service, and does not let this host through.",
    fix="ask whoever runs the proxy to allow the host, or list it in NO_PROXY if it can be "
    "reached without one.",
    anchor="proxy",
)
_UNKNOWN_AUTHORITY = Explanation(
    why="an authority signed it that this machine does not know, such as a company's own, or a "
    "proxy reads along.",
    fix="set SSL_CERT_FILE (of a job in its `env:`) to a PEM file with the certificates of all "
    "authorities to trust, this one included.",
    anchor="certificate",
)
_CERTIFICATES = {
    **dict.fromkeys(
        _WRONG_TIME,
        Explanation(
            why="it is out of date, or the clock of this machine is wrong.",
            fix="ask whoever runs the server to renew it; on a machine of your own, look at its "
            "clock first.",
            anchor="certificate",
        ),
    ),
    **dict.fromkeys(
        _WRONG_NAME,
        Explanation(
            why="it is the certificate of another host: the address is misspelt, or another "
            "server answers there.",
            fix="correct the address, or ask whoever runs the server for a certificate of this "
            "host.",
            anchor="certificate",
        ),
    ),
}
_NO_HOST = Explanation(
    why="no name server that this machine asks knows the host: it is misspelt, or known in another "
    "network only.",
    fix="correct the address; if it is right, see that this machine can resolve it, and try again.",
    anchor="host-not-reached",
)
_CLOSED = Explanation(
    why="nothing listens at this port: the address or its port is wrong, or the server is down.",
    fix="correct the address; if it is right, try again once the server is up.",
    anchor="host-not-reached",
)
_NO_TLS = Explanation(
    why="what answers there does not speak TLS as https needs it: the port is one of plain http, "
    "or something on the way broke off.",
    fix="correct the address and its port; if they are right, try again.",
    anchor="host-not-reached",
)
_PROXY_FAILED = Explanation(
    why="the proxy between this machine and the service cannot reach the service at the moment.",
    fix="try again later; if it stays, ask whoever runs the proxy.",
    anchor="proxy",
)
_NOT_THE_SERVICE = Explanation(
    why="it is not the service that answers there, but a proxy or another server; or the service "
    "is disturbed at the moment.",
    fix="try again; if it comes back, check the service's address and the proxies.",
    anchor="service-unavailable",
)


#: By words of curl, which gives no number.
_NUMBERS = {"expired": 10, "not yet valid": 9, "subject name": 62}


class UnreachableError(requests.ConnectionError):
    """There is no connection to a service, for a cause that is known.

    Attributes:
        transient: Whether and how often another try helps, and what mends it otherwise.
    """

    def __init__(self, transient: Transient) -> None:
        super().__init__(transient.reason)
        self.transient = transient


def host_not_found(host: str, *, is_proxy: bool = False) -> UnreachableError:
    """Make the error of a host whose name leads nowhere."""
    reason = f"the host {_described(host, is_proxy=is_proxy)} is not found"
    return UnreachableError(
        Transient(reason, _LOOKUP_PAUSE_SECONDS, cause=_NO_HOST, attempts=_LOOKUPS)
    )


def port_closed(host: str, port: int | None, *, is_proxy: bool = False) -> UnreachableError:
    """Make the error of a host that refuses connections."""
    place = _described(f"{host}:{port}", is_proxy=is_proxy)
    return UnreachableError(Transient(f"{place} refuses connections", cause=_CLOSED))


def explain_connection_error(error: Exception, url: str) -> Exception | None:
    """Find the cause of a library's error, if it is a name, a certificate, TLS or a proxy.

    Args:
        url: What was asked for.

    Returns:
        A `NetworkError` where another try is of no use, an `UnreachableError` where one may be,
        None where it is another cause.
    """
    host = origin(url)[1]
    for cause in causes_of(error):
        tunnel = _TUNNEL.search(str(cause)) if isinstance(cause, OSError) else None
        if isinstance(cause, NameResolutionError):
            return host_not_found(host)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return explain_certificate(host, cause.verify_message, cause.verify_code)
        if tunnel is not None and not isinstance(cause, requests.RequestException):
            return _explain_tunnel(host, int(tunnel["status"]))
    reason = next((cause.reason for cause in causes_of(error) if _is_tls(cause)), None)  # type: ignore[attr-defined]
    if reason is None:
        return None
    words = str(reason).replace("_", " ").lower()
    return UnreachableError(Transient(f"no TLS with {host}: {words}", cause=_NO_TLS))


def find_obstacle(error: BaseException) -> Exception | None:
    """Find what stood in the way behind an error of a library that speaks HTTP by itself.

    Returns:
        As `explain_connection_error` does.
    """
    for cause in causes_of(error):
        if isinstance(cause, (NetworkError, UnreachableError)):
            return cause
        if isinstance(cause, MaxRetryError) and cause.pool is not None:
            return explain_connection_error(cause, f"https://{cause.pool.host}")
    return None


def explain_certificate(host: str, reason: str, code: int = 0) -> NetworkError:
    """Explain that a server's certificate is not accepted.

    Args:
        host: Whose it is, with its port.
        reason: OpenSSL's words: `certificate has expired`.
        code: OpenSSL's number of them; 0 where it is not known.
    """
    code = code or next((code for words, code in _NUMBERS.items() if words in reason), 0)
    return _CERTIFICATES.get(code, _UNKNOWN_AUTHORITY).error(
        NetworkError, f"The certificate of {host} is not accepted: {reason.rstrip('.')}."
    )


def explain_proxy_refusal(host: str, status: int) -> NetworkError:
    """Explain that a proxy does not let a request through.

    Args:
        host: Who was meant, with its port.
        status: The proxy's.
    """
    if meaning_of(status) is Meaning.PROXY:
        message = f"A proxy on the way to {host} wants a password (HTTP {status})."
        return _PASSWORD.error(NetworkError, message)
    return _REFUSED.error(NetworkError, f"A proxy refuses the way to {host} (HTTP {status}).")


def classify_connection_failure(error: BaseException) -> Transient | None:
    """Tell what a failure without a whole answer means; None where it is another kind of error."""
    if isinstance(error, UnreachableError):
        return error.transient
    if isinstance(error, UnreadableError):
        return Transient(str(error), cause=_NOT_THE_SERVICE)
    if isinstance(error, requests.Timeout):
        return Transient("no answer in time")
    return Transient("the connection failed") if isinstance(error, _BROKEN_OFF) else None


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from; each once, since libraries make circles of them.

    urllib3 keeps the cause as `reason`, and its callers hand errors on as arguments of others.
    """
    waiting: list[BaseException] = [error]
    causes: list[BaseException] = []
    while waiting:
        current = waiting.pop(0)
        if current in causes:
            continue
        yield current
        causes.append(current)
        behind = (current.__cause__, current.__context__, getattr(current, "reason", None))
        waiting += [other for other in (*behind, *current.args) if isinstance(other, BaseException)]


#: Besides broken connections, bodies that end too early or are not encoded as they say.
_BROKEN_OFF = (
    requests.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


def _explain_tunnel(host: str, status: int) -> Exception:
    if is_passing(status):
        reason = f"the proxy on the way to {host} answers HTTP {status}"
        return UnreachableError(Transient(reason, cause=_PROXY_FAILED))
    return explain_proxy_refusal(host, status)


def _is_tls(cause: BaseException) -> bool:
    return isinstance(cause, ssl.SSLError) and bool(cause.reason)


def _described(place: str, *, is_proxy: bool) -> str:
    return f"{place} of the proxy" if is_proxy else place
