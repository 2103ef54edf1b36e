"""What must hold in the source environment before a version is promoted."""

import hashlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from dist_actions.edges.github_releases import GitHubRelease, Releases
from dist_actions.errors import PromotionError
from dist_actions.manifest import MANIFEST_NAME, Manifest, parse_manifest
from dist_actions.promote.promotion import Promotion

Gate = Literal["release", "published"]
GATES: tuple[Gate, ...] = ("release", "published")


def check_gates(
    promotion: Promotion, gates: Iterable[Gate], releases: Releases
) -> tuple[Manifest, ...]:
    """Check the gates of everything that is promoted; read the manifests that `published` needs.

    `release`: the tag has a published GitHub release, which is published only after the index was
    read back. `published`: that release lists its files, and holds every one with its digest.
    Of several packages, those whose folders change in the target are checked: the others bring
    nothing there.

    Raises:
        PromotionError: A gate is closed.
    """
    wanted = set(gates)
    tags = [state.tag for state in promotion.moving] if promotion.packages else [promotion.tag]
    manifests = []
    for tag in tags if wanted else ():
        # A package without a tag is no gate's matter: it cannot be promoted at all.
        release = releases.find_published(tag) if tag else None
        if tag and release is None:
            raise _closed(
                promotion,
                tag,
                "has no published GitHub release",
                "wait for its release workflow, or look why it failed",
            )
        if release and "published" in wanted:
            manifests.append(_read_manifest(promotion, release, releases))
    return tuple(manifests)


def _read_manifest(promotion: Promotion, release: GitHubRelease, releases: Releases) -> Manifest:
    asset = release.asset(MANIFEST_NAME)
    if asset is None or not asset.uploaded:
        raise _closed(
            promotion,
            release.tag,
            f"has no {MANIFEST_NAME} in its release",
            "release it with dist-actions",
        )
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        data = releases.download_asset(asset, Path(scratch)).read_bytes()
    manifest = parse_manifest(data, asset.sha256 or hashlib.sha256(data).hexdigest())
    for file in manifest.files:
        found = release.asset(file.name)
        if found is None or not found.uploaded or found.sha256 != file.sha256:
            raise _closed(
                promotion,
                release.tag,
                f"lacks {file.name}, or holds it with other bytes",
                f"look who changed the assets of {release.url}",
            )
    return manifest


def _closed(promotion: Promotion, tag: str, problem: str, fix: str) -> PromotionError:
    return PromotionError(
        f"{tag} {problem}.",
        why=f"only what is out in {promotion.source.name} is promoted.",
        fix=f"{fix}, then run this job again.",
        anchor="promote-gates",
    )
