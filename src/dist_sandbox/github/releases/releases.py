"""GitHub releases and their assets, and which one is the latest."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from dist_sandbox.github.access.accounts import Account

_CHUNK_BYTES = 1 << 20


@dataclass
class Asset:
    """A file of a GitHub release.

    Its state is `starter` until every byte has arrived; an interrupted upload stays so, without a
    digest.
    """

    asset_id: int
    name: str
    label: str
    content_type: str
    uploader: Account
    created_at: datetime
    updated_at: datetime
    path: Path
    state: Literal["starter", "uploaded"] = "starter"
    size_bytes: int = 0
    sha256: str | None = None
    download_count: int = 0

    def receive(self, stream: IO[bytes], *, expected_bytes: int | None) -> bool:
        """Store the body of an upload.

        Returns:
            Whether it was complete; if not the asset stays a `starter`.
        """
        digest, size = hashlib.sha256(), 0
        with self.path.open("wb") as target:
            while chunk := stream.read(_CHUNK_BYTES):
                target.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        if expected_bytes is not None and size != expected_bytes:
            return False
        self.size_bytes, self.sha256, self.state = size, digest.hexdigest(), "uploaded"
        return True


@dataclass
class Release:
    """A GitHub release, or a draft of one.

    `tag_name` is the short name of its tag, which a draft's need not exist; it is then made at the
    branch or commit `target`. `created_at` is the date of the tag's commit, by which GitHub orders
    releases, and `draft_name` stands for the tag in a draft's address. A release that was published
    with `make_latest: false` is `never_latest`.
    """

    release_id: int
    tag_name: str
    target: str
    name: str | None
    body: str | None
    author: Account
    draft: bool
    prerelease: bool
    created_at: datetime
    updated_at: datetime
    draft_name: str
    published_at: datetime | None = None
    assets: list[Asset] = field(default_factory=list)
    immutable: bool = False
    never_latest: bool = False

    def asset_named(self, name: str) -> Asset | None:
        """Find the asset of this name, complete or not."""
        return next((asset for asset in self.assets if asset.name == name), None)


def asset_name(requested: str) -> str:
    """Make the name that GitHub gives an uploaded file: other characters become full stops."""
    return re.sub(r"\.{2,}", ".", re.sub(r"[^A-Za-z0-9@+_.-]", ".", requested)).strip(".")


def find_latest(releases: Iterable[Release], explicit_id: int | None) -> Release | None:
    """Find the latest release: the one that was marked so, else the newest full release."""
    full = [
        release
        for release in releases
        if not (release.draft or release.prerelease or release.never_latest)
    ]
    for release in full:
        if release.release_id == explicit_id:
            return release
    return max(full, key=lambda release: (release.created_at, release.release_id), default=None)
