"""A git repository that speaks to a server: within limits, and again where that helps."""

import re

from dist_actions.errors import GitError
from dist_actions.services.answers import is_passing
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
            return limited.run(*arguments)
        limited = self._git.towards_server(self._retries.exchange_seconds, memory_kib)
        return self._retries.call(operation, lambda: limited.run(*arguments), _classify)


def _classify(error: Exception) -> Transient | None:
    match = _PASSING.search(error.what) if isinstance(error, GitError) else None
    if match is None:
        return None
    status = int(match["status"] or 0)
    if status == 429:
        return Transient("HTTP 429, a rate limit", LIMIT_PAUSE_SECONDS)
    if status:
        return Transient(f"HTTP {status}") if is_passing(status) else None
    return Transient("the connection failed")
