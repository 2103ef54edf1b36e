"""One deadline and one size for every exchange, whatever a server sends and whoever asks it."""

import io
import resource
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import requests

from dist_actions.errors import InputError, ServiceUnavailableError
from dist_actions.identity.secret import Secret
from dist_actions.services.clock import SystemClock
from dist_actions.services.github.client import GitHubClient, GitHubConnection
from dist_actions.services.http import HttpClient
from dist_actions.services.index.client import Uploads
from dist_actions.services.json_fields import nothing
from dist_actions.services.login import Login
from dist_actions.services.retries import EXCHANGE_VARIABLE, Retries, read_exchange_seconds
from dist_actions.services.runner import Runner
from dist_actions.services.transport.adapter import Transport
from support.distributions.builders import write_wheel
from support.sandbox.raw_server import BROKEN, DRIPS, ENDLESS, Script, raw_server

_SECONDS = 1.0
#: A deadline, and what the machine takes beside it.
_AT_THE_LATEST_SECONDS = 20.0
_MEMORY_BYTES = 300 * 2**20

#: Asks a server once, and raises what its client raises.
Ask = Callable[[str], object]


def retries() -> Retries:
    return Retries(SystemClock(), lambda _: None, timedelta(0), _SECONDS)


def plainly(url: str) -> object:
    return HttpClient(retries()).send("ask", "GET", url)


def as_github(url: str) -> object:
    runner = Runner.from_environ({}, io.StringIO())
    connection = GitHubConnection(url, url, "owner/name", retries(), runner)
    return GitHubClient(connection, Secret("token"), "the token").read("ask", "pulls", nothing)


@pytest.fixture
def upload(tmp_path: Path) -> Ask:
    """Uploads a wheel by twine, and raises for what is no success."""
    wheel = write_wheel(tmp_path)

    def send(url: str) -> object:
        login = Login.of_password("us", Secret("password"), SystemClock())
        with Uploads(url, login, _SECONDS) as uploads:
            return uploads.send(wheel, sha256(wheel.read_bytes()).hexdigest())

    return send


@pytest.fixture(params=["plainly", "as GitHub", "an upload"])
def ask(request: pytest.FixtureRequest, upload: Ask) -> Ask:
    """Each client in turn."""
    kinds: dict[str, Ask] = {"plainly": plainly, "as GitHub": as_github, "an upload": upload}
    return kinds[request.param]


@pytest.fixture
def bounded() -> Iterator[None]:
    """The test ends in time, and with little memory more than it began with."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - began < _AT_THE_LATEST_SECONDS
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert more * 1024 < _MEMORY_BYTES


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("script", DRIPS.values(), ids=DRIPS)
def test_a_server_that_drips_is_given_up(ask: Ask, script: Script) -> None:
    with (
        raw_server(script) as url,
        pytest.raises((ServiceUnavailableError, requests.Timeout), match="no answer in time"),
    ):
        ask(url)


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("script", [*ENDLESS.values(), *BROKEN.values()], ids=[*ENDLESS, *BROKEN])
def test_an_answer_that_does_not_end_or_is_broken_is_none(ask: Ask, script: Script) -> None:
    with (
        raw_server(script) as url,
        pytest.raises((ServiceUnavailableError, requests.RequestException)),
    ):
        ask(url)


def test_an_error_is_not_its_own_cause() -> None:
    """Who looks for what is behind it would never come to an end."""
    with raw_server(lambda connection: connection.close()) as url, requests.Session() as session:
        session.mount("http://", Transport(_SECONDS))
        with pytest.raises(requests.ConnectionError) as raised:
            session.get(url)
    assert raised.value.__cause__ is not raised.value


def test_what_moves_has_more_time_than_what_stands_still() -> None:
    """Half a MiB at 256 KiB a second takes twice the time that a silent server has."""

    def slowly(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 524288\r\n\r\n")
        for _ in range(16):
            connection.sendall(b"x" * 2**15)
            time.sleep(2 * _SECONDS / 16)

    with raw_server(slowly) as url:
        answer = HttpClient(retries()).send("ask", "GET", url)
    assert len(answer.content) == 2**19


@pytest.mark.parametrize("text", ["0", "-1", "3601", "1.5", "1m", "x", "9" * 30])
def test_a_deadline_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=EXCHANGE_VARIABLE):
        read_exchange_seconds({EXCHANGE_VARIABLE: text})


@pytest.mark.parametrize(("text", "seconds"), [("", 60.0), ("1", 1.0), ("3600", 3600.0)])
def test_a_deadline_is_read(text: str, seconds: float) -> None:
    assert read_exchange_seconds({EXCHANGE_VARIABLE: text}) == seconds
