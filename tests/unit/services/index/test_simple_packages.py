"""The packages of an index of simple pages: names, versions, yanks, and metadata beside a file."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from dist_actions.errors import DistActionsError
from dist_actions.identity.secret import Secret
from dist_actions.indexes.offered_metadata import MetadataReader
from dist_actions.services.clock import SystemClock
from dist_actions.services.http import HttpClient
from dist_actions.services.index.simple_packages import SimplePackages
from dist_actions.services.login import Login
from dist_actions.services.retries import Retries
from support.dependencies.indexes import metadata_text
from support.sandbox.private_index import served

JSON = "application/vnd.pypi.simple.v1+json"
CORE = canonicalize_name("core")


def file(version: str, **more: Any) -> dict[str, Any]:
    name = f"core-{version}-py3-none-any.whl"
    return {"filename": name, "url": f"../../files/{name}", "hashes": {}, **more}


class Index:
    """An index that offers metadata beside its files, and remembers who asked for what."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bool]] = []
        self.elsewhere = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.requests.append((path, "HTTP_AUTHORIZATION" in environ))
        files = [file("0.1"), file("0.2", yanked="broken"), file("0.3")]
        for entry in files:
            entry["core-metadata"] = True
            entry["url"] = f"{self.elsewhere}{entry['url']}" if self.elsewhere else entry["url"]
        pages = {
            "/simple/": json.dumps({"projects": [{"name": "Core"}, {"name": "util"}]}),
            "/simple/core/": json.dumps({"files": files}),
            "/files/core-0.3-py3-none-any.whl.metadata": metadata_text("core", "0.3", "util>=1"),
        }
        body = pages.get(path)
        start_response("200 OK" if body else "404 Not Found", [("Content-Type", JSON)])
        return [(body or "").encode()]


@contextmanager
def connected(index: Index) -> Iterator[SimplePackages]:
    retries = Retries(SystemClock(), lambda _: None)
    with served(index) as url:
        login = Login.of_password("us", Secret("password"), retries.clock)
        http, simple = HttpClient(retries, login), f"{url}simple/"
        read: Callable[..., Any] = MetadataReader(simple, http, simple).read
        yield SimplePackages("qa", simple, http, read)


def test_names_versions_and_metadata_take_a_request_each() -> None:
    index = Index()
    with connected(index) as packages:
        assert sorted(packages.projects()) == ["core", "util"]
        versions = packages.versions([CORE])[CORE]
        described = [(str(version.version), version.yanked) for version in versions]
        assert described == [("0.3", False), ("0.2", True), ("0.1", False)]
        (metadata,) = packages.metadata(versions[:1]).values()
        assert [str(requirement) for requirement in metadata.requirements] == ["util>=1"]
        assert packages.versions([canonicalize_name("absent")]) == {"absent": ()}
    assert [path for path, _ in index.requests] == [
        "/simple/",
        "/simple/core/",
        "/files/core-0.3-py3-none-any.whl.metadata",
        "/simple/absent/",
    ]
    assert all(logged_in for _, logged_in in index.requests)


def test_a_file_on_another_host_gets_no_credentials_and_must_be_public() -> None:
    index, other = Index(), Index()
    with served(other) as url, connected(index) as packages:
        index.elsewhere = f"{url}simple/core/"
        versions = packages.versions([CORE])[CORE]
        with pytest.raises(DistActionsError, match="is not followed"):
            packages.metadata(versions[:1])
    assert other.requests == []


def test_metadata_that_are_announced_and_missing_are_one_error() -> None:
    with connected(Index()) as packages:
        versions = packages.versions([CORE])[CORE]
        with pytest.raises(DistActionsError, match="and does not have it"):
            packages.metadata(versions[2:])
