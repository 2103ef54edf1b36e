"""PyGithub's connections, which pass on only what GitHub itself can have answered, and failures.

PyGithub takes the page of a proxy for an answer, and a redirection of a change for its success.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import requests

from dist_actions.services.answers import is_doubtful, is_passing, is_redirect, is_success
from dist_actions.services.failures import classify_connection_failure
from dist_actions.services.github.pygithub import (
    GithubException,
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)
from dist_actions.services.json_fields import UnreadableError
from dist_actions.services.refusals import Explanation
from dist_actions.services.retries import (
    LIMIT_PAUSE_SECONDS,
    Transient,
    retry_after_seconds,
    server_time,
)
from dist_actions.services.transport.adapter import Transport

#: A new installation token is not known to all of GitHub's servers at once.
TOKEN_REPLICATION = timedelta(seconds=45)

_NEW_TOKEN = Explanation(
    why="the App's token is new, and GitHub's servers do not all know it yet.",
    fix="run the job again.",
    anchor="service-unavailable",
)

#: No answer, or not all of one; anything else that `requests` raises is about the request itself.
CONNECTION_FAILURES = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    UnreadableError,
    json.JSONDecodeError,
    RecursionError,
)


class _PlainConnection(HTTPRequestsConnectionClass):
    def __init__(self, *args: Any, exchange_seconds: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session.trust_env = False  # only this machine is asked so, which needs no proxy
        self.session.mount("http://", Transport(exchange_seconds))

    def getresponse(self) -> RequestsResponse:
        """Read the answer, if it is GitHub's."""
        return _checked(self.verb, super().getresponse())


class _SecureConnection(HTTPSRequestsConnectionClass):
    def __init__(self, *args: Any, exchange_seconds: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session.mount("https://", Transport(exchange_seconds))

    def getresponse(self) -> RequestsResponse:
        """Read the answer, if it is GitHub's."""
        return _checked(self.verb, super().getresponse())


def _checked(verb: str, response: RequestsResponse) -> RequestsResponse:
    """Raise what is no success, or none of GitHub's: PyGithub breaks down over some of these.

    It waits by itself, for ever, while a read is answered with 202.
    """
    status, content_type = response.status, response.headers.get("content-type", "")
    if is_redirect(status):
        raise GithubException(status, {"message": "redirected"}, {})
    if not is_success(status):
        raise refusal_of(status, response.read(), response.headers)
    if (verb, status) == ("GET", 202) or (verb == "DELETE" and status != 204):
        raise UnreadableError(f"HTTP {status}, which is not GitHub's answer to {verb}")
    if response.read() and "json" not in content_type:
        raise UnreadableError(f"the answer is {content_type or 'of no type'}, not JSON")
    return response


def refusal_of(status: int, body: str, headers: Mapping[str, str]) -> GithubException:
    """Read a refusal, and what GitHub says in it, if that can be read."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = {}
    lowered = {name.lower(): value for name, value in headers.items()}
    return GithubException(status, data if isinstance(data, dict) else {}, lowered)


@contextmanager
def checked_connections(exchange_seconds: float) -> Iterator[None]:
    """Let every connection that PyGithub opens inside the block be one of these.

    PyGithub takes the classes for all clients at once; others in this process keep theirs.

    Args:
        exchange_seconds: How long one exchange may take with nothing to move.
    """
    kinds = [
        partial(kind, exchange_seconds=exchange_seconds)
        for kind in (_PlainConnection, _SecureConnection)
    ]
    Requester.injectConnectionClasses(*cast("Any", kinds))
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


def describe_failure(error: Exception) -> Transient:
    """Tell why no whole answer came."""
    if isinstance(error, (json.JSONDecodeError, requests.exceptions.ChunkedEncodingError)):
        return Transient("the answer was cut off")
    if isinstance(error, RecursionError):
        return Transient("the answer is nested too deeply")
    return classify_connection_failure(error) or Transient("the connection failed")


def classify(error: Exception, now: datetime, minted_at: datetime | None) -> Transient | None:
    """Tell whether a failure may be over soon.

    Args:
        minted_at: When the token was made, if that was in this run.
    """
    if isinstance(error, CONNECTION_FAILURES):
        return describe_failure(error)
    if not isinstance(error, GithubException):
        return None
    return _classify_refusal(error, now, minted_at)


def _classify_refusal(
    error: GithubException, now: datetime, minted_at: datetime | None
) -> Transient | None:
    headers = error.headers or {}
    request_id = headers.get("x-github-request-id", "")
    retry_after = retry_after_seconds(headers, now)
    if is_passing(error.status) and error.status != 429:  # which is a rate limit
        return Transient(f"HTTP {error.status}", retry_after, request_id)
    if is_doubtful(error.status) or is_redirect(error.status):
        return _doubted_refusal(error.status, request_id, now, minted_at)
    limited = "rate limit" in message_of(error).lower() or error.status == 429
    if error.status == 400 and limited:  # GraphQL's answer is 200, and holds the error
        return Transient("a rate limit", retry_after or _until_reset(headers, now), request_id)
    if error.status in {403, 429} and (retry_after is not None or limited or _exhausted(headers)):
        wait = retry_after if retry_after is not None else _until_reset(headers, now)
        return Transient(f"HTTP {error.status}, a rate limit", wait, request_id)
    return None


def _doubted_refusal(
    status: int, request_id: str, now: datetime, minted_at: datetime | None
) -> Transient:
    """Ask once more, or longer where a token is so new that it is not known everywhere."""
    if is_doubtful(status) and minted_at is not None and now - minted_at < TOKEN_REPLICATION:
        return Transient(f"HTTP {status}", None, request_id, _NEW_TOKEN)
    return Transient(f"HTTP {status}", None, request_id, attempts=2, refusing=True)


def _exhausted(headers: dict[str, str]) -> bool:
    return headers.get("x-ratelimit-remaining") == "0"


def _until_reset(headers: dict[str, str], now: datetime) -> float:
    reset = headers.get("x-ratelimit-reset", "")
    if _exhausted(headers) and reset.isascii() and reset.isdigit():
        return max(1.0, float(reset) - server_time(headers, now).timestamp())
    return LIMIT_PAUSE_SECONDS
