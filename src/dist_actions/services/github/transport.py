"""PyGithub's connections, which pass on only what GitHub itself can have answered, and failures.

PyGithub takes the page of a proxy for an answer, and a redirection of a change for its success.
"""

import json
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

#: How long a connection may stay silent.
TIMEOUT_SECONDS = 30


class NotJsonError(requests.RequestException):
    """An answer that says it succeeded, and is not GitHub's."""


#: No answer, or not all of one; anything else that `requests` raises is about the request itself.
CONNECTION_FAILURES = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    NotJsonError,
    json.JSONDecodeError,
)


class _PlainConnection(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        """Read the answer, if it is GitHub's."""
        return _checked(super().getresponse())


class _SecureConnection(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        """Read the answer, if it is GitHub's."""
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


def message_of(error: GithubException) -> str:
    """Read GitHub's own message of a refusal, with the messages of its single errors."""
    data = error.data if isinstance(error.data, dict) else {}
    parts = [str(data.get("message") or error.message or "")]
    errors = data.get("errors")
    for entry in errors if isinstance(errors, list) else []:
        detail = entry.get("message") or entry.get("code") if isinstance(entry, dict) else entry
        parts.append(str(detail))
    return "; ".join(part for part in parts if part)


def describe_failure(error: Exception) -> str:
    """Tell in a few words why no whole answer came."""
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_SECONDS} s"
    if isinstance(error, (json.JSONDecodeError, requests.exceptions.ChunkedEncodingError)):
        return "the answer was cut off"
    if isinstance(error, NotJsonError):
        return str(error)
    return "the connection failed"
