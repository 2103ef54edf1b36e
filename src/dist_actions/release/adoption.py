"""Continue with a release of the tag that is there already, where it holds the bytes at hand.

One version is one set of bytes, and whoever may write to the repository can make a release or a
draft: what another job put there is never taken over because it is there. The exception is a draft
that this run's own writer made, because the same commit may build to other bytes, and an index may
hold those of the first build already.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.companions import is_distribution_name
from dist_actions.distributions.files import scan_folder, sha256_of
from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    ManifestFile,
    parse_manifest,
    require_canonical,
    require_manifest_length,
    require_same_files,
)
from dist_actions.errors import BuildError, ReleaseError
from dist_actions.release.github_release.drafts import is_all_of
from dist_actions.release_plan.agreement import RunPlan, require_of_run
from dist_actions.services.github.graphql import ACTIONS_BOT_ID, Account
from dist_actions.services.github.releases import Asset, GitHubRelease, Releases, asset_name
from dist_actions.services.runner import Runner


@dataclass(frozen=True)
class Adoption:
    """Looks at releases of the tag that are there, for a run and the files at hand.

    Attributes:
        manifest: What lists the files at hand.
        folder: Holds these files and their manifest.
    """

    run: RunPlan
    manifest: Manifest
    folder: Path
    releases: Releases
    runner: Runner

    def adopt_published(self, release: GitHubRelease) -> Manifest:
        """Return the manifest to continue with: that of the release, or ours if it has none.

        Raises:
            ReleaseError: The release is of another commit, of other bytes than those at hand, or
                holds a distribution besides.
        """
        manifest = self._adopt_manifest(release)
        ours = {asset_name(file.name) for file in manifest.files}
        # An unfinished upload counts, too: somebody may finish it.
        others = [asset.name for asset in release.assets if asset.name not in ours]
        if foreign := [name for name in others if is_distribution_name(name)]:
            raise _foreign_files(release.tag, foreign)
        return manifest

    def _adopt_manifest(self, release: GitHubRelease) -> Manifest:
        asset = release.uploaded_asset(MANIFEST_NAME)
        if asset is None or asset.sha256 == self.manifest.sha256:
            return self.manifest
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            path = self._download_manifest(release, asset, Path(scratch))
            if sha256_of(path) == self.manifest.sha256:
                return self.manifest
            manifest = _read(path)
            self._require_our_bytes(release, manifest)
            self._require_agreement(release, manifest, self.folder)
            shutil.move(path, self.folder / MANIFEST_NAME)
        self.runner.annotate(
            "notice", f"The release {release.tag} holds these files; going on with its manifest."
        )
        return manifest

    def adopt_own_draft(
        self, drafts: Sequence[GitHubRelease], find_account: Callable[[], Account | None]
    ) -> Manifest:
        """Return the manifest to continue with: that of a draft of our own, else ours.

        The files in the folder are replaced by those of the draft.

        Args:
            drafts: Of the tag, in the order of preference.
            find_account: Asks which account the writing token acts as.
        """
        candidates = [draft for draft in drafts if _has_other_manifest(draft, self.manifest)]
        account = find_account() if candidates else None
        if account and account.account_id == ACTIONS_BOT_ID:
            return self.manifest
        for draft in candidates:
            if is_all_of(draft, account):
                try:
                    return self._continue(draft)
                except (ReleaseError, BuildError) as error:
                    self.runner.log(f"Not going on with the draft {draft.id}: {error.what}")
        return self.manifest

    def _continue(self, draft: GitHubRelease) -> Manifest:
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            files = Path(scratch, "files")
            files.mkdir()
            asset = draft.uploaded_asset(MANIFEST_NAME)
            if asset is None:
                raise _lacks(draft, MANIFEST_NAME)
            path = self._download_manifest(draft, asset, Path(scratch))
            manifest = _read(path)
            for file in manifest.files:
                asset = draft.uploaded_asset(file.name)
                if asset is None or asset.size_bytes != file.size_bytes:
                    raise _lacks(draft, file.name)
                self.releases.download_asset(asset, files, file.name)
            self._require_agreement(draft, manifest, files)
            _replace(self.folder, [*files.iterdir(), path])
        self.runner.annotate(
            "notice",
            f"Going on with the files that the first build of {draft.tag} made: the draft is of "
            "this run's own writer.",
        )
        return manifest

    def _download_manifest(self, release: GitHubRelease, asset: Asset, folder: Path) -> Path:
        where = f"{MANIFEST_NAME} of the release {release.tag}"
        require_manifest_length(asset.size_bytes, where)
        return self.releases.download_asset(asset, folder)

    def _require_our_bytes(self, release: GitHubRelease, manifest: Manifest) -> None:
        if (manifest.commit_sha, manifest.tag) != (self.manifest.commit_sha, self.manifest.tag):
            raise _other_commit(release.tag, manifest.commit_sha, self.manifest.commit_sha)
        if set(manifest.files) != set(self.manifest.files):
            raise _other_bytes(release.tag, manifest.files, self.manifest.files)

    def _require_agreement(self, release: GitHubRelease, manifest: Manifest, folder: Path) -> None:
        """Hold a manifest of a release against the run, as that of the build was."""
        where = f"{MANIFEST_NAME} of the release {release.tag}"
        distributions = scan_folder(folder, besides=[MANIFEST_NAME])
        require_same_files(manifest, distributions)
        require_of_run(manifest, self.run, folder, distributions, where)
        check_distributions(folder, distributions)


def _read(path: Path) -> Manifest:
    data = path.read_bytes()
    manifest = parse_manifest(data, sha256_of(path))
    require_canonical(manifest, data)
    return manifest


def _has_other_manifest(draft: GitHubRelease, manifest: Manifest) -> bool:
    asset = draft.uploaded_asset(MANIFEST_NAME)
    return asset is not None and asset.sha256 != manifest.sha256


def _replace(folder: Path, paths: list[Path]) -> None:
    """Make `paths` the only content of a folder of plain files."""
    for old_path in folder.iterdir():
        old_path.unlink()
    for path in paths:
        shutil.move(path, folder / path.name)


def _other_commit(tag: str, first_commit: str, commit: str) -> ReleaseError:
    return ReleaseError(
        f"The release {tag} was built from {short_sha(first_commit)}, "
        f"this run from {short_sha(commit)}.",
        why="the tag was moved after the first build, or somebody else made the release.",
        fix="raise the version; a released version keeps its bytes.",
        anchor="tag-moved",
    )


def _other_bytes(
    tag: str, files: Sequence[ManifestFile], our_files: Sequence[ManifestFile]
) -> ReleaseError:
    theirs, ours = ({file.name: file.sha256 for file in each} for each in (files, our_files))
    problems = "; ".join(
        f"{name} has sha256 {theirs.get(name, '(absent)')} there, {ours.get(name, '(absent)')} here"
        for name in dict.fromkeys((*ours, *theirs))
        if theirs.get(name) != ours.get(name)
    )
    return ReleaseError(
        f"The release {tag} is out with other files than this run has: {problems}.",
        why="the version was built once more and came to other bytes, or the release was made by "
        "somebody else. It is never taken over.",
        fix="to finish an interrupted run, choose `Re-run failed jobs` there, which keeps its "
        "files; else find out who made the release, and raise the version.",
        anchor="release-conflict",
    )


def _foreign_files(tag: str, names: Sequence[str]) -> ReleaseError:
    return ReleaseError(
        f"The release {tag} is out with files that are not of this run: {', '.join(names)}.",
        why="somebody made the release by hand, or attached a file to it; beside ours it would be "
        "taken for ours.",
        fix="find out who did it, and raise the version; or remove the file from the release.",
        anchor="release-conflict",
    )


def _lacks(draft: GitHubRelease, name: str) -> ReleaseError:
    return ReleaseError(
        f"The draft {draft.id} of {draft.tag} lacks {name}.",
        why="its upload was broken off, or somebody removed or exchanged it.",
        fix="delete the draft by hand, if nothing was published from it.",
        anchor="conflict",
    )
