"""Brings the GitHub release of a tag to the state of a manifest, and publishes it last."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dist_actions.distributions.files import sha256_of
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest
from dist_actions.errors import GitHubApiError, ReleaseError, ServiceUnavailableError
from dist_actions.publish.installing import InstallSource
from dist_actions.release.notes import package_changes, previous_tag, release_notes
from dist_actions.services.github.folders import FolderHistory
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.refusals import UnsettledError
from dist_actions.services.github.releases import Asset, GitHubRelease, Releases
from dist_actions.services.retries import Retries, pauses

#: Tries of a step whose outcome GitHub left open, with a doubling pause between them.
_ATTEMPTS = 5


@dataclass(frozen=True)
class ReleaseWriter:
    """Writes one release.

    Attributes:
        folder: Holds the distributions and the manifest.
        sources: Where it is installed from, for the notes.
    """

    releases: Releases
    refs: Refs
    history: FolderHistory
    manifest: Manifest
    folder: Path
    sources: Sequence[InstallSource]
    retries: Retries

    def draft(self, recent: tuple[GitHubRelease, ...]) -> GitHubRelease:
        """The draft of the tag: one that is there, or a new one.

        Args:
            recent: The repository's newest releases, drafts among them.
        """
        found = find_draft(recent, self.manifest)
        for pause in pauses(_ATTEMPTS):
            if found:
                return found
            try:
                return self.releases.create_draft(
                    tag=self.manifest.tag,
                    commit_sha=self.manifest.commit_sha,
                    name=self.manifest.tag,
                    body=release_notes(self.manifest, "", self.sources),
                    prerelease=self.manifest.prerelease,
                )
            except UnsettledError as error:
                self._wait(error, "releases", pause)
            found = find_draft(self.releases.recent(), self.manifest)
        raise _unavailable(f"the draft of {self.manifest.tag}")

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
                for path in missing:
                    self._remove_unfinished(release, path.name)
                    self.releases.upload_asset(release, path)
            except UnsettledError as error:
                self._wait(error, "release", next(next_pauses))
            release = self.releases.read(release)
        raise _unavailable(f"the assets of {self.manifest.tag}")

    def publish(self, draft: GitHubRelease, recent: tuple[GitHubRelease, ...]) -> GitHubRelease:
        """Publish the draft; the tag must still be where it was.

        Args:
            draft: With all its assets.
            recent: The repository's newest releases, for the notes.

        Raises:
            ReleaseError: The tag was moved or deleted meanwhile.
            ServiceUnavailableError: GitHub did not confirm it.
        """
        self.require_unmoved_tag()
        body = self._notes(recent)
        for pause in pauses(_ATTEMPTS):
            try:
                return self.releases.publish(
                    draft,
                    name=self.manifest.tag,
                    body=body,
                    prerelease=self.manifest.prerelease,
                    latest=self.manifest.leading,
                )
            except UnsettledError as error:
                self._wait(error, "release", pause)
            release = self.releases.read(draft)
            if not release.draft:
                return release
        raise _unavailable(f"the release of {self.manifest.tag}")

    def lacks_assets(self, release: GitHubRelease) -> bool:
        """Whether a file is missing from a release.

        Raises:
            ReleaseError: The release holds a file of the same name with other bytes.
        """
        return bool(self._missing(release))

    def require_unmoved_tag(self) -> None:
        """Stop where the tag is no longer on the commit that was built.

        Raises:
            ReleaseError: It is elsewhere or gone.
        """
        ref = self.refs.find(self.manifest.tag)
        commit = self.refs.peel(ref).commit_sha if ref else ""
        if commit != self.manifest.commit_sha:
            raise ReleaseError(
                f"The tag {self.manifest.tag} is now "
                f"{f'on {commit[:7]}' if commit else 'gone'}, "
                f"but {self.manifest.commit_sha[:7]} was built.",
                why="somebody moved or deleted the tag while this run was under way.",
                fix="find out who; forbid moving tags by a tag ruleset; raise the version.",
                anchor="tag-moved",
            )

    def _wait(self, error: UnsettledError, subject: str, pause: float) -> None:
        """Wait before a request whose outcome is open is settled by reading."""
        self.retries.log(f"{error}; reading the {subject} again in {pause:.0f} s")
        self.retries.clock.sleep(pause)

    def _notes(self, recent: tuple[GitHubRelease, ...]) -> str:
        """Notes are worth having, but no reason to stop a release."""
        published = [release.tag for release in recent if not release.draft]
        try:
            generated = self._changes(previous_tag(self.manifest, published))
        except (GitHubApiError, ServiceUnavailableError) as error:
            self.retries.log(f"Going on without GitHub's notes: {error.what}")
            generated = ""
        return release_notes(self.manifest, generated, self.sources)

    def _changes(self, previous: str) -> str:
        """What came since the previous release; of one package of several, its commits alone."""
        manifest = self.manifest
        path = manifest.package_path
        if path in {"", "."}:
            return self.releases.generate_notes(manifest.tag, previous)
        if not previous:
            # Releases of other packages can have pushed it off the page of recent ones.
            listed = self.refs.matching_tags(manifest.tags.prefix)
            previous = previous_tag(manifest, [ref.tag for ref in listed])
        new = self.history.changes(manifest.commit_sha, path)
        old = self.history.changes(previous, path) if previous else ()
        return package_changes(new, old, path)

    def _missing(self, release: GitHubRelease) -> list[Path]:
        return [path for path in self._paths() if not self._is_uploaded(release, path)]

    def _paths(self) -> list[Path]:
        names = [*(file.name for file in self.manifest.files), MANIFEST_NAME]
        return [self.folder / name for name in names]

    def _is_uploaded(self, release: GitHubRelease, path: Path) -> bool:
        asset = release.asset(path.name)
        if asset is None or not asset.uploaded:
            return False
        expected = sha256_of(path)
        actual = asset.sha256 or self._downloaded_digest(asset)
        if actual != expected:
            raise ReleaseError(
                f"The asset {asset.name} of {release.tag} has sha256 {actual}, ours {expected}.",
                why="the release holds another build of this version.",
                fix="raise the version; or remove the draft by hand if nothing was published.",
                anchor="conflict",
            )
        return True

    def _downloaded_digest(self, asset: Asset) -> str:
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            return sha256_of(self.releases.download_asset(asset, Path(scratch)))

    def _remove_unfinished(self, release: GitHubRelease, name: str) -> None:
        asset = release.asset(name)
        if asset is not None and not asset.uploaded:
            self.releases.delete_asset(asset)


def find_draft(releases: tuple[GitHubRelease, ...], manifest: Manifest) -> GitHubRelease | None:
    """The draft to go on with; of several, one that every run takes alike.

    It is the one that holds most of a first build, and of those the oldest. One whose first build
    was interrupted before its manifest was there is of no use to another build: nothing was
    published from it, and nothing can be.
    """
    drafts = [
        release
        for release in releases
        if release.draft and release.tag == manifest.tag and _is_usable(release, manifest)
    ]
    return min(drafts, key=_least_built, default=None)


def find_unusable_drafts(
    releases: tuple[GitHubRelease, ...], manifest: Manifest
) -> list[GitHubRelease]:
    """The drafts of the tag that no run can go on with."""
    return [
        release
        for release in releases
        if release.draft and release.tag == manifest.tag and not _is_usable(release, manifest)
    ]


def _is_usable(release: GitHubRelease, manifest: Manifest) -> bool:
    first = release.asset(MANIFEST_NAME)
    if first is not None and first.uploaded:
        return True
    ours = {file.name: file.sha256 for file in manifest.files}
    present = {asset.name: asset.sha256 for asset in release.assets if asset.uploaded}
    return all(ours.get(name, digest) == digest for name, digest in present.items() if digest)


def _least_built(release: GitHubRelease) -> tuple[bool, int, int]:
    """Sorts the most complete release first; the manifest is what is uploaded last."""
    uploaded = {asset.name for asset in release.assets if asset.uploaded}
    return (MANIFEST_NAME not in uploaded, -len(uploaded), release.id)


def _unavailable(subject: str) -> ServiceUnavailableError:
    return ServiceUnavailableError(
        f"GitHub did not confirm {subject}.",
        why="its answers were lost, or what it lists is behind.",
        fix="run the failed jobs again in a minute; what is there is kept.",
        anchor="service-unavailable",
    )
