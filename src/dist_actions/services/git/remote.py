"""A git repository that speaks to a server: within limits, and again where that helps."""

import re

from dist_actions.errors import GitError
from dist_actions.services.answers import is_passing
from dist_actions.services.failures import (
    explain_certificate,
    explain_proxy_refusal,
    host_not_found,
    port_closed,
)
from dist_actions.services.git.checkout import Git
from dist_actions.services.retries import (
    DEFAULT_EXCHANGE_SECONDS,
    LIMIT_PAUSE_SECONDS,
    Retries,
    Transient,
)

#: What git may keep in memory while it speaks to a server, which could go on for ever: of a list of
#: refs it keeps all, of a history much.
_LIST_KIB, _HISTORY_KIB = 96 * 1024, 1024 * 1024
#: What git and curl say of a server that does not answer, not to the end, or not as one. Refusals
#: by other statuses, such as 401 and 403, are final.
_PASSING = re.compile(
    r"The requested URL returned error: (?P<status>[0-9]{3})|RPC failed|Empty reply|"
    r"Could not resolve|Failed to connect|Couldn't connect|Connection (?:reset|refused|timed out)|"
    r"Operation timed out|Recv failure|Send failure|hung up unexpectedly|early EOF|"
    r"unexpected disconnect|Operation too slow|timed out after|[Oo]ut of memory|memory exhausted|"
    # What answers is not git's server.
    r"bad line length|protocol error|invalid server response|bad pack header|index-pack failed|"
    r"not valid: is this a git repository"
)


#: What git says of what lies on the way to a server, in the words of curl and its TLS libraries.
_URL = re.compile(r"unable to access 'https?://(?:[^@/']*@)?([^/']+)")
_NO_HOST = re.compile(r"Could not resolve (?:host|proxy): ([A-Za-z0-9._-]+)")
_NO_PORT = re.compile(
    r"Failed to connect to (\S+) port ([0-9]+).*: (?:Connection refused|Couldn't)"
)
_CERTIFICATE = re.compile(
    r"(?:SSL certificate problem: |SSL: (?=no alternative certificate |certificate subject name )|"
    r"(?=server certificate verification failed))(?P<reason>.*?)(?:\. CAfile.*)?$",
    re.MULTILINE,
)
_PROXY = re.compile(
    r"(?:Received HTTP code |CONNECT tunnel failed, response |returned error: )(?P<status>407)"
)


class GitRemote:
    """A repository that speaks to a server.

    Args:
        git: The repository; its settings hold the credential.
        retries: How patient requests are; None for a single try.
    """

    def __init__(self, git: Git, retries: Retries | None) -> None:
        self._git = git
        self._retries = retries

    def run(self, operation: str, *arguments: str) -> str:
        """Run a git command that may be repeated, and return what it prints, stripped.

        Args:
            operation: What it does, for messages: `fetch from GitHub`.

        Raises:
            GitError: It failed for good.
            ServiceUnavailableError: The server did not answer for too long.
        """
        memory_kib = _LIST_KIB if arguments[0] == "ls-remote" else _HISTORY_KIB
        if self._retries is None:
            limited = self._git.towards_server(DEFAULT_EXCHANGE_SECONDS, memory_kib)
            return _run(limited, arguments)
        limited = self._git.towards_server(self._retries.exchange_seconds, memory_kib)
        return self._retries.call(operation, lambda: _run(limited, arguments), _classify)


def _run(git: Git, arguments: tuple[str, ...]) -> str:
    """Run a git command; a certificate or a proxy in the way is told as what it is.

    Raises:
        GitError: It failed.
        NetworkError: Because of one of these.
    """
    try:
        return git.run(*arguments)
    except GitError as error:
        host = match[1] if (match := _URL.search(error.what)) else "the server"
        if match := _CERTIFICATE.search(error.what):
            raise explain_certificate(host, match["reason"]) from error
        if match := _PROXY.search(error.what):
            raise explain_proxy_refusal(host, int(match["status"])) from error
        raise


def _classify(error: Exception) -> Transient | None:
    if not isinstance(error, GitError) or (match := _PASSING.search(error.what)) is None:
        return None
    status = int(match["status"] or 0)
    if status == 429:
        return Transient("HTTP 429, a rate limit", LIMIT_PAUSE_SECONDS)
    if status:
        return Transient(f"HTTP {status}") if is_passing(status) else None
    if host := _NO_HOST.search(error.what):
        return host_not_found(host[1]).transient
    if place := _NO_PORT.search(error.what):
        return port_closed(place[1], int(place[2])).transient
    return Transient("the connection failed")
