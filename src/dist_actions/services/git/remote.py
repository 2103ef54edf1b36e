"""A git repository that speaks to a server: within limits, and again where that helps."""

import re
from collections.abc import Callable
from typing import TypeVar

from dist_actions.errors import GitError
from dist_actions.services.answers import is_doubtful, is_passing
from dist_actions.services.failures import (
    classify_connection_failure,
    explain_certificate,
    explain_proxy_refusal,
    host_not_found,
    port_closed,
)
from dist_actions.services.git.checkout import Git, tells_of_full_disk
from dist_actions.services.refusals import Explanation
from dist_actions.services.retries import (
    DEFAULT_EXCHANGE_SECONDS,
    LIMIT_PAUSE_SECONDS,
    Retries,
    Transient,
)

T = TypeVar("T")

#: What git may keep in memory while it speaks to a server, which could go on for ever: of a list of
#: refs it keeps all, of a history much.
_LIST_KIB, _HISTORY_KIB = 96 * 1024, 1024 * 1024
#: A list of refs takes two exchanges.
_LIST_EXCHANGES = 2
#: A push takes one more. git itself waits for ever where an answer is none of its server's.
_PUSH_EXCHANGES = 3
#: What git and curl say of a server that does not answer, not to the end, or not as one. Refusals
#: by other statuses, such as 401 and 403, are final.
_PASSING = re.compile(
    # Of both, "RPC failed; HTTP 403 curl 22 The requested URL returned error: 403" has the first.
    r"(?:The requested URL returned error: |RPC failed; HTTP )(?P<status>[0-9]{3})|"
    r"RPC failed|Empty reply|"
    r"Could not resolve|Failed to connect|Couldn't connect|Connection (?:reset|refused|timed out)|"
    r"Operation timed out|Recv failure|Send failure|early EOF|"
    r"hung up (?:unexpectedly|upon initial contact)|Could not read from remote repository|"
    r"transfer closed|bytes missing|not closed cleanly|recv error|unexpected eof|"
    r"unexpected disconnect|Operation too slow|timed out after|[Oo]ut of memory|memory exhausted|"
    # What answers is not git's server.
    r"bad line length|protocol error|invalid server response|bad pack header|index-pack failed|"
    r"pack signature mismatch|unpack-objects failed|did not send all necessary objects|"
    r"not valid: is this a git repository|did not end within|"
    r"expected (?:(?:a )?flush|ACK|packfile|no other|shallow|wanted|response)|"
    r"unexpected (?:acknowledgment|wanted|response)|bytes of (?:body|length header)|"
    # It was listed a moment ago.
    r"couldn't find remote ref|git-http-push failed"
)
#: Of these, the ones about a server that hangs or drips.
_TOO_SLOW = re.compile(r"Operation t(?:oo slow|imed out)|timed out after|did not end within")
#: Two statuses that git tells in words of its own: it would ask for a password now.
_UNAUTHORISED = re.compile(r"could not read (?:Username|Password)|Authentication failed for")
_MISSING = re.compile(r"repository '[^']*' not found")

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


class _NoBranchError(GitError):
    """A list has no branch: it is an empty repository's, or another server's."""


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
        pushes = arguments[0] == "push"
        limited = self._git.towards_server(
            self._seconds,
            _HISTORY_KIB,
            whole_seconds=_PUSH_EXCHANGES * self._seconds if pushes else None,
        )
        output = self._repeat(operation, lambda: _run(limited, arguments), _classify)
        if pushes and self._retries:
            self._retries.record_change(operation)
        return output

    def list_refs(self, operation: str, url: str, *patterns: str) -> dict[str, str]:
        """List refs of a server with the names of their objects.

        Each server has a `HEAD`; from one that lists none, git had an answer that it could read as
        an empty list.

        Args:
            operation: As for `run`.
            patterns: Which refs, as `git ls-remote` takes them.

        Raises:
            The same as `run`.
        """
        # Nothing goes on after the list, so that connecting may not take long either.
        limited = self._git.towards_server(
            self._seconds, _LIST_KIB, whole_seconds=_LIST_EXCHANGES * self._seconds
        )
        arguments = ("ls-remote", "--end-of-options", url, "HEAD", *patterns)

        def attempt() -> dict[str, str]:
            lines = _run(limited, arguments).splitlines()
            pairs = (line.split("\t") for line in lines if "\t" in line)
            refs = {name: sha for sha, name in pairs}
            if "HEAD" not in refs:
                message = f"Could not {operation}: the answer lists no branch."
                raise _EMPTY.error(_NoBranchError, message)
            return refs

        return self._repeat(operation, attempt, _classify_list)

    @property
    def _seconds(self) -> float:
        return self._retries.exchange_seconds if self._retries else DEFAULT_EXCHANGE_SECONDS

    def _repeat(
        self,
        operation: str,
        attempt: Callable[[], T],
        classify: Callable[[Exception], Transient | None],
    ) -> T:
        if self._retries is None:
            return attempt()
        return self._retries.call(operation, attempt, classify)


