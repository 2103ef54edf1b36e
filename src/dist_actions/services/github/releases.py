"""GitHub releases of a repository and their assets."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dist_actions.distributions.files import sha256_of
from dist_actions.errors import ReleaseError
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import UnreadableError, flag, items, nothing, number, text
from dist_actions.services.retries import Transient, UnsettledError

#: How many of the newest releases are looked at for a draft or a previous release: one page.
RECENT = 100
#: What one file of a release may have, and no answer has more than.
#: Spec: https://docs.github.com/en/repositories/releasing-projects-on-github/about-releases#storage-and-bandwidth-quotas
LONGEST_ASSET_BYTES = 2 * 1024**3
#: What GitHub takes for a full stop in the name of an asset.
_RENAMED = re.compile(r"[^A-Za-z0-9@+_.-]")


@dataclass(frozen=True)
class Asset:
    """A file of a GitHub release.

    An interrupted upload leaves one behind that is not `uploaded` (`starter`). The digest, 64 hex
    digits, is empty where GitHub does not give it, and the uploader's account 0.
    """

    id: int
    name: str
    uploaded: bool
    sha256: str
    size_bytes: int = 0
    uploader_id: int = 0


@dataclass(frozen=True)
class GitHubRelease:
    """A GitHub release: an `immutable` one's assets can no longer be changed.

    A draft has no `published_at`, which has a time zone. The account of its author is 0 where
    GitHub does not give it.
    """

    id: int
    tag: str
    draft: bool
    url: str
    upload_url: str
    assets: tuple[Asset, ...]
    immutable: bool = False
    published_at: datetime | None = None
    author_id: int = 0

    def asset(self, name: str) -> Asset | None:
        """Find the asset of a file of this name."""
        return next((asset for asset in self.assets if asset.name == asset_name(name)), None)

    def uploaded_asset(self, name: str) -> Asset | None:
        """Find the asset of a file of this name; None where its upload was broken off, too."""
        asset = self.asset(name)
        return asset if asset and asset.uploaded else None


def asset_name(file_name: str) -> str:
    """Return what GitHub calls the asset of a file: `x-1.2.0.tar.gz` for `x-1!2.0.tar.gz`.

    Spec: https://docs.github.com/en/rest/releases/assets#upload-a-release-asset
    """
    return _RENAMED.sub(".", file_name)


class Releases:
    """Reads and writes GitHub releases.

    Spec: https://docs.github.com/en/rest/releases
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def find_published(self, tag: str) -> GitHubRelease | None:
        """Find the published release of a tag; drafts are never found this way."""
        try:
            return self._client.read(
                f"read the release of {tag}",
                f"releases/tags/{quote(tag, safe='')}",
                self._release,
                meaningful=frozenset({404}),
            )
        except RefusedError:
            return None

    def recent(self) -> tuple[GitHubRelease, ...]:
        """List the newest releases, at most `RECENT`; with drafts where the token may write."""

        def parse(data: Any) -> tuple[GitHubRelease, ...]:
            return tuple(map(self._release, items(data)))

        return self._client.read("list the releases", "releases", parse, per_page=RECENT)

    def create_draft(
        self, *, tag: str, commit_sha: str, name: str, body: str, prerelease: bool
    ) -> GitHubRelease:
        """Make a draft of a release.

        Raises:
            UnsettledError: It may have been made; list the releases before trying again.
            GitHubApiError: GitHub refused.
        """
        fields = {
            "tag_name": tag,
            "draft": True,
            "prerelease": prerelease,
            "generate_release_notes": False,
            "name": name,
            "body": body,
            "target_commitish": commit_sha,
            "make_latest": "false",
        }
        operation = f"create the release of {tag}"
        return self._client.request(
            operation, "POST", "releases", fields, self._release, repeatable=False
        )

    def upload_asset(self, release: GitHubRelease, path: Path) -> None:
        """Upload one asset.

        Raises:
            UnsettledError: It may have been uploaded, or an asset of this name is there.
            GitHubApiError: GitHub refused.
        """
        operation = f"upload the asset {path.name}"
        try:
            url = release.upload_url.partition("{?")[0]
            self._client.upload(operation, f"{url}?name={quote(path.name)}", path)
        except RefusedError as error:
            if _is_published(error):
                reason = Transient("it may be there by now")
                raise UnsettledError(operation, reason) from error
            raise self._client.explain(operation, error) from error

    def delete_asset(self, asset: Asset) -> None:
        """Remove an asset; only ever one that an interrupted upload of ours left behind."""
        operation = f"remove the unfinished asset {asset.name}"
        self._delete(operation, f"releases/assets/{asset.id}")

    def delete_draft(self, draft: GitHubRelease) -> None:
        """Remove a draft; only ever one that holds nothing, and that this account made."""
        self._delete(f"remove the empty draft {draft.id} of {draft.tag}", f"releases/{draft.id}")

    def download_asset(self, asset: Asset, folder: Path, name: str = "") -> Path:
        """Write an asset's bytes into a folder.

        Args:
            name: Of the file; the asset's own where it is not given.

        Raises:
            ReleaseError: Its name is not a plain file name, or it is too long.
            ServiceUnavailableError: GitHub did not answer, or with other bytes than it lists.
        """
        if Path(asset.name).name != asset.name or asset.name in {"", ".", ".."}:
            raise ReleaseError(
                f"The release has an asset named {asset.name!r}.",
                why="it is no plain file name.",
                fix="remove that asset from the release.",
            )
        if asset.size_bytes > LONGEST_ASSET_BYTES:
            raise ReleaseError(
                f"The release has an asset {asset.name} of {asset.size_bytes} bytes.",
                why=f"GitHub takes files of up to {LONGEST_ASSET_BYTES}, so it is not GitHub that "
                "answered, but a proxy or another server.",
                fix="check the address of GitHub and the proxies; if they are right, try "
                "again later.",
                anchor="service-unavailable",
            )
        path = folder / (name or asset.name)
        operation = f"download the asset {asset.name}"
        self._client.download(
            operation,
            f"releases/assets/{asset.id}",
            path,
            asset.size_bytes,
            lambda file: _require_listed_bytes(asset, file),
        )
        return path

    def read(self, release: GitHubRelease) -> GitHubRelease:
        """Read a release as it is now."""
        operation = f"read the release of {release.tag}"
        return self._client.read(operation, f"releases/{release.id}", self._release)

    def publish(
        self, release: GitHubRelease, *, name: str, body: str, prerelease: bool, latest: bool
    ) -> GitHubRelease:
        """Turn a draft into a published release; the step that cannot be undone.

        Args:
            body: Its text, Markdown.
            latest: Whether it becomes the repository's latest one; a pre-release never does.

        Raises:
            UnsettledError: It or another release of its tag may be out; read them before trying
                again.
            GitHubApiError: GitHub refused.
        """
        fields = {
            "tag_name": release.tag,
            "name": name,
            "body": body,
            "draft": False,
            "prerelease": prerelease,
            "make_latest": "true" if latest and not prerelease else "false",
        }
        operation = f"publish the release of {release.tag}"
        path = f"releases/{release.id}"
        options: Any = {"repeatable": False, "meaningful": frozenset({422})}
        try:
            return self._client.request(operation, "PATCH", path, fields, self._release, **options)
        except RefusedError as error:
            if not _is_published(error):
                raise self._client.explain(operation, error) from error
            reason = Transient("another run may have published it")
            raise UnsettledError(operation, reason) from error

    def generate_notes(self, tag: str, previous_tag: str) -> str:
        """Let GitHub write notes from the pull requests since a tag; empty if it cannot."""
        body = {"tag_name": tag}
        if previous_tag:
            body["previous_tag_name"] = previous_tag
        operation = f"generate the notes of {tag}"
        path = "releases/generate-notes"
        return self._client.request(
            operation, "POST", path, body, lambda notes: str(notes["body"] or ""), is_change=False
        )

    def _delete(self, operation: str, path: str) -> None:
        """Delete what another run, or a try whose answer was lost, may have deleted already."""
        options: Any = {"meaningful": frozenset({404})}
        with suppress(RefusedError):
            self._client.request(operation, "DELETE", path, None, nothing, **options)

    def _release(self, data: Any) -> GitHubRelease:
        return _release(data, self._client.own_address(data["upload_url"]))


