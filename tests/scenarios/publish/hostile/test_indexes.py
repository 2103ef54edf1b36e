"""Servers that redirect, never end, or lie: no credential leaves for another host."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from support.publishing.job import POINTS, PublishingJob
from support.sandbox.private_index import served

_MEBIBYTE = 2**20


@dataclass
class Listener:
    """A server of somebody else; it serves the files of a folder by their names.

    Attributes:
        seen: Path, credentials and body of every request.
    """

    folder: Path
    url: str = ""
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path = str(environ["PATH_INFO"])
        self.seen.append((path, str(environ.get("HTTP_AUTHORIZATION", "")), body))
        file = self.folder / path.rpartition("/")[2]
        found = file.is_file()
        start_response("200 OK" if found else "404 Not Found", [("Content-Type", "text/plain")])
        return [file.read_bytes() if found else b""]


@pytest.fixture
def listener(publisher: PublishingJob) -> Iterator[Listener]:
    """A server on another port, which has our files."""
    made = Listener(publisher.dist)
    with served(made) as url:
        made.url = url
        yield made


@pytest.mark.parametrize("status", [302, 307, 308])
@pytest.mark.parametrize("point", list(POINTS))
def test_a_redirect_to_another_host_is_not_followed(
    publisher: PublishingJob, listener: Listener, point: str, status: int
) -> None:
    location = {"location": f"{listener.url}elsewhere/"}
    publisher.fault(path=POINTS[point], status=status, headers=location, times=99)
    exit_status = publisher.run_here({"index": "artifact-registry\npypi"})
    assert listener.seen == []
    assert (exit_status == 0) is (point == "the permissions"), "the index decides by itself then"
    assert "defect" not in publisher.log


@pytest.mark.parametrize("point", list(POINTS))
def test_a_redirect_to_no_address_is_no_defect(publisher: PublishingJob, point: str) -> None:
    publisher.fault(path=POINTS[point], status=302, headers={"location": "https://[/"}, times=99)
    publisher.run_here({"index": "artifact-registry\npypi"})
    assert "defect" not in publisher.log


def test_a_download_is_not_redirected_to_this_machine(
    publisher: PublishingJob, listener: Listener
) -> None:
    assert publisher.run_here() == 0
    make_silent(publisher)
    for name in sorted(publisher.at_hand()):
        location = {"location": f"{listener.url}{name}"}
        publisher.fault(path=f"/packages/{name}", status=302, headers=location)
    assert publisher.run_here() == 1
    assert "nothing tells with which bytes" in publisher.log
    assert listener.seen == []


@pytest.mark.parametrize(
    "location",
    ["http://index.example.com/x.whl", "file:///etc/passwd", "ftp://127.0.0.1/x", "https://[/", ""],
)
def test_a_download_that_is_redirected_astray_tells_nothing(
    publisher: PublishingJob, location: str
) -> None:
    assert publisher.run_here() == 0
    make_silent(publisher)
    publisher.fault(path="/packages/", status=302, headers={"location": location}, times=99)
    assert publisher.run_here() == 1
    assert "nothing tells with which bytes" in publisher.log


def make_silent(publisher: PublishingJob) -> None:
    settings = {"shows_hashes": False, "files_api": "refused"}
    publisher.sandbox.control("PATCH", "google/repositories/dev", settings)


def links(publisher: PublishingJob, base: str) -> list[bytes]:
    """An index's page without hashes."""
    return [f'<a href="{base}{name}">{name}</a>\n'.encode() for name in publisher.at_hand()]


def answering(body: Callable[[], Iterable[bytes]], content_type: str = "text/html") -> Any:
    """An application that answers everything alike."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("Content-Type", content_type)])
        return body()

    return application


def at(url: str) -> dict[str, str]:
    """The inputs for an index there."""
    return {"index": url, "index-url": url, "username": "us", "password": "our-secret-password"}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST.",
        "\u2460\u2461\u2466.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "0.0.0.0",
        "169.254.169.254",
        "[fe80::1]",
        "10.0.0.1",
        "192.168.0.1",
        "[fd00::1]",
        "100.64.0.1",
        "224.0.0.1",
    ],
)
def test_files_on_hosts_that_are_not_public_are_not_read(
    publisher: PublishingJob, listener: Listener, host: str, scheme: str
) -> None:
    """In any spelling: whoever writes a page must not reach what stands behind this machine."""
    port = listener.url.rstrip("/").rpartition(":")[2]
    with served(answering(lambda: links(publisher, f"{scheme}://{host}:{port}/"))) as url:
        assert publisher.run_here(at(url)) == 1
    assert "nothing tells with which bytes" in publisher.log, publisher.log
    assert listener.seen == []


@pytest.mark.parametrize("base", ["file:///", "http://index.example.com/", "//[/"])
def test_files_at_an_address_of_another_kind_are_not_read(
    publisher: PublishingJob, base: str
) -> None:
    with served(answering(lambda: links(publisher, base))) as url:
        assert publisher.run_here(at(url)) == 1
    assert "nothing tells with which bytes" in publisher.log or "cannot be read" in publisher.log


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "text/plain"])
def test_a_page_that_never_ends_is_given_up(publisher: PublishingJob, content_type: str) -> None:
    endless = answering(lambda: itertools.repeat(b" " * _MEBIBYTE), content_type)
    with served(endless) as url:
        assert publisher.run_here(at(url)) == 1
    assert "its page does not end" in publisher.log


def test_a_file_that_never_ends_is_given_up(publisher: PublishingJob) -> None:
    pages = iter([links(publisher, "")])
    endless = answering(lambda: next(pages, itertools.repeat(b"x" * _MEBIBYTE)))
    with served(endless) as url:
        assert publisher.run_here(at(url)) == 1
    assert "nothing tells with which bytes" in publisher.log


def test_an_exchange_that_never_ends_is_given_up(publisher: PublishingJob) -> None:
    endless = answering(lambda: itertools.repeat(b" " * _MEBIBYTE), "application/json")
    with served(endless) as url:
        environ = {"DIST_ACTIONS_STS_URL": f"{url}v1/token"}
        result = publisher(environ=environ)
    assert result.exit_status == 3, result.log
    assert "does not end" in result.annotation.message


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"files": {}}', '{"files": [{}]}', '{"files": [7]}', '{"files": null}', "7"],
)
def test_json_that_is_no_page_is_refused(publisher: PublishingJob, body: str) -> None:
    with served(answering(lambda: [body.encode()], "application/json")) as url:
        assert publisher.run_here(at(url)) == 1
    assert "cannot be read" in publisher.log


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_body_that_is_not_encoded_as_it_says_is_no_defect(
    publisher: PublishingJob, encoding: str
) -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Encoding", encoding)])
        return [b"no archive"]

    with served(application) as url:
        assert publisher.run_here(at(url)) in {1, 3}
    assert "defect" not in publisher.log


def test_an_index_that_takes_files_and_has_others_is_not_believed(publisher: PublishingJob) -> None:
    """Every upload is answered with 200; a file that is read back is the page itself."""
    pages = iter([[b"<!DOCTYPE html>"]])
    with served(answering(lambda: next(pages, links(publisher, "")))) as url:
        assert publisher.run_here(at(url)) == 1
    assert "holds other bytes under the same name" in publisher.log
