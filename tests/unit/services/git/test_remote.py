"""git's own requests: what stands in their way is named as at every other service."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dist_actions.errors import DistActionsError, GitError, NetworkError, ServiceUnavailableError
from dist_actions.services.git.checkout import Git
from dist_actions.services.git.remote import GitRemote
from dist_actions.services.retries import Retries
from support.closed_port import CLOSED_PORT
from support.sandbox.fixtures import git
from support.sandbox.loopback_tls import make_trust
from support.sandbox.private_index import served
from support.sandbox.raw_server import raw_server, silent

#: Of a server that speaks git's protocol 2, which lists refs in an answer of its own.
GREETING = b"001e# service=git-upload-pack\n0000000eversion 2\n000cls-refs\n0000"


class NoClock:
    """A clock that nobody waits for."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def bare_folder(tmp_path: Path) -> Path:
    """An empty repository."""
    git("init", "-q", "--bare", str(tmp_path / "bare"), cwd=tmp_path)
    return tmp_path / "bare"


def failure(folder: Path, url: str, **environ: str) -> tuple[DistActionsError, NoClock]:
    """List the refs of a server, and return why that failed."""
    clock = NoClock()
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), "NO_PROXY": "127.0.0.1"}
    remote = GitRemote(Git(folder, {**variables, **environ}), Retries(clock, lambda _: None))
    with pytest.raises(DistActionsError) as caught:
        remote.run("read the refs", "ls-remote", url)
    return caught.value, clock


def answering(status: str) -> Any:
    def application(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(status, [])
        return [b""]

    return application


def test_an_own_authority_is_trusted_by_git(bare_folder: Path, tmp_path: Path) -> None:
    trust = make_trust(tmp_path / "tls")
    with served(answering("403 Forbidden"), trust.server) as url:
        unknown, clock = failure(bare_folder, url)
        known, _ = failure(bare_folder, url, SSL_CERT_FILE=str(trust.authority))
    assert isinstance(unknown, NetworkError)
    assert unknown.what.startswith(f"The certificate of {url.split('/')[2]} is not accepted: ")
    assert "SSL_CERT_FILE" in unknown.fix
    assert clock.pauses == []
    assert isinstance(known, GitError)
    assert "403" in known.what


@pytest.mark.parametrize(
    ("status", "kind", "pauses"),
    [
        ("407 Proxy Authentication Required", NetworkError, 0),
        ("408 Request Timeout", ServiceUnavailableError, 6),
        ("425 Too Early", ServiceUnavailableError, 6),
        ("503 Service Unavailable", ServiceUnavailableError, 6),
        ("401 Unauthorized", GitError, 1),
        ("403 Forbidden", GitError, 0),
        ("404 Not Found", GitError, 1),
    ],
)
def test_a_status_means_the_same_as_elsewhere(
    bare_folder: Path, status: str, kind: type[Exception], pauses: int
) -> None:
    with served(answering(status)) as url:
        error, clock = failure(bare_folder, url)
    assert type(error) is kind, error
    assert len(clock.pauses) == pauses
    assert (kind is GitError) == ("token" in error.why)


@pytest.mark.parametrize("listed", [b"", b"003d"], ids=["nothing", "the length of a line"])
def test_a_list_of_refs_that_is_cut_is_read_again(bare_folder: Path, listed: bytes) -> None:
    """A proxy ends it where it likes, with a length that fits: to HTTP it is whole."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_greeting = environ["PATH_INFO"].endswith("/info/refs")
        kind = "advertisement" if is_greeting else "result"
        start_response("200 OK", [("Content-Type", f"application/x-git-upload-pack-{kind}")])
        return [GREETING if is_greeting else listed]

    with served(application) as url:
        error, clock = failure(bare_folder, url)
    assert type(error) is ServiceUnavailableError, error
    assert len(clock.pauses) == 6


@pytest.mark.parametrize("size", [5, 30, 34, 48], ids=lambda size: f"{size} bytes")
def test_a_greeting_that_is_cut_is_asked_for_again(bare_folder: Path, size: int) -> None:
    """Within a line, after the service, after its end, after the version."""

    def application(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        kind = "application/x-git-upload-pack-advertisement"
        start_response("200 OK", [("Content-Type", kind)])
        return [GREETING[:size]]

    with served(application) as url:
        error, clock = failure(bare_folder, url)
    assert type(error) is ServiceUnavailableError, error
    assert len(clock.pauses) == 6


def test_a_host_that_is_not_found_is_looked_up_twice(bare_folder: Path) -> None:
    error, clock = failure(bare_folder, "https://github.example.invalid/x")
    assert error.what == "Could not read the refs: the host github.example.invalid is not found."
    assert clock.pauses == [5.0]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_hangs_is_given_up_as_one(bare_folder: Path, scheme: str) -> None:
    """By curl while it waits for an answer, and by us while it greets by TLS."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(bare_folder), "NO_PROXY": "127.0.0.1"}
    retries = Retries(NoClock(), lambda _: None, timedelta(0), exchange_seconds=1.0)
    remote = GitRemote(Git(bare_folder, environ), retries)
    with (
        raw_server(silent) as url,
        pytest.raises(ServiceUnavailableError, match="refs: no answer in time") as caught,
    ):
        remote.list_refs("read the refs", url.replace("http", scheme, 1))
    assert "git is not installed" not in str(caught.value)


def test_a_list_without_any_branch_is_no_answer_of_git(bare_folder: Path) -> None:
    """Git takes it for the list of a server that speaks its old protocol; another may be whole."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(bare_folder), "NO_PROXY": "127.0.0.1"}
    clock = NoClock()
    retries = Retries(clock, lambda _: None)
    remote = GitRemote(Git(bare_folder, environ), retries)
    with (
        served(answering("200 OK")) as url,
        pytest.raises(GitError, match="the answer lists no branch"),
    ):
        remote.list_refs("read the refs", url)
    assert clock.pauses == [1.0]


def test_a_closed_port_is_named(bare_folder: Path) -> None:
    error, _ = failure(bare_folder, f"http://{CLOSED_PORT}/x")
    assert error.what == f"Could not read the refs: {CLOSED_PORT} refuses connections."


def test_a_full_disk_is_named_and_nothing_is_repeated(bare_folder: Path, tmp_path: Path) -> None:
    """git names its own process first, whose failure alone would be a server's."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        "echo 'fatal: write error: No space left on device' >&2\n"
        "echo 'fatal: fetch-pack: index-pack failed' >&2\n"
        "exit 128\n"
    )
    program.chmod(0o700)
    error, clock = failure(bare_folder, "none", PATH=f"{program.parent}:{os.environ['PATH']}")
    assert "the disk of this runner is full" in error.why
    assert clock.pauses == []
