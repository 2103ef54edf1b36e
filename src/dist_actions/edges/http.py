"""Plain HTTP with retries, for services that have no client library of their own."""

import requests

from dist_actions.edges.retries import Retries, Transient, retry_after_seconds

#: Seconds to connect, and between two pieces of an answer.
_TIMEOUT_SECONDS = (10, 60)


class HttpClient:
    """Sends requests; what may be over soon is tried again, all other answers are returned.

    Args:
        retries: How patient calls are.
        username: For basic authentication; None for none.
        password: The same.
    """

    def __init__(
        self, retries: Retries, username: str | None = None, password: str | None = None
    ) -> None:
        self.retries = retries
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "dist-actions"
        if username is not None:
            self._session.auth = (username, password or "")
        else:
            # A .netrc on the runner must not add credentials of its own.
            self._session.auth = lambda request: request

    def send(self, operation: str, request: requests.Request) -> requests.Response:
        """Send a request that is safe to repeat, and read the whole answer.

        Args:
            operation: What it does, for messages: `read the index`.
            request: Without credentials for a host that it does not name.

        Raises:
            ServiceUnavailableError: No answer, or 429 and 5xx for too long.
        """
        return self.retries.call(operation, lambda: self.send_once(request), self.classify)

    def send_once(self, request: requests.Request) -> requests.Response:
        """Send a request and read the whole answer; the caller decides on another try.

        Raises:
            UnavailableError: The answer is 429 or 5xx.
            requests.RequestException: There is none.
        """
        prepared = self._session.prepare_request(request)
        settings = self._session.merge_environment_settings(
            prepared.url or "", {}, False, None, None
        )
        response = self._session.send(
            prepared, timeout=_TIMEOUT_SECONDS, allow_redirects=False, **settings
        )
        if response.status_code == 429 or response.status_code >= 500:
            raise UnavailableError(response)
        return response

    def classify(self, error: Exception) -> Transient | None:
        """What may be over soon, of the errors that `send_once` raises."""
        if isinstance(error, UnavailableError):
            told = retry_after_seconds(error.response.headers, self.retries.clock.now())
            return Transient(f"HTTP {error.response.status_code}", told)
        if isinstance(error, UnreadableError):
            return Transient("the answer is no JSON")
        if isinstance(error, requests.Timeout):
            return Transient("no answer in time")
        if isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            return Transient("the connection failed")
        return None


class UnreadableError(Exception):
    """A service's success is no JSON, so it was not the service that answered."""


class UnavailableError(Exception):
    """A service answered that it cannot serve the request now."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.response = response
