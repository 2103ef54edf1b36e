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

    Attributes:
        state: `starter` until every byte has arrived; an interrupted upload stays so.
        sha256: Hex digest, None while `starter`.
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

    Attributes:
        tag_name: Short name of its tag, which a draft's need not exist.
        target: Branch or commit that the tag is made at where it is absent.
        created_at: Date of the tag's commit; GitHub orders releases by it.
        draft_name: What stands for the tag in a draft's address.
        never_latest: Whether it was published with `make_latest: false`.
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
        """The asset of this name, complete or not."""
        return next((asset for asset in self.assets if asset.name == name), None)


def asset_name(requested: str) -> str:
    """The name that GitHub gives an uploaded file: other characters become full stops."""
    return re.sub(r"\.{2,}", ".", re.sub(r"[^A-Za-z0-9@+_.-]", ".", requested)).strip(".")


def find_latest(releases: Iterable[Release], explicit_id: int | None) -> Release | None:
    """The latest release: the one that was marked so, else the newest full release."""
    full = [
        release
        for release in releases
        if not (release.draft or release.prerelease or release.never_latest)
    ]
    for release in full:
        if release.release_id == explicit_id:
            return release
    return max(full, key=lambda one: (one.created_at, one.release_id), default=None)
