"""Reads what stands in each environment from the GitHub releases and their manifests.

One request for each manifest, beside the list of releases, which the caller has: `1 + E` for a
chain of E environments, and at most `MANIFESTS` of them for many packages.
"""

import hashlib
import tempfile
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from packaging.version import Version

from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    ManifestFile,
    parse_manifest,
)
from dist_actions.errors import ReleaseError
from dist_actions.overview.table import Standing
from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.github.releases import RECENT, GitHubRelease, Releases

#: How many manifests are read at most.
MANIFESTS = 30
#: What is a distribution among the assets of a release without a manifest.
_ENDINGS = (".whl", ".tar.gz", ".zip")

#: The forms of tags by package; the package is empty in a repository of one.
Forms = Mapping[str, TagFormat]


def read_standings(
    releases: Releases,
    listed: Sequence[GitHubRelease],
    environments: EnvironmentMap,
    forms: Forms,
    *,
    tags: Mapping[str, str] | None = None,
    known: Iterable[Manifest] = (),
) -> tuple[Standing, ...]:
    """The newest published release of each package in each environment, in order of promotion.

    A release that has no readable manifest stands there with its tag and its assets' digests.

    Args:
        releases: Where manifests are downloaded.
        listed: `Releases.recent()`; drafts are left out.
        environments: The chain.
        forms: The forms of tags of each package.
        tags: Every tag with its commit, for what is older than the listed releases.
        known: Manifests that were read and checked already, which are not read again.
    """
    published = {one.tag: one for one in listed if not one.draft}
    # With fewer releases than fit into the list, a tag that is not there is not released.
    candidates = {**(tags or {}), **published} if len(listed) >= RECENT else published
    newest = _newest(candidates, published, forms)
    read, left = {one.tag: one for one in known}, MANIFESTS
    standings = []
    for stage, package in product(environments.stages, forms):
        tag, version = newest.get((package, stage.suffix), ("", None))
        release = published.get(tag)
        if tag not in read and release is not None and left:
            manifest, left = _read_manifest(releases, release), left - 1
        else:
            manifest = read.get(tag)
        files = manifest.files if manifest else _assets(release)
        bare = Standing(stage.name, tag, version, files=files, package=package)
        standings.append(_with_commit(bare, manifest, (tags or {}).get(tag, "")))
    return tuple(standings)


def _newest(
    tags: Iterable[str], published: Container[str], forms: Forms
) -> dict[tuple[str, str], tuple[str, Version]]:
    """The newest version by package and suffix, with its tag; a listed release comes first."""
    found: dict[tuple[str, str], tuple[bool, Version, str]] = {}
    for tag in tags:
        for package, form in forms.items():
            if parsed := form.parse(tag):
                key, entry = (package, parsed.suffix), (tag in published, parsed.version, tag)
                found[key] = max(found.get(key, entry), entry)
    return {key: (tag, version) for key, (_, version, tag) in found.items()}


def _read_manifest(releases: Releases, release: GitHubRelease) -> Manifest | None:
    asset = release.asset(MANIFEST_NAME)
    if asset is None or not asset.uploaded:
        return None
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        data = releases.download_asset(asset, Path(scratch)).read_bytes()
    try:
        manifest = parse_manifest(data, asset.sha256 or hashlib.sha256(data).hexdigest())
    except ReleaseError:
        return None
    return manifest if manifest.tag == release.tag else None


def _assets(release: GitHubRelease | None) -> tuple[ManifestFile, ...]:
    """The distributions of a release as GitHub itself knows them; their sizes it was not asked."""
    return tuple(
        ManifestFile(asset.name, 0, asset.sha256)
        for asset in (release.assets if release else ())
        if asset.uploaded and asset.sha256 and asset.name.endswith(_ENDINGS)
    )


def _with_commit(standing: Standing, manifest: Manifest | None, tagged: str) -> Standing:
    """The standing with its commit; where the tag has moved since the release, the tag's alone."""
    if manifest is None or (tagged and tagged != manifest.commit_sha):
        return replace(standing, commit_sha=tagged)
    return replace(
        standing,
        commit_sha=manifest.commit_sha,
        tree_sha=manifest.package_tree or manifest.tree_sha,
        carried_from=manifest.carried_from.tag if manifest.carried_from else "",
    )
