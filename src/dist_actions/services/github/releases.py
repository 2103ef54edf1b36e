"""GitHub releases of a repository and their assets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from github import GithubException
from github.GitRelease import GitRelease
from github.Repository import Repository

from dist_actions.errors import ReleaseError
from dist_actions.services.github.client import GitHubClient, UnsettledError, message_of

T = TypeVar("T")

#: How many of the newest releases are looked at for a draft or a previous release: one page.
RECENT = 100
_OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Asset:
    """A file of a GitHub release.

    Attributes:
        uploaded: False for what an interrupted upload leaves behind (`starter`).
        sha256: 64 hex digits; empty where GitHub does not give it.
    """

    id: int
    name: str
    uploaded: bool
    sha256: str
    size_bytes: int = 0


@dataclass(frozen=True)
class GitHubRelease:
    """A GitHub release, draft or published.

    Attributes:
        immutable: Whether its assets can no longer be changed.
        published_at: When it was published, aware; None for a draft.
    """

    id: int
    tag: str
    draft: bool
    url: str
    api_url: str
    upload_url: str
    assets: tuple[Asset, ...]
    immutable: bool = False
    published_at: datetime | None = None

    def asset(self, name: str) -> Asset | None:
        """The asset of this name."""
        return next((asset for asset in self.assets if asset.name == name), None)


class Releases:
    """Reads and writes GitHub releases.

    Spec: https://docs.github.com/en/rest/releases
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def find_published(self, tag: str) -> GitHubRelease | None:
        """The published release of a tag; drafts are never found this way."""
        operation = f"read the release of {tag}"
        try:
            return _release(self._client.call(operation, lambda repo: repo.get_release(tag)))
        except GithubException as error:
            if error.status == 404:
                return None
            raise self._client.refusal(operation, error) from error

    def recent(self) -> tuple[GitHubRelease, ...]:
        """The newest releases, at most `RECENT`; with drafts where the token may write."""
        found = self._client.read("list the releases", "releases", per_page=RECENT)
        return tuple(_parse(release) for release in found)

    def create_draft(
        self, *, tag: str, commit_sha: str, name: str, body: str, prerelease: bool
    ) -> GitHubRelease:
        """Make a draft.

        Raises:
            UnsettledError: It may have been made; list the releases before trying again.
            GitHubApiError: GitHub refused.
        """

        def create(repo: Repository) -> GitRelease:
            return repo.create_git_release(
                tag,
                name=name,
                message=body,
                draft=True,
                prerelease=prerelease,
                target_commitish=commit_sha,
                make_latest="false",
            )

        return _release(self._call(f"create the release of {tag}", create, repeatable=False))

    def upload_asset(self, release: GitHubRelease, path: Path) -> None:
        """Upload one asset.

        Raises:
            UnsettledError: It may have been uploaded, or an asset of this name is there.
            GitHubApiError: GitHub refused.
        """
        operation = f"upload the asset {path.name}"

        def upload(repo: Repository) -> object:
            target = _known(repo, release)
            return target.upload_asset(str(path), content_type=_OCTETS, name=path.name)

        try:
            self._client.call(operation, upload, repeatable=False)
        except GithubException as error:
            if error.status == 422 and "already_exists" in message_of(error):
                raise UnsettledError(operation, "an asset of this name exists") from error
            raise self._client.refusal(operation, error) from error

    def delete_asset(self, asset: Asset) -> None:
        """Remove an asset; only ever one that an interrupted upload of ours left behind."""
        self._call(
            f"remove the unfinished asset {asset.name}",
            lambda repo: repo.requester.requestJsonAndCheck(
                "DELETE", f"{repo.url}/releases/assets/{asset.id}"
            ),
        )

    def download_asset(self, asset: Asset, folder: Path) -> Path:
        """Write an asset's bytes into a folder.

        Raises:
            ReleaseError: Its name is not a plain file name.
        """
        if Path(asset.name).name != asset.name or asset.name in {"", ".", ".."}:
            raise ReleaseError(
                f"The release has an asset named {asset.name!r}.",
                why="it is no plain file name.",
                fix="remove that asset from the release.",
            )
        path = folder / asset.name
        operation = f"download the asset {asset.name}"
        self._client.download(operation, f"/releases/assets/{asset.id}", path)
        return path

    def read(self, release: GitHubRelease) -> GitHubRelease:
        """The release as it is now."""
        operation = f"read the release of {release.tag}"
        return _release(self._call(operation, lambda repo: repo.get_release(release.id)))

    def publish(
        self, release: GitHubRelease, *, name: str, body: str, prerelease: bool, latest: bool
    ) -> GitHubRelease:
        """Turn a draft into a published release; the step that cannot be undone.

        Args:
            release: The draft.
            name: Its title.
            body: Its text, Markdown.
            prerelease: Whether it is a pre-release.
            latest: Whether it becomes the repository's latest one; a pre-release never does.

        Raises:
            UnsettledError: It may be out; read it before trying again, because a release that is
                immutable by then refuses to be published once more.
            GitHubApiError: GitHub refused.
        """

        def update(repo: Repository) -> GitRelease:
            return _known(repo, release).update_release(
                name,
                body,
                draft=False,
                prerelease=prerelease,
                tag_name=release.tag,
                make_latest="true" if latest and not prerelease else "false",
            )

        operation = f"publish the release of {release.tag}"
        return _release(self._call(operation, update, repeatable=False))

    def generated_notes(self, tag: str, previous_tag: str) -> str:
        """The notes that GitHub writes from the pull requests since a tag; empty if it cannot."""

        def generate(repo: Repository) -> str:
            notes = (
                repo.generate_release_notes(tag, previous_tag_name=previous_tag)
                if previous_tag
                else repo.generate_release_notes(tag)
            )
            return notes.body

        return self._call(f"generate the notes of {tag}", generate)

    def _call(
        self, operation: str, request: Callable[[Repository], T], *, repeatable: bool = True
    ) -> T:
        try:
            return self._client.call(operation, request, repeatable=repeatable)
        except GithubException as error:
            raise self._client.refusal(operation, error) from error


def _release(found: GitRelease) -> GitHubRelease:
    return _parse(found.raw_data)


def _parse(data: dict[str, Any]) -> GitHubRelease:
    assets = tuple(
        Asset(
            id=int(asset["id"]),
            name=str(asset["name"]),
            uploaded=asset.get("state") == "uploaded",
            sha256=str(asset.get("digest") or "").removeprefix("sha256:"),
            size_bytes=int(asset.get("size") or 0),
        )
        for asset in data.get("assets", [])
    )
    return GitHubRelease(
        id=int(data["id"]),
        tag=str(data["tag_name"]),
        draft=data["draft"] is True,
        url=str(data["html_url"]),
        api_url=str(data["url"]),
        upload_url=str(data["upload_url"]),
        assets=assets,
        immutable=data.get("immutable") is True,
        published_at=_time(data.get("published_at")),
    )


def _time(text: str | None) -> datetime | None:
    """A time as GitHub writes it; Python 3.10 does not know its `Z`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def _known(repo: Repository, release: GitHubRelease) -> GitRelease:
    """PyGithub's object for a release that was read already, without reading it again."""
    attributes = {
        "id": release.id,
        "tag_name": release.tag,
        "url": release.api_url,
        "upload_url": release.upload_url,
    }
    return GitRelease(repo.requester, {}, attributes, completed=True)
