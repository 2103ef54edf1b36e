"""Find what earlier environments released of a version, through GitHub's API.

Where the nearest earlier environment has released the version, that takes three requests: the
tag's commit, the release, its manifest. Tags that were read already are not read again.
"""

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from dist_actions.distributions.files import sha256_of
from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    ManifestFile,
    parse_manifest,
    require_manifest_length,
)
from dist_actions.errors import ReleaseError
from dist_actions.pipeline.environments import Environment
from dist_actions.release_plan.carrying import (
    Artifacts,
    EarlierRelease,
    EarlierVersion,
    FileSource,
    decide,
    require_manifest_of,
    require_same_tree,
)
from dist_actions.release_plan.planning import ReleasePlan, Trees
from dist_actions.services.github.history import History
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.releases import Asset, GitHubRelease, Releases
from dist_actions.services.workers import side_by_side

T = TypeVar("T")

#: Files that are fetched at once.
_DOWNLOADS = 4
#: Stands for the tree of a folder that a commit does not have.
_ABSENT = "0" * 40


@dataclass(frozen=True)
class EarlierReleases:
    """Reads what a release could carry."""

    plan: ReleasePlan
    refs: Refs
    releases: Releases
    history: History
    _releases_by_tag: dict[str, GitHubRelease] = field(default_factory=dict, repr=False)

    def find_source(self, artifacts: Artifacts, tags: Collection[str] | None = None) -> FileSource:
        """Decide where the files come from.

        Args:
            tags: Those that GitHub has of `plan.earlier_tags`; None where they were not read.

        Raises:
            ReleaseError: This version has other files in an earlier environment, its release
                there is not what it says, or there is nothing to carry.
        """
        earlier_tags = self.plan.earlier_tags
        if tags is None:
            tags = self.refs.find_all(tuple(earlier_tags.values())) if earlier_tags else ()
        versions: list[EarlierVersion] = []
        for environment in self.plan.earlier:
            tag = earlier_tags[environment.name]
            version = self._read(environment, tag) if tag in tags else None
            if version is None:
                continue
            require_same_tree(self.plan, version)
            versions.append(version)
            if isinstance(version, EarlierRelease):
                break
        return decide(self.plan, versions, artifacts)

    def download(self, earlier: EarlierRelease, folder: Path, log: Callable[[str], None]) -> None:
        """Write the files of an earlier release into a folder, each one checked.

        Raises:
            ReleaseError: One is missing, or is not what the manifest says.
        """
        release = self._releases_by_tag[earlier.tag]

        def fetch(file: ManifestFile) -> None:
            asset = release.uploaded_asset(file.name)
            if asset is None:
                raise _missing_file(release.tag, file.name)
            if asset.sha256 not in {"", file.sha256} or asset.size_bytes != file.size_bytes:
                raise _altered_file(release.tag, file.name, asset.sha256 or "unknown", file.sha256)
            log(f"Downloading {file.name} of {release.tag} …")
            path = self.releases.download_asset(asset, folder, file.name)
            if (actual := sha256_of(path)) != file.sha256:
                raise _altered_file(release.tag, file.name, actual, file.sha256)

        side_by_side(fetch, earlier.manifest.files, _DOWNLOADS)

    def _read(self, environment: Environment, tag: str) -> EarlierVersion | None:
        """Read the version in one environment; None where its tag is gone."""
        commit = _look_twice(lambda: self.refs.tagged_commit(tag))
        if commit is None:
            return None
        version = EarlierVersion(environment, tag, commit.commit_sha, Trees(commit.tree_sha))
        release = _look_twice(lambda: self.releases.find_published(tag))
        if release is None:
            return self._incomplete(version, "has no published GitHub release")
        asset = release.uploaded_asset(MANIFEST_NAME)
        if asset is None:
            return self._incomplete(version, f"has no {MANIFEST_NAME} in its release")
        manifest, digest = self._manifest(release, asset)
        require_manifest_of(self.plan, version, manifest)
        self._releases_by_tag[tag] = release
        trees = self._add_package_tree(version, manifest.package_tree)
        same_commit_tree = trees.commit == self.plan.trees.commit
        if self.plan.package.folder.several and not trees.package and not same_commit_tree:
            return self._incomplete(version, "does not tell the package's own tree in its manifest")
        commit_sha = version.commit_sha
        return EarlierRelease(
            environment, tag, commit_sha, trees, manifest=manifest, manifest_sha256=digest
        )

    def _incomplete(self, version: EarlierVersion, lacking: str) -> EarlierVersion:
        return replace(version, trees=self._add_package_tree(version, ""), lacking=lacking)

    def _add_package_tree(self, version: EarlierVersion, package_tree: str) -> Trees:
        """Complete an earlier commit's trees; GitHub is asked where the manifest lacks one.

        Of a package in the root around others GitHub tells no tree, so `package` stays empty.
        """
        folder = self.plan.package.folder
        if not folder.several:
            return version.trees
        if not package_tree and folder.path != ".":
            package_tree = self.history.subtree(version.commit_sha, folder.path) or _ABSENT
        return replace(version.trees, package=package_tree)

    def _manifest(self, release: GitHubRelease, asset: Asset) -> tuple[Manifest, str]:
        """Download the manifest of a release, and compute the digest of its bytes."""
        where = f"{MANIFEST_NAME} of the release {release.tag}"
        require_manifest_length(asset.size_bytes, where)
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            path = self.releases.download_asset(asset, Path(scratch))
            data, digest = path.read_bytes(), sha256_of(path)
        return parse_manifest(data, digest), digest


def _look_twice(look: Callable[[], T | None]) -> T | None:
    """Look again where something is missing: of a tag that is listed, one answer may be wrong."""
    seen = look()
    return look() if seen is None else seen


def _missing_file(tag: str, name: str) -> ReleaseError:
    return ReleaseError(
        f"The release {tag} lacks {name}, which its manifest lists.",
        why="somebody removed it, or its upload was broken off.",
        fix=f"run the release of {tag} again, which adds what is missing.",
        anchor="carry",
    )


def _altered_file(tag: str, name: str, actual: str, expected: str) -> ReleaseError:
    return ReleaseError(
        f"{name} of the release {tag} has the sha256 {actual}, its manifest says {expected}.",
        why="somebody replaced the file after its release.",
        fix="find out who; raise the version, and release it from the first environment on.",
        anchor="carry",
    )
