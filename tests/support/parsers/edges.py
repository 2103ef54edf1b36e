"""Edges for parsers that ask a service: a clock that nobody waits for, and answers at hand."""

import io
from datetime import datetime, timedelta, timezone
from typing import Any

from dist_actions.identity.secret import Secret
from dist_actions.services.http import Answer, HttpClient
from dist_actions.services.login import Login
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

NOW = datetime(2026, 1, 31, tzinfo=timezone.utc)


class _StoppedClock:
    """A clock that shows the same time always."""

    def now(self) -> datetime:
        """Return the time."""
        return NOW

    def sleep(self, seconds: float) -> None:
        """Pass over a pause, which must be one."""
        assert 0 <= seconds < float("inf")


def stopped_retries() -> Retries:
    """Make the patience of a run that loses no time."""
    return Retries(_StoppedClock(), lambda _: None, timedelta(minutes=5))


class _AnsweredHttp(HttpClient):
    """A client that a service answers each request with the same body."""

    def __init__(self, content: bytes, status: int) -> None:
        super().__init__(stopped_retries())
        self._answer = Answer(status, {}, content, "https://service.example.com/")

    def send_once(self, _method: str, _url: str, **_: Any) -> Answer:  # type: ignore[override]
        """Return the answer."""
        return self._answer


def answered(content: bytes, status: int = 200) -> HttpClient:
    """Make a client that a service always answers with these bytes."""
    return _AnsweredHttp(content, status)


def logged_in() -> Login:
    """Make a login with a token."""
    return Login.of_password("user", Secret("a-token-of-some-length"), _StoppedClock())


def silent_runner() -> Runner:
    """Make a runner whose log nobody reads."""
    return Runner(io.StringIO())
