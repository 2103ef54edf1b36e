"""GitHub's REST API for one repository: calls with retries, and refusals put into words.

It wraps PyGithub and knows nothing of tags, releases or pull requests; those live in modules of
their own on top of `GitHubClient.call`.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import requests
from github import Auth, Github, GithubException
from github.Repository import Repository

from dist_actions.errors import GitHubApiError
from dist_actions.job.endpoints import is_safe_url
from dist_actions.services.github.refusals import explain_refusal
from dist_actions.services.github.transport import NotJsonError, checked_connections
from dist_actions.services.http import HttpClient
from dist_actions.services.retries import (
    LIMIT_PAUSE_SECONDS,
    Retries,
    Transient,
    retry_after_seconds,
)

T = TypeVar("T")

#: A new installation token is not known to all of GitHub's servers at once.
TOKEN_REPLICATION = timedelta(seconds=45)
_TIMEOUT_SECONDS = 30
#: Absent, in conflict, not valid: what these mean depends on what was asked.
MEANINGFUL = frozenset({404, 409, 422})
#: No answer, or not all of one; anything else that `requests` raises is about the request itself.
_CONNECTION_FAILURES = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    NotJsonError,
    json.JSONDecodeError,
)


class GitHubClient:
    """One repository on GitHub, as one token sees it.

    Args:
        auth: The token.
        api_url: `GITHUB_API_URL`; a trailing slash is ignored.
        github_repository: `owner/name`.
        token_name: How messages name the token: `the job token`.
        retries: How patient calls are.
        minted_at: When the token was made, if that was in this run.
    """

    def __init__(
        self,
        auth: Auth.Auth,
        *,
        api_url: str,
        github_repository: str,
        token_name: str,
        retries: Retries,
        minted_at: datetime | None = None,
    ) -> None:
        self.github_repository = github_repository
        self._token_name = token_name
        self._retries = retries
        self._minted_at = minted_at
        self._auth = auth
        self._repository_url = f"{api_url.rstrip('/')}/repos/{github_repository}"
        self._http = HttpClient(retries)
        with checked_connections():
            self.github = Github(
                auth=auth,
                base_url=api_url.rstrip("/"),
                user_agent="dist-actions",
                timeout=_TIMEOUT_SECONDS,
                per_page=100,
                # Waiting is decided in `Retries` alone, where it is bounded and told to the user.
                retry=None,
                seconds_between_requests=None,
                seconds_between_writes=None,
                # A repository or release is only asked for where something of it is needed.
                lazy=True,
            )
        self._repository = self.github.get_repo(github_repository)

    def call(
        self,
        operation: str,
        request: Callable[[Repository], T],
        *,
        repeatable: bool = True,
        meaningful: frozenset[int] = MEANINGFUL,
    ) -> T:
        """Make a request, again where that may help.

        Args:
            operation: What it does, for messages: `read the tags`.
            request: Makes it; must be safe to repeat unless `repeatable` is false.
            repeatable: Whether it is tried again. Where it is not, a failure that leaves the
                outcome open is raised as `UnsettledError`.
            meaningful: Statuses of a refusal that the caller tells apart itself.

        Raises:
            GithubException: GitHub refused with one of the `meaningful` statuses.
            GitHubApiError: GitHub refused for good.
            ServiceUnavailableError: GitHub did not answer in time.
            UnsettledError: The request may or may not have been carried out.
        """

        def attempt() -> T:
            with checked_connections():  # uploads open a connection of their own
                return request(self._repository)

        try:
            if repeatable:
                return self._retries.call(operation, attempt, self._classify)
            return attempt()
        except GithubException as error:
            if not repeatable and (transient := self._classify(error)):
                raise UnsettledError(operation, transient.reason) from error
            if error.status in meaningful:
                raise
            raise self.refusal(operation, error) from error
        except _CONNECTION_FAILURES as error:
            raise UnsettledError(operation, _reason(error)) from error

    def read(self, operation: str, path: str, **parameters: str | int) -> Any:
        """What the API answers below the repository; for what PyGithub reads twice or not at all.

        Args:
            operation: What it does, for messages.
            path: Below the repository, such as `pulls`.
            parameters: Of the query.

        Raises:
            GitHubApiError: GitHub refused.
            ServiceUnavailableError: It did not answer.
        """
        try:
            return self.call(
                operation,
                lambda repo: repo.requester.requestJsonAndCheck(
                    "GET", f"{repo.url}/{path}", parameters=parameters
                )[1],
            )
        except GithubException as error:
            raise self.refusal(operation, error) from error

    def download(self, operation: str, path: str, file: Path) -> None:
        """Write what an API path holds into a file, from wherever GitHub keeps it.

        Args:
            operation: What it does, for messages.
            path: Below the repository, such as `/releases/assets/1`.
            file: Written at the end, when all of it is here.

        Raises:
            GitHubApiError: GitHub refused.
            ServiceUnavailableError: It did not answer.
        """
        headers = {"Accept": "application/octet-stream"}
        self._auth.authentication(headers)
        url = f"{self._repository_url}{path}"
        response = self._http.download(
            operation, requests.Request("GET", url, headers=headers), file
        )
        location = response.headers.get("location", "")
        if response.status_code in {302, 307} and is_safe_url(location):
            # The storage behind it is another host, which must not see the token.
            response = self._http.download(operation, requests.Request("GET", location), file)
        if response.status_code != 200:
            raise explain_refusal(
                operation,
                status=response.status_code,
                message=HTTPStatus(response.status_code).phrase,
                headers={},
                token_name=self._token_name,
                github_repository=self.github_repository,
            )

    def refusal(self, operation: str, error: GithubException) -> GitHubApiError:
        """The error that explains a refusal to the user."""
        return explain_refusal(
            operation,
            status=error.status,
            message=message_of(error),
            headers=error.headers or {},
            token_name=self._token_name,
            github_repository=self.github_repository,
        )

    def _classify(self, error: Exception) -> Transient | None:
        now = self._retries.clock.now()
        if isinstance(error, _CONNECTION_FAILURES):
            return Transient(_reason(error))
        if not isinstance(error, GithubException):
            return None
        headers = error.headers or {}
        request_id = headers.get("x-github-request-id", "")
        told = retry_after_seconds(headers, now)
        fresh = self._minted_at is not None and now - self._minted_at < TOKEN_REPLICATION
        if error.status >= 500 or (error.status in {401, 404} and fresh):
            return Transient(f"HTTP {error.status}", told, request_id)
        limited = "rate limit" in message_of(error).lower() or error.status == 429
        if error.status == 400 and limited:  # GraphQL's answer is 200, and holds the error
            return Transient("a rate limit", told or _until_reset(headers, now), request_id)
        if error.status in {403, 429} and (told is not None or limited or _exhausted(headers)):
            wait = told if told is not None else _until_reset(headers, now)
            return Transient(f"HTTP {error.status}, a rate limit", wait, request_id)
        return None


class UnsettledError(Exception):
    """A request that must not be repeated blindly, because it may have been carried out.

    The caller reads the state again and decides. It never leaves a stage.
    """

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(f"{operation}: {reason}")
        self.reason = reason


def message_of(error: GithubException) -> str:
    """GitHub's own message of a refusal, with the messages of its single errors."""
    data = error.data if isinstance(error.data, dict) else {}
    parts = [str(data.get("message") or error.message or "")]
    errors = data.get("errors")
    for item in errors if isinstance(errors, list) else []:
        detail = item.get("message") or item.get("code") if isinstance(item, dict) else item
        parts.append(str(detail))
    return "; ".join(part for part in parts if part)


def _exhausted(headers: dict[str, str]) -> bool:
    return headers.get("x-ratelimit-remaining") == "0"


def _until_reset(headers: dict[str, str], now: datetime) -> float:
    reset = headers.get("x-ratelimit-reset", "")
    if _exhausted(headers) and reset.isascii() and reset.isdigit():
        return max(1.0, float(reset) - now.timestamp())
    return LIMIT_PAUSE_SECONDS


def _reason(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {_TIMEOUT_SECONDS} s"
    if isinstance(error, (json.JSONDecodeError, requests.exceptions.ChunkedEncodingError)):
        return "the answer was cut off"
    if isinstance(error, NotJsonError):
        return str(error)
    return "the connection failed"
