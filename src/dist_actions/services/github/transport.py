"""PyGithub's connections, which pass on only what GitHub itself can have answered.

PyGithub takes the page of a proxy for an answer, and a redirection of a change for its success.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from github import GithubException
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)


class NotJsonError(requests.RequestException):
    """An answer that says it succeeded, and is not GitHub's."""


class _PlainConnection(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        """The answer, if it is GitHub's."""
        return _checked(super().getresponse())


class _SecureConnection(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        """The answer, if it is GitHub's."""
        return _checked(super().getresponse())


def _checked(response: RequestsResponse) -> RequestsResponse:
    content_type = response.headers.get("content-type", "")
    if 300 <= response.status < 400:
        raise GithubException(response.status, {"message": "redirected"}, {})
    if response.status < 300 and response.read() and "json" not in content_type:
        raise NotJsonError(f"the answer is {content_type or 'of no type'}, not JSON")
    return response


@contextmanager
def checked_connections() -> Iterator[None]:
    """Let every connection that PyGithub opens inside the block be one of these.

    PyGithub takes the classes for all clients at once; others in this process keep theirs.
    """
    Requester.injectConnectionClasses(_PlainConnection, _SecureConnection)
    try:
        yield
    finally:
        Requester.resetConnectionClasses()