def _run(git: Git, arguments: tuple[str, ...]) -> str:
    """Run a git command; a certificate or a proxy in the way is told as what it is.

    Raises:
        GitError: It failed.
        NetworkError: Because of one of these.
    """
    try:
        return git.run(*arguments)
    except GitError as error:
        if tells_of_full_disk(error.what):
            raise
        host = match[1] if (match := _URL.search(error.what)) else "the server"
        if match := _CERTIFICATE.search(error.what):
            raise explain_certificate(host, match["reason"]) from error
        if match := _PROXY.search(error.what):
            raise explain_proxy_refusal(host, int(match["status"])) from error
        raise _explain(error) from error


def _explain(error: GitError) -> GitError:
    """Say why a server refuses; the checkout, which git's other errors are about, has no part."""
    return _REFUSALS.get(_status(error.what), _DISAGREEMENT).error(GitError, error.what)


def _status(text: str) -> int:
    """Find the HTTP status that git tells of; 0 where it tells of none."""
    if _UNAUTHORISED.search(text):
        return 401
    if _MISSING.search(text):
        return 404
    match = _PASSING.search(text)
    return int(match["status"] or 0) if match else 0


_DISAGREEMENT = Explanation(
    why="git and its server do not agree, or this machine cannot keep what came.",
    fix="see what git says; if it does not tell, try again.",
    anchor="service-unavailable",
)
_EMPTY = Explanation(
    why="the repository is empty, or its default branch was never pushed.",
    fix="push that branch, then try again; if it is there, look at the proxies.",
    anchor="service-unavailable",
)
_MAY_NOT = Explanation(
    why="the token may not do this in the repository; to GitHub, what may not be seen does not "
    "exist.",
    fix="let the token read Contents (a job by `permissions: contents: read`), and an App write "
    "them, too.",
    anchor="github-403",
)
_REFUSALS = {
    401: Explanation(
        why="the token is not valid, expired, or was revoked.",
        fix="check the token that it is given.",
        anchor="github-401",
    ),
    403: _MAY_NOT,
    404: _MAY_NOT,
}


def _classify_list(error: Exception) -> Transient | None:
    if isinstance(error, _NoBranchError):
        return Transient("the answer lists no branch", attempts=2, refusing=True)
    return _classify(error)


def _classify(error: Exception) -> Transient | None:
    if not isinstance(error, GitError) or tells_of_full_disk(error.what):
        return classify_connection_failure(error)
    status = _status(error.what)
    if status:
        return _classify_status(status)
    if host := _NO_HOST.search(error.what):
        return host_not_found(host[1]).transient
    if place := _NO_PORT.search(error.what):
        return port_closed(place[1], int(place[2])).transient
    if _TOO_SLOW.search(error.what):
        return Transient("no answer in time")
    return Transient("the connection failed") if _PASSING.search(error.what) else None


def _classify_status(status: int) -> Transient | None:
    if status == 429:
        return Transient("HTTP 429, a rate limit", LIMIT_PAUSE_SECONDS)
    if is_doubtful(status):
        return Transient(f"HTTP {status}", attempts=2, refusing=True)
    return Transient(f"HTTP {status}") if is_passing(status) else None
