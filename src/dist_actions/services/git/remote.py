"""Git's own requests to a server: made again where the network or the server fails for a moment."""

import re

from dist_actions.errors import GitError
from dist_actions.services.git.checkout import Git
from dist_actions.services.retries import LIMIT_PAUSE_SECONDS, Retries, Transient

#: What git and curl say of a server that does not answer, or not to the end. Refusals by other
#: statuses, such as 401 and 403, are final.
_PASSING = re.compile(
    r"The requested URL returned error: (?P<status>429|5[0-9]{2})|RPC failed|Empty reply|"
    r"Could not resolve|Failed to connect|Couldn't connect|Connection (?:reset|refused|timed out)|"
    r"Operation timed out|Recv failure|Send failure|hung up unexpectedly|early EOF|"
    r"unexpected disconnect"
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
            arguments: Of git.

        Raises:
            GitError: It failed for good.
            ServiceUnavailableError: The server did not answer for too long.
        """
        if self._retries is None:
            return self._git.run(*arguments)
        return self._retries.call(operation, lambda: self._git.run(*arguments), _classify)


def _classify(error: Exception) -> Transient | None:
    said = _PASSING.search(error.what) if isinstance(error, GitError) else None
    if said is None:
        return None
    if said["status"] == "429":
        return Transient("HTTP 429, a rate limit", LIMIT_PAUSE_SECONDS)
    return Transient(f"HTTP {said['status']}" if said["status"] else "the connection failed")