def _is_published(refusal: RefusedError) -> bool:
    """Tell whether GitHub refuses because what was asked for may be there by another run."""
    return "already_exists" in refusal.message or "immutable release" in refusal.message.lower()


def _release(data: Any, upload_url: str) -> GitHubRelease:
    assets = tuple(
        Asset(
            id=number(asset["id"]),
            name=text(asset["name"]),
            uploaded=asset.get("state") == "uploaded",
            sha256=str(asset.get("digest") or "").removeprefix("sha256:"),
            size_bytes=int(asset.get("size") or 0),
            uploader_id=_account_id(asset.get("uploader")),
        )
        for asset in items(data["assets"])
    )
    return GitHubRelease(
        id=number(data["id"]),
        tag=text(data["tag_name"]),
        draft=flag(data["draft"]),
        url=text(data["html_url"]),
        upload_url=upload_url,
        assets=assets,
        immutable=data.get("immutable") is True,
        published_at=read_time(data.get("published_at")),
        author_id=_account_id(data.get("author")),
    )


def _account_id(account: Any) -> int:
    """Read the number of an account; 0 for one that is gone."""
    return number(account["id"]) if isinstance(account, dict) else 0


def read_time(text: str | None) -> datetime | None:
    """Read a time as GitHub writes it; Python 3.10 does not know its `Z`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _require_listed_bytes(asset: Asset, file: Path) -> None:
    """Refuse, and remove, a file that is not what GitHub lists: a proxy's page may be here."""
    if file.stat().st_size == asset.size_bytes and asset.sha256 in {"", sha256_of(file)}:
        return
    file.unlink()
    raise UnreadableError(f"other bytes than GitHub lists for {asset.name}")
