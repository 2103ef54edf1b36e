"""Plain HTTP: nothing is waited for without end, and no credential is added or passed on."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests

from dist_actions.errors import ServiceUnavailableError
from dist_actions.identity.secret import Secret
from dist_actions.services.http import HttpClient
from dist_actions.services.index.client import Uploads
from dist_actions.services.login import Login, Minted
from dist_actions.services.retries import Retries
from support.distributions.builders import write_wheel
from support.sandbox.private_index import served

Body = Callable[[], Iterable[bytes]]


class FakeClock:
    """A clock that nobody waits for."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=timezone.utc)

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def answering(body: Body, seen: list[str] | None = None, **headers: str) -> Any:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if seen is not None:
            seen.append(str(environ.get("HTTP_AUTHORIZATION", "")))
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        given = [(name.replace("_", "-"), value) for name, value in headers.items()]
        start_response("200 OK", given)
        return body()

    return application


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes requests and answers when the test is over."""
    over = threading.Event()

    def body() -> Iterable[bytes]:
        over.wait(30)
        return [b""]

    with served(answering(body)) as url:
        try:
            yield url
        finally:
            over.set()


def client(login: Login | None = None, seconds: float = 0.5) -> HttpClient:
    return HttpClient(Retries(FakeClock(), lambda _: None, exchange_seconds=seconds), login)


def login_with(*passwords: str, lasting: bool = False) -> Login:
    left = iter(passwords)
    return Login("us", lambda: Minted(Secret(next(left))), FakeClock(), lasting=lasting)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with silent() as url, pytest.raises(ServiceUnavailableError, match="no answer in time"):
        client().send("ask", "GET", url)


def test_an_upload_that_nobody_answers_leaves_the_outcome_open(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path)
    with (
        silent() as url,
        Uploads(url, login_with("pw"), exchange_seconds=0.5) as uploads,
        pytest.raises(requests.Timeout),
    ):
        uploads.send(wheel, sha256(wheel.read_bytes()).hexdigest())


@pytest.mark.parametrize(("limit_bytes", "told"), [(30, True), (29, False)])
def test_a_file_is_read_up_to_its_limit(limit_bytes: int, told: bool) -> None:
    with served(answering(lambda: [b"x" * 30])) as url:
        assert bool(client().sha256("read", url, limit_bytes, url)) is told


def test_a_redirected_file_is_read_without_credentials_and_not_again_with_them() -> None:
    """Back at its home it gets none either: somebody else says by then what is asked for."""
    seen: list[str] = []
    with served(answering(list, seen)) as url:
        client(login_with("pw")).sha256("read", url, 1, url)
        client(login_with("pw")).sha256("read", url, 1, "https://index.example.com/simple/x/")
    assert seen == ["Basic dXM6cHc="]


def test_a_netrc_of_the_machine_adds_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    seen: list[str] = []
    with served(answering(list, seen)) as url:
        client().send("ask", "GET", url)
        client(login_with("pw")).send("ask", "GET", url)
    assert seen == ["", "Basic dXM6cHc="]


def test_a_password_of_any_characters_travels_as_utf_8(tmp_path: Path) -> None:
    seen: list[str] = []
    wheel = write_wheel(tmp_path)
    with served(answering(list, seen)) as url:
        client(login_with("пароль")).send("ask", "GET", url)
        with Uploads(url, login_with("пароль")) as uploads:
            uploads.send(wheel, sha256(wheel.read_bytes()).hexdigest())
    assert set(seen) == {"Basic dXM60L/QsNGA0L7Qu9GM"}
