"""GitHub's REST and GraphQL APIs for one repository, with retries and refusals put into words.

It sends requests through PyGithub and knows nothing of tags, releases or pull requests; those live
in modules of their own on top of `GitHubClient`.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from dist_actions.errors import GitHubApiError
from dist_actions.identity.secret import Secret
from dist_actions.job.endpoints import is_safe_url
from dist_actions.services.answers import holds_content, is_doubtful, is_redirect, is_success
from dist_actions.services.github.pygithub import (
    GithubException,
    Requester,
    TokenAuthorization,
    open_requester,
)
from dist_actions.services.github.refusals import RefusedError, explain_refusal
from dist_actions.services.github.transport import (
    CONNECTION_FAILURES,
    checked_connections,
    classify,
    describe_failure,
    message_of,
    refusal_of,
)
from dist_actions.services.http import Answer, HttpClient, UnavailableError
from dist_actions.services.json_fields import UnreadableError, read_json, text
from dist_actions.services.retries import Retries, Transient, UnsettledError
from dist_actions.services.runner import Runner
from dist_actions.services.signals import uninterrupted

T = TypeVar("T")

_GITHUB_JSON = "application/vnd.github+json"
#: GitHub does not know the token, whatever is asked.
_UNAUTHENTICATED = 401
_NEXT_PAGE = re.compile(r'<([^>]+)>;\s*rel="next"')


@dataclass(frozen=True)
class GitHubConnection:
    """Where GitHub is, which repository is meant, and how patiently it is asked.

    Attributes:
        api_url: `GITHUB_API_URL`.
        server_url: `GITHUB_SERVER_URL`, for links.
        github_repository: `owner/name`.
        retries: How patient calls are.
        runner: Where tokens are masked.
    """

    api_url: str
    server_url: str
    github_repository: str
    retries: Retries
    runner: Runner


class GitHubClient:
    """One repository on GitHub, as one token sees it.

    Args:
        token: The token, or the JWT of an App.
        token_name: How messages name the token: `the job token`.
        minted_at: When the token was made, if that was in this run.
        is_app_jwt: Whether the token is the JWT of an App.

    Attributes:
        github_repository: `owner/name`.
        retries: How patient calls are.
    """

    def __init__(
        self,
        connection: GitHubConnection,
        token: Secret,
        token_name: str,
        *,
        minted_at: datetime | None = None,
        is_app_jwt: bool = False,
    ) -> None:
        self.github_repository = connection.github_repository
        self._token_name = token_name
        self.retries = connection.retries
        self._hide = connection.runner.hide
        self._minted_at = minted_at
        #: What was asked when GitHub did not know the token, twice; every request ends so then.
        self._unknown_token: tuple[str, RefusedError] | None = None
        self._api_url = connection.api_url.rstrip("/")
        self._authorization = TokenAuthorization("Bearer" if is_app_jwt else "token", token)
        self._http = HttpClient(connection.retries)
        with checked_connections(self.retries.exchange_seconds):
            self._requester = open_requester(self._authorization, self._api_url)

    def request(
        self,
        operation: str,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None,
        parse: Callable[[Any], T],
        *,
        repeatable: bool = True,
        meaningful: frozenset[int] = frozenset(),
        uninterruptible: bool = False,
        is_change: bool = True,
    ) -> T:
        """Send a request to the REST API, again where that may help, and return what it answers.

        Args:
            operation: What it does, for messages: `read the tags`.
            path: Below the repository, such as `pulls`; below the API where it starts with `/`.
            body: Sent as JSON; None for none.
            parse: Reads the answer's JSON, as `read_json` does.
            repeatable: As for `call`.
            meaningful: As for `call`.
            uninterruptible: Whether no signal ends the job before the answer is read.
            is_change: Whether it changes what outlasts the run.

        Raises:
            The same as `call`.
        """
        # What a service repeated of a credential must not be published with notes or a title.
        shown = _map_texts(body, self._hide)

        def send(requester: Requester) -> T:
            with uninterrupted() if uninterruptible else nullcontext():
                answer = requester.requestJsonAndCheck(verb, self._path(path), input=shown)[1]
                return read_json(parse, answer)

        answer = self.call(operation, send, repeatable=repeatable, meaningful=meaningful)
        if is_change:
            self.retries.record_change(operation)
        return answer

    def read(
        self,
        operation: str,
        path: str,
        parse: Callable[[Any], T],
        /,
        *,
        meaningful: frozenset[int] = frozenset(),
        **parameters: str | int,
    ) -> T:
        """Read what the REST API answers, without sending anything but a query.

        Args:
            operation: As for `call`.
            path: Below the repository, such as `pulls`.
            parse: As for `request`.
            meaningful: As for `call`.

        Raises:
            The same as `call`.
        """
        return self.read_page(operation, path, parse, meaningful=meaningful, **parameters)[0]

    def read_page(
        self,
        operation: str,
        path: str,
        parse: Callable[[Any], T],
        /,
        *,
        meaningful: frozenset[int] = frozenset(),
        **parameters: str | int,
    ) -> tuple[T, str]:
        """Read a page of a list, and the address of the next page; empty for the last one."""

        def send(requester: Requester) -> tuple[T, str]:
            url = self._path(path)
            headers, answer = requester.requestJsonAndCheck("GET", url, parameters=parameters)
            link = _NEXT_PAGE.search(headers.get("link", ""))
            next_page = read_json(self.own_address, link[1]) if link else ""
            return read_json(parse, answer), next_page

        return self.call(operation, send, meaningful=meaningful)

    def query(
        self,
        operation: str,
        query: str,
        variables: Mapping[str, Any],
        parse: Callable[[Any], T],
        meaningful: frozenset[int],
    ) -> T:
        """Send a query or a mutation to the GraphQL API, and return what is read of its `data`.

        GraphQL's refusals stand in a good answer. They are told as HTTP 400, or 404 where something
        does not exist.

        Args:
            operation: As for `call`.
            parse: As for `request`.
            meaningful: As for `call`.

        Raises:
            The same as `call`.
        """
        body = {"query": query, "variables": variables}

        def send(requester: Requester) -> T:
            headers, answer = requester.requestJsonAndCheck(
                "POST", requester.graphql_url, input=body
            )
            if errors := read_json(lambda data: data.get("errors"), answer):
                kinds = read_json(lambda _: [error.get("type") for error in errors], errors)
                status = 404 if kinds == ["NOT_FOUND"] else 400
                raise GithubException(status, answer, headers)
            return read_json(lambda data: parse(data["data"]), answer)

        return self.call(operation, send, meaningful=meaningful)

    def own_address(self, url: Any) -> str:
        """Return an address that GitHub's answer names, where a token may be sent to it.

        Raises:
            ValueError: It is another host's; uploads have one of their own beside the API's.
        """
        home, host = (urlsplit(address).hostname or "" for address in (self._api_url, text(url)))
        if not is_safe_url(url) or not f".{host}".endswith(f".{home.removeprefix('api.')}"):
            raise ValueError("an address of another host")
        return str(url)

    def call(
        self,
        operation: str,
        send: Callable[[Requester], T],
        *,
        repeatable: bool = True,
        meaningful: frozenset[int] = frozenset(),
    ) -> T:
        """Send a request by PyGithub's `Requester`, again where that may help.

        Args:
            operation: What it does, for messages: `read the tags`.
            send: Sends it; must be safe to repeat unless `repeatable` is false.
            repeatable: Whether it is tried again. Where it is not, a failure that leaves the
                outcome open is raised as `UnsettledError`.
            meaningful: Statuses of a refusal that the caller tells apart itself.

        Raises:
            RefusedError: GitHub refused with one of the `meaningful` statuses.
            GitHubApiError: GitHub refused for good, or refused the token of an earlier request.
            ServiceUnavailableError: GitHub did not answer in time.
            UnsettledError: The request may or may not have been carried out.
        """
        if self._unknown_token and _UNAUTHENTICATED not in meaningful:
            raise self.explain(*self._unknown_token)
        tries = 0

        def attempt() -> T:
            nonlocal tries
            tries += 1
            # Uploads open a connection of their own.
            with checked_connections(self.retries.exchange_seconds):
                return send(self._requester)

        def classify(error: Exception) -> Transient | None:
            transient = self._classify(error)
            status = error.status if isinstance(error, GithubException) else 0
            if transient and status in meaningful and is_doubtful(status):
                # The token may be so new that it is not known everywhere; else it is an answer.
                return None if transient.refusing else replace(transient, attempts=2, refusing=True)
            if transient and transient.refusing:
                return transient
            return transient if repeatable else None

        try:
            return self.retries.call(operation, attempt, classify)
        except GithubException as error:
            transient = None if repeatable else self._classify(error)
            if transient and not transient.refusing:
                raise UnsettledError(operation, transient) from error
            refusal = RefusedError(error.status, message_of(error), error.headers or {}, tries)
            if error.status in meaningful:
                raise refusal from error
            if error.status == _UNAUTHENTICATED:
                self._unknown_token = operation, refusal
            raise self.explain(operation, refusal) from error
        except CONNECTION_FAILURES as error:
            raise UnsettledError(operation, describe_failure(error)) from error

    def explain(self, operation: str, refusal: RefusedError) -> GitHubApiError:
        """Make the error that explains a refusal to the user."""
        return explain_refusal(
            operation,
            status=refusal.status,
            message=refusal.message,
            headers=refusal.headers,
            token_name=self._token_name,
            github_repository=self.github_repository,
        )

    def download(
        self,
        operation: str,
        path: str,
        file: Path,
        limit_bytes: int,
        check: Callable[[Path], object],
    ) -> None:
        """Write what an API path holds into a file, from wherever GitHub keeps it.

        Args:
            operation: What it does, for messages.
            path: Below the repository, such as `releases/assets/1`.
            file: Written at the end, when all of it is here.
            limit_bytes: How long it may be.
            check: Raises UnreadableError where the file is not what was asked for.

        Raises:
            GitHubApiError: GitHub refused.
            ServiceUnavailableError: It did not answer, or answers with more or something else.
        """
        headers = {"Accept": "application/octet-stream"}
        self._authorization.authentication(headers)
        url = self._api_url + self._path(path)

        def attempt(_: Requester) -> None:
            answer = self._download_once(url, file, limit_bytes, headers=headers)
            location = answer.headers.get("location", "")
            if is_redirect(answer.status_code) and is_safe_url(location):
                # The storage behind it is another host, which must not see the token.
                answer = self._download_once(location, file, limit_bytes)
                if not holds_content(answer.status_code):  # the address is good for some minutes
                    raise UnreadableError(f"GitHub's storage answers HTTP {answer.status_code}")
            if not holds_content(answer.status_code):
                raise refusal_of(answer.status_code, answer.text, answer.headers)
            check(file)

        self.call(operation, attempt)

    def upload(self, operation: str, url: str, file: Path) -> None:
        """Send a file's bytes once; several threads may do so side by side.

        Args:
            operation: What it does, for messages.
            url: Where GitHub takes uploads, with the name of the file.

        Raises:
            RefusedError: GitHub refused with 422: something of this name may be there.
            GitHubApiError: GitHub refused for good.
            UnsettledError: It may or may not have been taken.
        """
        headers = {"Accept": _GITHUB_JSON, "Content-Type": "application/octet-stream"}
        self._authorization.authentication(headers)

        def attempt(_: Requester) -> None:
            with file.open("rb") as stream:
                try:
                    answer = self._http.send_once("POST", url, headers=headers, data=stream)
                except UnavailableError as error:
                    answer = error.answer
            if not is_success(answer.status_code):
                raise refusal_of(answer.status_code, answer.text, answer.headers)

        self.call(operation, attempt, repeatable=False, meaningful=frozenset({422}))
        self.retries.record_change(operation)

    def _download_once(self, url: str, file: Path, limit_bytes: int, **parts: Any) -> Answer:
        try:
            return self._http.download_once(url, file, limit_bytes, **parts)
        except UnavailableError as error:
            return error.answer

    def _path(self, path: str) -> str:
        return (
            path
            if path.startswith(("/", "https:", "http:"))
            else f"/repos/{self.github_repository}/{path}"
        )

    def _classify(self, error: Exception) -> Transient | None:
        return classify(error, self.retries.clock.now(), self._minted_at)


def _map_texts(body: Any, change: Callable[[str], str]) -> Any:
    """Change every text of a body, at any depth; names stay."""
    if isinstance(body, str):
        return change(body)
    if isinstance(body, Mapping):
        return {name: _map_texts(value, change) for name, value in body.items()}
    if isinstance(body, (list, tuple)):
        return [_map_texts(value, change) for value in body]
    return body
