"""Finds what earlier environments released of a version, through GitHub's API.

Where the nearest earlier environment has released the version, that takes three requests: the
tag's commit, the release, its manifest. Tags that were read already are not read again.
"""

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from dist_actions.distributions.files import sha256_of
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest, parse_manifest
from dist_actions.errors import ReleaseError
from dist_actions.pipeline.environments import Environment
from dist_actions.release.carrying import (
    Artifacts,
    Earlier,
    Released,
    Source,
    Trees,
    decide,
    require_manifest_of,
    require_same_tree,
)
from dist_actions.release.planning import ReleasePlan
from dist_actions.services.github.folders import FolderHistory
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.releases import Asset, GitHubRelease, Releases

#: A manifest that is longer is none of ours.
_LONGEST_MANIFEST_BYTES = 4 * 1024 * 1024
#: Stands for the tree of a folder that a commit does not have.
_ABSENT = "0" * 40


@dataclass(frozen=True)
class EarlierReleases:
    """Reads what a release could carry.

    Attributes:
        plan: What is released.
        own: Trees of its commit.
    """

    plan: ReleasePlan
    own: Trees
    refs: Refs
    releases: Releases
    history: FolderHistory
    _found: dict[str, GitHubRelease] = field(default_factory=dict, repr=False)

    def find_source(self, artifacts: Artifacts, tags: Collection[str] | None = None) -> Source:
        """Decide where the files come from.

        Args:
            artifacts: The input of that name.
            tags: Those that GitHub has of `plan.earlier_tags`; None where they were not read.

        Raises:
            ReleaseError: This version has other files in an earlier environment, its release
                there is not what it says, or there is nothing to carry.
        """
        wanted = self.plan.earlier_tags
        if tags is None:
            tags = self.refs.find_all(tuple(wanted.values())) if wanted else ()
        found: list[Earlier] = []
        for environment in self.plan.earlier:
            tag = wanted[environment.name]
            one = self._read(environment, tag) if tag in tags else None
            if one is None:
                continue
            require_same_tree(self.plan, self.own, one)
            found.append(one)
            if isinstance(one, Released):
                break
        return decide(self.plan, found, artifacts)

    def download(self, earlier: Released, folder: Path, log: Callable[[str], None]) -> None:
        """Write the files of a release that was found into a folder, each one checked.

        Raises:
            ReleaseError: One is missing, or is not what the manifest says.
        """
        release = self._found[earlier.tag]
        download_files(release, earlier.manifest, self.releases, folder, log)

    def _read(self, environment: Environment, tag: str) -> Earlier | None:
        """The version in one environment; None where its tag is gone."""
        commit = self.refs.tagged_commit(tag)
        if commit is None:
            return None
        found = Earlier(environment, tag, commit.commit_sha, Trees(commit.tree_sha))
        release = self.releases.find_published(tag)
        if release is None:
            return self._without(found, "has no published GitHub release")
        asset = release.asset(MANIFEST_NAME)
        if asset is None or not asset.uploaded:
            return self._without(found, f"has no {MANIFEST_NAME} in its release")
        manifest, digest = self._manifest(release, asset)
        require_manifest_of(self.plan, found, manifest)
        self._found[tag] = release
        trees = self._comparable(found, manifest.package_tree)
        if not trees.package and self.plan.subject.several and trees.whole != self.own.whole:
            return self._without(found, "does not tell the package's own tree in its manifest")
        return Released(
            environment,
            tag,
            found.commit_sha,
            trees,
            manifest=manifest,
            manifest_sha256=digest,
        )

    def _without(self, found: Earlier, lacking: str) -> Earlier:
        return replace(found, trees=self._comparable(found, ""), lacking=lacking)

    def _comparable(self, found: Earlier, package_tree: str) -> Trees:
        """The trees of an earlier commit; of a package's folder by GitHub, if nothing says it.

        Of a package in the root around others GitHub tells no tree, so `package` stays empty.
        """
        subject = self.plan.subject
        if not subject.several:
            return found.trees
        if not package_tree and subject.path != ".":
            package_tree = self.history.subtree(found.commit_sha, subject.path) or _ABSENT
        return replace(found.trees, package=package_tree)

    def _manifest(self, release: GitHubRelease, asset: Asset) -> tuple[Manifest, str]:
        """The manifest of a release, and the digest of its bytes."""
        if asset.size_bytes > _LONGEST_MANIFEST_BYTES:
            raise _unusable(release.tag, f"has {asset.size_bytes} bytes")
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
            path = self.releases.download_asset(asset, Path(scratch))
            data, digest = path.read_bytes(), sha256_of(path)
        if asset.sha256 not in {"", digest}:
            raise _unusable(release.tag, f"has the sha256 {digest}, GitHub says {asset.sha256}")
        return parse_manifest(data, digest), digest


def download_files(
    release: GitHubRelease,
    manifest: Manifest,
    releases: Releases,
    folder: Path,
    log: Callable[[str], None],
) -> None:
    """Write the files of a manifest from its release into a folder, each one checked.

    Raises:
        ReleaseError: One is missing, or is not what the manifest says.
    """
    for file in manifest.files:
        asset = release.asset(file.name)
        if asset is None or not asset.uploaded:
            raise ReleaseError(
                f"The release {release.tag} lacks {file.name}, which its manifest lists.",
                why="somebody removed it, or its upload was broken off.",
                fix=f"run the release of {release.tag} again, which adds what is missing.",
                anchor="carry",
            )
        if asset.sha256 not in {"", file.sha256} or asset.size_bytes != file.size_bytes:
            raise _altered(release.tag, file.name, asset.sha256 or "unknown", file.sha256)
        log(f"Downloading {file.name} of {release.tag} …")
        path = releases.download_asset(asset, folder)
        if (actual := sha256_of(path)) != file.sha256:
            raise _altered(release.tag, file.name, actual, file.sha256)


def _unusable(tag: str, problem: str) -> ReleaseError:
    return ReleaseError(
        f"{MANIFEST_NAME} of the release {tag} {problem}.",
        why="somebody replaced it, or a proxy answered in GitHub's place.",
        fix="run the job again; if that does not help, raise the version.",
        anchor="carry",
    )


def _altered(tag: str, name: str, actual: str, expected: str) -> ReleaseError:
    return ReleaseError(
        f"{name} of the release {tag} has the sha256 {actual}, its manifest says {expected}.",
        why="somebody replaced the file after its release.",
        fix="find out who; raise the version, and release it from the first environment on.",
        anchor="carry",
    )
