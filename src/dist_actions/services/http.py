"""Plain HTTP with retries, for services that have no client library of their own.

Credentials stay with the host that they were given for, and no redirect is followed unless the
caller says so. How long an exchange takes and its answer may be is limited by `transport.py`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests
from requests.auth import HTTPBasicAuth

from dist_actions.job.endpoints import is_safe_url, origin
from dist_actions.services.answers import holds_content, is_doubtful, is_passing, is_redirect
from dist_actions.services.failures import classify_connection_failure
from dist_actions.services.json_fields import UnreadableError, read_json
from dist_actions.services.login import Login
from dist_actions.services.retries import Retries, Transient, retry_after_seconds
from dist_actions.services.transport.adapter import Transport
from dist_actions.services.transport.exchange import ANSWER_BYTES, NotPublicError, TooLongError

T = TypeVar("T")

#: Answers that are kept; only indexes and GitHub have longer ones.
_ANSWER_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_MAX_REDIRECTS = 5
#: What redirects to a file, or refuses it, can be longer than a small file.
_LONGEST_REDIRECT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """A service's answer, read to its end; headers are found by any spelling of their names.

    Attributes:
        url: Who answered, behind the redirects that were followed.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def text(self) -> str:
        """Decode the body as text."""
        return self.content.decode("utf-8", errors="replace")

    def json_object(self) -> Mapping[str, Any]:
        """Parse the body as a JSON object; empty where it is none."""
        body = self._json()
        return body if isinstance(body, dict) else {}

    def read_json(self, parse: Callable[[Any], T]) -> T:
        """Read what is needed of a success.

        Raises:
            UnreadableError: It is not what the service answers.
        """
        return read_json(parse, self._json())

    def _json(self) -> Any:
        """Parse the body; None where it is empty or no JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            return None


class HttpClient:
    """Sends requests; what may be over soon is tried again, all other answers are returned.

    Args:
        retries: How patient calls are.
        login: For basic authentication; None for none.
    """

    def __init__(self, retries: Retries, login: Login | None = None) -> None:
        self.retries = retries
        self._login = login
        self._session = _Session()
        transport = Transport(retries.exchange_seconds, shows_location=True)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, transport)
        self._session.headers["User-Agent"] = "dist-actions"
        # A .netrc on the runner must not add credentials of its own.
        self._session.auth = lambda request: request

    def send(self, operation: str, method: str, url: str, **parts: Any) -> Answer:
        """Send a request that is safe to repeat, and read the whole answer.

        Args:
            operation: What it does, for messages: `read the index`.
            parts: As for `send_once`.

        Raises:
            ServiceUnavailableError: No answer, or one that may be over soon for too long.
            TooLongError: The answer does not end.
        """
        return self.retries.call(
            operation, lambda: self.send_once(method, url, **parts), self.classify
        )

    def ask_once(self, operation: str, method: str, url: str, **parts: Any) -> Answer:
        """Ask a service that has one address; what it says to a token counts once it came twice.

        Args:
            operation: As for `send`.
            parts: As for `send_once`.

        Raises:
            UnreadableError: It redirects, which such a service does not.
            The same as `send_once`.
        """

        def attempt() -> Answer:
            answer = self.send_once(method, url, **parts)
            if is_redirect(answer.status_code):
                raise UnreadableError(f"HTTP {answer.status_code} leads to another address")
            if is_doubtful(answer.status_code):
                raise _DoubtfulError(answer)
            return answer

        try:
            return self.retries.confirm(operation, attempt, _describe_doubtful)
        except _DoubtfulError as error:
            return error.answer

    def send_once(
        self,
        method: str,
        url: str,
        *,
        receive: Callable[[bytes], object] | None = None,
        answer_bytes: int = _ANSWER_BYTES,
        public_only: bool = False,
        follows_within_origin: bool = False,
        **parts: Any,
    ) -> Answer:
        """Send a request and read the whole answer; the caller decides on another try.

        Args:
            receive: Takes a success's body piece by piece, which is not kept then.
            answer_bytes: How long the answer may be.
            public_only: Whether only public addresses are asked.
            follows_within_origin: Whether redirects that stay with scheme, host and port are
                followed, credentials included; any other is returned.
            parts: Other parts of `requests.Request`, such as `headers` and `json`.

        Raises:
            UnavailableError: The answer may be over soon.
            TooLongError: The answer does not end.
            requests.RequestException: There is none.
        """
        limits = {"answer_bytes": answer_bytes, "public_only": public_only}
        answer = self._send_as_user(requests.Request(method, url, **parts), receive, **limits)
        for _ in range(_MAX_REDIRECTS if follows_within_origin else 0):
            target = _redirect_within_origin(answer)
            if not target:
                break
            request = requests.Request(method, target, **parts)
            answer = self._send_as_user(request, receive, **limits)
        return answer

    def _send_as_user(
        self,
        request: requests.Request,
        receive: Callable[[bytes], object] | None,
        **limits: Any,
    ) -> Answer:
        """Send a request with the login, whose password is renewed once where it is refused."""
        login = self._login
        if login is None:
            return self._send(request, None, receive, **limits)
        password = login.password()
        answer = self._send(request, login.basic_auth(password), receive, **limits)
        if answer.status_code == 401 and login.renew(password):
            answer = self._send(request, login.basic_auth(login.password()), receive, **limits)
        return answer

    def download_once(self, url: str, file: Path, limit_bytes: int, **parts: Any) -> Answer:
        """Write the body of a success to a file, once all of it is here.

        Args:
            url: As for `send_once`, like `parts`.
            file: Left as it was where the answer is no success.
            limit_bytes: How long it may be.

        Raises:
            The same as `send_once`.
        """
        partial = file.with_name(f".{file.name}.partial")
        answer_bytes = max(limit_bytes, _LONGEST_REDIRECT_BYTES)
        try:
            with partial.open("wb") as stream:
                answer = self.send_once(
                    "GET", url, receive=stream.write, answer_bytes=answer_bytes, **parts
                )
            if holds_content(answer.status_code):
                partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
        return answer

    def sha256(self, operation: str, url: str, limit_bytes: int, home_url: str) -> str | None:
        """Compute the digest of a file, read as a stream; None where it cannot be read, or goes on.

        Args:
            operation: As for `send`.
            url: Where the file lies.
            limit_bytes: How long it may be.
            home_url: Of the page that names it.

        Raises:
            ServiceUnavailableError: No answer, or one that may be over soon for too long.
        """
        digest = hashlib.sha256()

        def begin() -> Callable[[bytes], object]:
            nonlocal digest
            digest = hashlib.sha256()
            return digest.update

        answer = self.follow(operation, url, begin, limit_bytes=limit_bytes, home_url=home_url)
        is_read = answer is not None and holds_content(answer.status_code)
        return digest.hexdigest() if is_read else None

    def follow(
        self,
        operation: str,
        url: str,
        begin: Callable[[], Callable[[bytes], object]],
        *,
        limit_bytes: int,
        home_url: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """Read a file as a stream, wherever redirects lead to; None where it may not be read.

        What is neither https nor on this machine is not asked for, and another host than the page's
        gets no credentials, and must have a public address: whoever writes a page must not reach
        what stands behind this machine.

        Args:
            operation: As for `send`.
            url: Where the file lies.
            begin: Called at each try; what it returns takes the body piece by piece.
            limit_bytes: How long it may be.
            home_url: Of the page that names it.
            headers: For the page's host alone.

        Raises:
            ServiceUnavailableError: No answer, or one that may be over soon for too long.
        """

        def attempt() -> Answer | None:
            client, at = self, url
            for _ in range(_MAX_REDIRECTS):
                if not is_safe_url(at):
                    return None
                at_home = origin(at) == origin(home_url)
                if not at_home and client is self:
                    client = HttpClient(self.retries)
                answer = client.send_once(
                    "GET",
                    at,
                    receive=begin(),
                    answer_bytes=limit_bytes,
                    public_only=not at_home,
                    headers=dict(headers or {}) if at_home and client is self else None,
                )
                if not is_redirect(answer.status_code):
                    return answer
                at = _joined(at, answer.headers.get("location", ""))
            return None

        try:
            return self.retries.call(operation, attempt, self.classify)
        except (TooLongError, NotPublicError, requests.exceptions.InvalidURL):
            return None

    def _send(
        self,
        request: requests.Request,
        auth: HTTPBasicAuth | None,
        receive: Callable[[bytes], object] | None,
        **limits: Any,
    ) -> Answer:
        request.auth = auth
        prepared = self._session.prepare_request(request)
        settings = self._session.merge_environment_settings(
            prepared.url or "", {}, True, None, None
        )
        with self._session.send(prepared, allow_redirects=False, **settings, **limits) as response:
            received = receive if holds_content(response.status_code) else None
            content = _read(response, received)
            answer = Answer(response.status_code, response.headers, content, prepared.url or "")
        if is_passing(answer.status_code):
            raise UnavailableError(answer)
        return answer

    def classify(self, error: Exception) -> Transient | None:
        """Classify an error of `send_once` as passing or final."""
        if isinstance(error, UnavailableError):
            wait = retry_after_seconds(error.answer.headers, self.retries.clock.now())
            return Transient(f"HTTP {error.answer.status_code}", wait)
        return classify_connection_failure(error)


class _Session(requests.Session):
    """Leaves it to the caller to look where an answer redirects, and whether that is an address."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return no target, so that no redirect is followed."""


class _AnsweredError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class UnavailableError(_AnsweredError):
    """A service answered that it cannot serve the request now."""


class _DoubtfulError(_AnsweredError):
    """A service refused in a way that may be a mistake of the moment."""


def _describe_doubtful(error: Exception) -> str:
    return f"HTTP {error.answer.status_code}" if isinstance(error, _DoubtfulError) else ""


def _redirect_within_origin(answer: Answer) -> str:
    """Find where an answer redirects; empty where it does not, or not within its origin."""
    location = answer.headers.get("location", "") if is_redirect(answer.status_code) else ""
    target = _joined(answer.url, location.partition("#")[0]) if location else ""
    return target if target and origin(target) == origin(answer.url) else ""


def _joined(url: str, location: str) -> str:
    """Find where a redirect leads; empty for where nothing may be sent."""
    try:
        target = urljoin(url, location)
    except ValueError:
        return ""
    return target if is_safe_url(target) else ""


def _read(response: requests.Response, receive: Callable[[bytes], object] | None) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        if receive is not None:
            receive(chunk)
            continue
        content += chunk
        if len(content) > ANSWER_BYTES:  # no success, of a file that may be longer
            raise TooLongError(response.url, ANSWER_BYTES)
    return bytes(content)
