"""Lists that never end, and files and manifests that are longer than any of GitHub's or ours."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import LONGEST_MANIFEST_BYTES, MANIFEST_NAME
from dist_actions.errors import ReleaseError, ServiceUnavailableError
from dist_actions.overview.reading import download_manifest
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.releases import LONGEST_ASSET_BYTES, Asset, Releases


class PagedClient:
    """Answers with pages of one tag each."""

    def __init__(self, pages: Iterator[int], tags_of_a_page: int = 1) -> None:
        self._pages = pages
        self._tags_of_a_page = tags_of_a_page
        self.requests = 0

    def read_page(
        self, _operation: str, _path: str, parse: Callable[[Any], Any], **_: Any
    ) -> tuple[Any, str]:
        self.requests += 1
        number = next(self._pages)
        sha = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
        entry = {"ref": f"refs/tags/v{number}", "object": {"sha": sha, "type": "commit"}}
        return parse([entry] * self._tags_of_a_page), f"https://api.github.com/next/{number}"


class DownloadingClient:
    """Notes what is downloaded, with its limit."""

    def __init__(self) -> None:
        self.limits: list[int] = []

    def download(self, *arguments: Any) -> None:
        self.limits.append(arguments[3])


@pytest.mark.parametrize("tags_of_a_page", [1, 1_000])
def test_a_list_of_tags_that_never_ends_is_given_up(tags_of_a_page: int) -> None:
    client = PagedClient(count(), tags_of_a_page)
    with pytest.raises(ServiceUnavailableError, match="does not end"):
        Refs(client).matching_tags("v")
    assert client.requests <= 1_001


def test_an_asset_longer_than_github_takes_is_not_downloaded(tmp_path: Path) -> None:
    client = DownloadingClient()
    asset = Asset(1, "a.whl", uploaded=True, sha256="", size_bytes=LONGEST_ASSET_BYTES + 1)
    with pytest.raises(ReleaseError, match=f"a.whl of {LONGEST_ASSET_BYTES + 1} bytes"):
        Releases(client).download_asset(asset, tmp_path)
    assert client.limits == []


def test_a_manifest_that_is_too_long_is_not_downloaded() -> None:
    client = DownloadingClient()
    size = LONGEST_MANIFEST_BYTES + 1
    asset = Asset(1, MANIFEST_NAME, uploaded=True, sha256="", size_bytes=size)
    with pytest.raises(ReleaseError, match=f"has {size} bytes"):
        download_manifest(Releases(client), asset)
    assert client.limits == []
