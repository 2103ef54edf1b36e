"""Bring the GitHub release of a tag to the state of a manifest, and publish it last."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.files import sha256_of
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest
from dist_actions.errors import GitHubApiError, ReleaseError, ServiceUnavailableError
from dist_actions.markdown import code
from dist_actions.publish.installing import InstallSource
from dist_actions.release.github_release.changes import (
    ChangeRange,
    Changes,
    find_change_range,
    list_commits,
)
from dist_actions.release.github_release.drafts import find_draft, find_published
from dist_actions.release.github_release.notes import list_pulls, release_notes
from dist_actions.services.github.facts import Commit
from dist_actions.services.github.graphql import Account
from dist_actions.services.github.history import History
from dist_actions.services.github.refs import Ref, Refs
from dist_actions.services.github.releases import Asset, GitHubRelease, Releases
from dist_actions.services.retries import Retries, Transient, UnsettledError, pauses
from dist_actions.services.workers import side_by_side

T = TypeVar("T")

#: Tries of the assets, whose outcome GitHub left open, with a doubling pause between them.
_ATTEMPTS = 5
#: Assets that are uploaded at once, at most.
_UPLOADS = 4
#: A tag that is not listed is looked for again within some seconds, and is gone then.
_UNLISTED = Transient("it is not listed", attempts=3, refusing=True)


@dataclass(frozen=True)
class ReleaseWriter:
    """Writes the release of a manifest, whose files lie in a folder with it.

    The notes tell how to install it from `sources`, and by `tests` what its tests ran with.
    """

    releases: Releases
    refs: Refs
    history: History
    manifest: Manifest
    folder: Path
    sources: Sequence[InstallSource]
    retries: Retries
    tests: str = ""

    def draft(
        self, recent: tuple[GitHubRelease, ...], find_account: Callable[[], Account | None]
    ) -> GitHubRelease:
        """Find the draft of the tag among the newest releases, or create one.

        Another run may do the same at this moment, so the list is read again after the creation,
        and every run goes on with the same draft. One that was made in vain is removed.

        Args:
            recent: The newest releases.
            find_account: Asks which account the writing token acts as.

        Returns:
            The draft; or the release, where another run has published it by now.
        """

        def make() -> GitHubRelease:
            draft = self.releases.create_draft(
                tag=self.manifest.tag,
                commit_sha=self.manifest.commit_sha,
                name=self.manifest.tag,
                body=release_notes(self.manifest, Changes(), self.sources, self.tests),
                prerelease=self.manifest.prerelease,
            )
            by_id = {draft.id: draft} | {release.id: release for release in self.releases.recent()}
            listed = tuple(by_id.values())
            other = find_published(listed, self.manifest.tag)
            other = other or find_draft(listed, self.manifest, find_account)
            if other is None or other.id == draft.id:
                return draft
            if not by_id[draft.id].assets:
                self.releases.delete_draft(draft)
                self.retries.log(f"Removed an empty draft of {draft.tag} (release {draft.id})")
            return other

        def find() -> GitHubRelease | None:
            return find_draft(self.releases.recent(), self.manifest, find_account)

        operation = f"create the release of {self.manifest.tag}"
        draft = find_draft(recent, self.manifest, find_account)
        return draft or self.retries.make_once(operation, make, find)

    def complete(self, draft: GitHubRelease) -> GitHubRelease:
        """Upload the assets that are missing, and compare all digests with the manifest.

        Raises:
            ReleaseError: An asset of the same name holds other bytes.
            ServiceUnavailableError: GitHub did not take them in time.
        """
        release, next_pauses = draft, pauses()
        for _ in range(_ATTEMPTS):
            missing = self._missing(release)
            if not missing:
                return release
            try:
                self._upload(release, missing)
            except UnsettledError as error:
                self._wait(error, next(next_pauses))
            release = self.releases.read(release)
        raise _unavailable(f"the assets of {self.manifest.tag}")

    def _upload(self, release: GitHubRelease, paths: Sequence[Path]) -> None:
        """Upload assets; many of them side by side, a few one after another."""

        def upload(path: Path) -> None:
            self._remove_unfinished(release, path.name)
            self.releases.upload_asset(release, path)

        side_by_side(upload, paths, min(_UPLOADS, len(paths) // _UPLOADS + 1))

    def publish(self, draft: GitHubRelease, recent: tuple[GitHubRelease, ...]) -> GitHubRelease:
        """Publish a draft that has all its assets; the tag must still be where it was.

        The notes tell what changed since one of the recent releases.

        Returns:
            The release; another one of the same tag, where another run was faster.

        Raises:
            ReleaseError: The tag was moved or deleted meanwhile.
            ServiceUnavailableError: GitHub did not confirm it.
        """
        self.require_unmoved_tag()
        body = self._notes(recent)

        def make() -> GitHubRelease:
            return self.releases.publish(
                draft,
                name=self.manifest.tag,
                body=body,
                prerelease=self.manifest.prerelease,
                latest=is_latest(self.manifest, recent),
            )

        def find() -> GitHubRelease | None:
            release = self.releases.read(draft)
            return self.releases.find_published(draft.tag) if release.draft else release

        return self.retries.make_once(f"publish the release of {self.manifest.tag}", make, find)

    def lacks_assets(self, release: GitHubRelease) -> bool:
        """Tell whether a file is missing from a release.

        Raises:
            ReleaseError: The release holds a file of the same name with other bytes.
        """
        return bool(self._missing(release))

    def require_unmoved_tag(self) -> None:
        """Stop where the tag is no longer on the commit that was built.

        One that is not listed is looked for again: it may be a few seconds old.

        Raises:
            ReleaseError: It is elsewhere or gone.
        """
        tag = self.manifest.tag

        def find() -> Ref:
            ref = self.refs.find(tag)
            if ref is None:
                raise _moved_tag(self.manifest, "")
            return ref

        def classify(error: Exception) -> Transient | None:
            return _UNLISTED if isinstance(error, ReleaseError) else None

        ref = self.retries.call(f"read the tag {tag}", find, classify)
        commit = self.refs.peel(ref).commit_sha
        if commit != self.manifest.commit_sha:
            raise _moved_tag(self.manifest, commit)

    def _wait(self, error: UnsettledError, pause: float) -> None:
        """Wait before a request whose outcome is open is settled by reading.

        Raises:
            ServiceUnavailableError: GitHub asks for a longer wait than the run's longest.
        """
        asked = error.transient.wait_seconds or 0.0
        if asked > self.retries.max_wait.total_seconds():
            raise _unavailable(f"the assets of {self.manifest.tag}") from error
        self.retries.log(f"{error}; reading the release again in {max(pause, asked):.0f} s")
        self.retries.clock.sleep(max(pause, asked))

    def _notes(self, recent: tuple[GitHubRelease, ...]) -> str:
        """Write the notes; what GitHub does not tell is left out, and stops no release."""
        published = [release.tag for release in recent if not release.draft]
        changes = self._optional(lambda: self._changes(published)) or Changes()
        return release_notes(self.manifest, changes, self.sources, self.tests)

    def _changes(self, published: Sequence[str]) -> Changes:
        """Read what changed since the previous version of the same environment."""
        manifest = self.manifest
        span = find_change_range(manifest, published)
        if not span.previous:
            # Other releases can have pushed it off the page of recent ones.
            refs = self.refs.matching_tags(manifest.tags.prefix)
            span = find_change_range(manifest, [*published, *(ref.tag for ref in refs)])
        path = "" if manifest.package_path == "." else manifest.package_path
        # Without a previous tag GitHub would choose one of another environment.
        listed = span.previous and not path
        generated = (self._optional(lambda: self._generate(span)) if listed else "") or ""
        commits = self._optional(lambda: self._commits(span, path)) or ()
        pulls = list_pulls(generated)
        heading = "### Commits without a pull request" if pulls else "## What's Changed"
        heading = f"### Changes in {code(path)}" if path else heading
        return Changes(generated, list_commits(commits, pulls, heading))

    def _generate(self, span: ChangeRange) -> str:
        """Let GitHub list the pull requests; its link compares the environment's own tags."""
        generated = self.releases.generate_notes(span.head, span.base)
        pulls, compare, _ = generated.rpartition(f"/compare/{span.base}...{span.head}")
        return f"{pulls}/compare/{span.previous}...{self.manifest.tag}" if compare else generated

    def _commits(self, span: ChangeRange, path: str) -> tuple[Commit, ...]:
        """List the commits, of one package of several its own alone."""
        head = f"refs/tags/{span.head}"
        if not span.base:
            return self.history.newest(head, path)
        commits = self.history.between(f"refs/tags/{span.base}", head) or ()
        return self.history.of_folder(commits, path) if path else commits

    def _optional(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (GitHubApiError, ServiceUnavailableError) as error:
            self.retries.log(f"Going on without GitHub's notes: {error.what}")
            return None

    def _missing(self, release: GitHubRelease) -> list[Path]:
        names = [*(file.name for file in self.manifest.files), MANIFEST_NAME]
        paths = [self.folder / name for name in names]
        return [path for path in paths if not self._is_uploaded(release, path)]

    def _is_uploaded(self, release: GitHubRelease, path: Path) -> bool:
        asset = release.uploaded_asset(path.name)
        if asset is None:
            return False
        expected = self.manifest.digests.get(path.name) or sha256_of(path)
        same_length = asset.size_bytes == path.stat().st_size
        actual = asset.sha256 or (self._downloaded_digest(asset) if same_length else "unknown")
        if actual != expected:
            raise _other_asset(release.tag, asset.name, actual, expected)
        return True

    def _downloaded_digest(self, asset: Asset) -> str:
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            return sha256_of(self.releases.download_asset(asset, Path(scratch)))

    def _remove_unfinished(self, release: GitHubRelease, name: str) -> None:
        asset = release.asset(name)
        if asset is not None and not asset.uploaded:
            self.releases.delete_asset(asset)


def is_latest(manifest: Manifest, releases: tuple[GitHubRelease, ...]) -> bool:
    """Tell whether a release becomes the repository's latest: no higher version is out by then.

    An older version comes later where a failed job is run again, or an old line is maintained.
    """
    published = [manifest.tags.parse(release.tag) for release in releases if not release.draft]
    return manifest.leading and not any(
        parsed
        and parsed.suffix == manifest.suffix
        and parsed.version > manifest.version
        and not parsed.version.is_prerelease
        for parsed in published
    )


def _moved_tag(manifest: Manifest, commit_sha: str) -> ReleaseError:
    return ReleaseError(
        f"The tag {manifest.tag} is now "
        f"{f'on {short_sha(commit_sha)}' if commit_sha else 'gone'}, "
        f"but {short_sha(manifest.commit_sha)} was built.",
        why="somebody moved or deleted the tag while this run was under way.",
        fix="find out who; forbid moving tags by a tag ruleset; raise the version.",
        anchor="tag-moved",
    )


def _other_asset(tag: str, name: str, actual: str, expected: str) -> ReleaseError:
    return ReleaseError(
        f"The asset {name} of {tag} has sha256 {actual}, ours {expected}.",
        why="the release holds another build of this version.",
        fix="raise the version; or remove the draft by hand if nothing was published.",
        anchor="conflict",
    )


def _unavailable(subject: str) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"GitHub did not confirm {subject}.",
        why="its answers were lost, it limits requests, or what it lists is behind.",
        fix="run the failed jobs again in a minute; what is there is kept.",
        anchor="service-unavailable",
    )
