"""PyGithub's requester, without PyGithub's typed objects.

`import github` loads 150 modules for objects that are not used here, and PyNaCl for one of them:
half of a cold start. The requester needs three of them. They are loaded as a copy of this module's
own, so that what is set on its classes is set for nobody else.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import TYPE_CHECKING, cast

from dist_actions.identity.secret import Secret

if TYPE_CHECKING:
    from github.Auth import Auth

__all__ = [
    "GithubException",
    "HTTPRequestsConnectionClass",
    "HTTPSRequestsConnectionClass",
    "Requester",
    "RequestsResponse",
    "TokenAuthorization",
    "open_requester",
]

_PACKAGE = "github"
#: Entries of a list that GitHub sends at once where no number is asked for.
_PER_PAGE = 30
#: How long a connection may stay silent; the whole exchange ends by the transport's own limit.
_SILENCE_SECONDS = 15


@contextmanager
def _own_copy() -> Iterator[None]:
    """Let modules of PyGithub be imported anew, while the package's `__init__` is not run."""
    others = _take_modules()
    spec = find_spec(_PACKAGE)
    if spec is None:
        raise ModuleNotFoundError("PyGithub is not installed", name=_PACKAGE)
    sys.modules[_PACKAGE] = module_from_spec(spec)
    try:
        yield
    finally:
        _take_modules()
        sys.modules.update(others)


def _take_modules() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]
    return {name: sys.modules.pop(name) for name in names}


with _own_copy():
    from github.GithubException import GithubException
    from github.Requester import (
        HTTPRequestsConnectionClass,
        HTTPSRequestsConnectionClass,
        Requester,
        RequestsResponse,
    )


class TokenAuthorization:
    """What a token adds to a request; it stands for PyGithub's `Auth`, which needs all of PyGithub.

    Args:
        scheme: `token`, or `Bearer` for the JWT of an App.
    """

    def __init__(self, scheme: str, token: Secret) -> None:
        self._scheme = scheme
        self._token = token

    def authentication(self, headers: dict[str, str]) -> None:
        """Add the token to the headers of a request."""
        headers["Authorization"] = f"{self._scheme} {self._token.reveal()}"

    def mask_authentication(self, headers: dict[str, str]) -> None:
        """Replace the token in headers that are shown."""
        headers["Authorization"] = f"{self._scheme} {self._token}"


def open_requester(authorization: TokenAuthorization, base_url: str) -> Requester:
    """Make a requester that neither repeats requests nor waits between them."""
    return Requester(
        auth=cast("Auth", authorization),
        base_url=base_url,
        timeout=_SILENCE_SECONDS,
        user_agent="dist-actions",
        per_page=_PER_PAGE,
        verify=True,
        # Waiting is decided in `Retries` alone, where it is bounded and told to the user.
        retry=None,
        pool_size=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
