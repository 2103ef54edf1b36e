"""Read what stands in each environment from the GitHub releases and their manifests.

One request for each manifest, beside the list of releases, which the caller has: `1 + E` for E
environments, and at most `MANIFESTS` of them for many packages.
"""

import hashlib
import tempfile
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from packaging.version import Version

from dist_actions.distributions.companions import is_distribution_name
from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    ManifestFile,
    parse_manifest,
    require_manifest_length,
)
from dist_actions.errors import ReleaseError
from dist_actions.overview.table import EnvironmentStatus
from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.github.releases import RECENT, Asset, GitHubRelease, Releases

#: How many manifests are read at most.
MANIFESTS = 30

#: The forms of tags by package; the package is empty in a repository of one.
Forms = Mapping[str, TagFormat]


def read_environment_statuses(
    releases: Releases,
    recent: Sequence[GitHubRelease],
    environments: EnvironmentMap,
    forms: Forms,
    *,
    tags: Mapping[str, str] | None = None,
    manifests: Iterable[Manifest] = (),
) -> tuple[EnvironmentStatus, ...]:
    """Find the newest published release of each package in each environment, in order of promotion.

    A release that has no readable manifest stands there with its tag and its assets' digests.

    Args:
        releases: Where manifests are downloaded.
        recent: `Releases.recent()`; drafts are left out.
        environments: In the order of promotion.
        forms: The forms of tags of each package.
        tags: Every tag with its commit, for what is older than the recent releases.
        manifests: Those that were read and checked already, which are not read again.
    """
    published = {release.tag: release for release in recent if not release.draft}
    # With fewer releases than fit into the list, a tag that is not there is not released.
    candidates = {**(tags or {}), **published} if len(recent) >= RECENT else published
    newest = _newest(candidates, published, forms)
    by_tag, unread = {manifest.tag: manifest for manifest in manifests}, MANIFESTS
    statuses = []
    for stage, package in product(environments.stages, forms):
        tag, version = newest.get((package, stage.suffix), ("", None))
        release = published.get(tag)
        if tag not in by_tag and release is not None and unread:
            manifest, unread = _find_manifest(releases, release), unread - 1
        else:
            manifest = by_tag.get(tag)
        files = manifest.files if manifest else _assets(release)
        status = EnvironmentStatus(stage.name, tag, version, files=files, package=package)
        statuses.append(_with_commit(status, manifest, (tags or {}).get(tag, "")))
    return tuple(statuses)


def _newest(
    tags: Iterable[str], published: Container[str], forms: Forms
) -> dict[tuple[str, str], tuple[str, Version]]:
    """Find the newest version by package and suffix, with its tag; a recent release comes first."""
    newest: dict[tuple[str, str], tuple[bool, Version, str]] = {}
    for tag in tags:
        for package, form in forms.items():
            if parsed := form.parse(tag):
                key, entry = (package, parsed.suffix), (tag in published, parsed.version, tag)
                newest[key] = max(newest.get(key, entry), entry)
    return {key: (tag, version) for key, (_, version, tag) in newest.items()}


def download_manifest(releases: Releases, asset: Asset) -> Manifest:
    """Download the manifest of a release.

    Raises:
        ReleaseError: It is no manifest, or is too long.
    """
    require_manifest_length(asset.size_bytes, f"{MANIFEST_NAME} of a release")
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        data = releases.download_asset(asset, Path(scratch)).read_bytes()
    return parse_manifest(data, hashlib.sha256(data).hexdigest())


def _find_manifest(releases: Releases, release: GitHubRelease) -> Manifest | None:
    asset = release.uploaded_asset(MANIFEST_NAME)
    if asset is None:
        return None
    try:
        manifest = download_manifest(releases, asset)
    except ReleaseError:
        return None
    return manifest if manifest.tag == release.tag else None


def _assets(release: GitHubRelease | None) -> tuple[ManifestFile, ...]:
    """List the distributions of a release as GitHub itself knows them, without their sizes."""
    return tuple(
        ManifestFile(asset.name, 0, asset.sha256)
        for asset in (release.assets if release else ())
        if asset.uploaded and asset.sha256 and is_distribution_name(asset.name)
    )


def _with_commit(
    status: EnvironmentStatus, manifest: Manifest | None, tagged: str
) -> EnvironmentStatus:
    """Add the commit; where the tag has moved since the release, the tag's alone."""
    if manifest is None or (tagged and tagged != manifest.commit_sha):
        return replace(status, commit_sha=tagged)
    return replace(
        status,
        commit_sha=manifest.commit_sha,
        tree_sha=manifest.package_tree or manifest.tree_sha,
        carried_from=manifest.carried_from.tag if manifest.carried_from else "",
    )
