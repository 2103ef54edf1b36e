"""Carries google-auth's requests through our own client, one try each."""

import json
from collections.abc import Mapping

import google.auth.transport
import requests

from dist_actions.services.http import HttpClient, UnreadableError


class Transport(google.auth.transport.Request):
    """What google-auth calls to send a request.

    Attributes:
        last_status: HTTP status of the newest answer; 0 before the first.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self.last_status = 0

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> "_Answer":
        """Send a request; the time limits are our client's."""
        del timeout
        answer = self._http.send_once(
            requests.Request(method, url, data=body, headers=dict(headers or {}))
        )
        self.last_status = answer.status_code
        if answer.status_code == 200 and not _is_json(answer.content):
            raise UnreadableError
        return _Answer(answer.status_code, answer.headers, answer.content)


class _Answer(google.auth.transport.Response):
    """An answer as google-auth reads it; its base declares abstract properties."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self._status, self._headers, self._data = status, headers, data

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        return self._headers

    @property
    def data(self) -> bytes:
        """The body."""
        return self._data


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
