"""Indexes that answer with another address: within their host they are followed, elsewhere not."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.package_server import create_package_server
from support.publishing.job import PublishingJob
from support.sandbox.private_index import (
    USERNAME,
    BasicAuthentication,
    PrivateIndex,
    served,
)

_PASSWORD = "a password of the company"
_ELSEWHERE = "https://index.example.com/simple"


class Redirecting:
    """A WSGI application that answers requests for some pages with another address.

    What is below `/moved/` is answered as if it were at the root.

    Args:
        application: Answers everything else.
        pages: Regular expression of the paths of such pages.
        location: Where they redirect, with `{path}` and `{host}` of the request in it.
        until_there: Whether only pages of projects without a file redirect.
    """

    def __init__(
        self,
        application: Any,
        pages: str,
        location: str,
        *,
        status: int = 302,
        until_there: Path | None = None,
    ) -> None:
        self._application = application
        self._pages = pages
        self._location = location
        self._status = status
        self._until_there = until_there

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, host = str(environ["PATH_INFO"]), str(environ["HTTP_HOST"])
        is_there = self._until_there is not None and any(self._until_there.iterdir())
        if re.fullmatch(self._pages, path) and not is_there:
            location = self._location.format(path=path.strip("/"), host=host)
            start_response(f"{self._status} Elsewhere", [("Location", location)])
            return [b""]
        environ["PATH_INFO"] = path.removeprefix("/moved")
        answer: Iterable[bytes] = self._application(environ, start_response)
        return answer


@contextmanager
def redirecting_index(
    folder: Path, pages: str, location: str, **how: Any
) -> Iterator[PrivateIndex]:
    folder.mkdir()
    server = BasicAuthentication(
        create_package_server(folder, shows_hashes=True), USERNAME, _PASSWORD
    )
    if how.pop("forwards", False):
        how["until_there"] = folder
    with served(Redirecting(server, pages, location, **how)) as url:
        yield PrivateIndex(url, folder, _PASSWORD)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "/moved/simple/eigenoid-sample/",
        "http://{host}/moved/simple/eigenoid-sample/#files",
        "../../moved/simple/eigenoid-sample/",
    ],
)
def test_a_page_is_followed_within_its_host(
    publisher: PublishingJob, tmp_path: Path, location: str, status: int
) -> None:
    pages = "/simple/eigenoid-sample/"
    with redirecting_index(tmp_path / "index", pages, location, status=status) as index:
        result = publisher(index.inputs)
        assert result.exit_status == 0, result.log
        assert index.files() == publisher.at_hand()
        assert publisher(index.inputs).outputs["uploaded"] == "0"


def test_a_page_that_redirects_to_itself_is_given_up(
    publisher: PublishingJob, tmp_path: Path
) -> None:
    with redirecting_index(tmp_path / "index", "/simple/.*", "/{path}/") as index:
        result = publisher(index.inputs)
    assert (result.exit_status, index.files()) == (1, {})
    assert "within its own host again and again" in result.annotation.message


@pytest.mark.parametrize(
    "location",
    [
        f"{_ELSEWHERE}/eigenoid-sample/",
        f"{_ELSEWHERE}/Eigenoid_Sample",
        "http://127.0.0.1:9/api/pypi/eigenoid-sample/",
    ],
)
def test_an_index_that_forwards_what_it_does_not_have_is_published_to(
    publisher: PublishingJob, tmp_path: Path, location: str
) -> None:
    """As indexes do that stand in front of a public one."""
    how = {"forwards": True}
    with redirecting_index(tmp_path / "index", "/simple/[^/]+/", location, **how) as index:
        result = publisher(index.inputs)
        assert result.exit_status == 0, result.log
        assert index.files() == publisher.at_hand()
        assert "forwards its readers" in result.log
        assert publisher(index.inputs).outputs["uploaded"] == "0"


@pytest.mark.parametrize(
    "location",
    [
        "https://login.example.com/?back=eigenoid-sample",
        f"{_ELSEWHERE}/",
        "ftp://x/eigenoid-sample/",
    ],
)
def test_another_redirect_to_another_host_is_refused_before_an_upload(
    publisher: PublishingJob, tmp_path: Path, location: str
) -> None:
    how = {"forwards": True}
    with redirecting_index(tmp_path / "index", "/simple/[^/]+/", location, **how) as index:
        result = publisher(index.inputs)
    assert (result.exit_status, index.files()) == (1, {})
    assert "credentials are sent to the address that was given" in result.annotation.message


def test_an_index_that_forwards_for_ever_does_not_pass_for_success(
    publisher: PublishingJob, tmp_path: Path
) -> None:
    location = f"{_ELSEWHERE}/eigenoid-sample/"
    with redirecting_index(tmp_path / "index", "/simple/[^/]+/", location) as index:
        assert publisher.run_here(index.inputs) == 1
        assert index.files() == publisher.at_hand()
    assert f"forwards to {location}" in publisher.log
