"""Continue with the bytes of a first build, where a release of the tag holds them already.

The same commit may build to other bytes, and one version is one set of bytes.
"""

import shutil
import tempfile
from pathlib import Path

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.files import scan_folder, sha256_of
from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    parse_manifest,
    require_same_files,
)
from dist_actions.errors import ReleaseError
from dist_actions.services.github.releases import GitHubRelease, Releases
from dist_actions.services.runner import Runner


def adopt(
    release: GitHubRelease, releases: Releases, manifest: Manifest, folder: Path, runner: Runner
) -> Manifest:
    """Return the manifest to continue with: of a release's first build, or ours if it has none.

    The files in the folder are replaced by those of the first build.

    Raises:
        ReleaseError: The release is of another commit, or lacks a file of its first build; or a
            draft holds other files than those that are carried.
    """
    asset = release.uploaded_asset(MANIFEST_NAME)
    ours = sha256_of(folder / MANIFEST_NAME)
    if asset is None or asset.sha256 == ours:
        return manifest
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        path = releases.download_asset(asset, Path(scratch))
        if (actual := sha256_of(path)) == ours:
            return manifest
        first = parse_manifest(path.read_bytes(), asset.sha256 or actual)
        if (first.commit_sha, first.tag) != (manifest.commit_sha, manifest.tag):
            raise _other_commit(release.tag, first.commit_sha, manifest.commit_sha)
        carried_from = manifest.carried_from
        if release.draft and carried_from and set(first.files) != set(manifest.files):
            raise _other_files(release.tag, carried_from.tag)
        first_files = Path(scratch, "files")
        first_files.mkdir()
        _download_files(release, releases, first, first_files)
        _replace(folder, [*first_files.iterdir(), path])
    runner.annotate(
        "notice", f"Going on with the files that the first build of {release.tag} made."
    )
    return first


def _download_files(
    release: GitHubRelease, releases: Releases, first: Manifest, folder: Path
) -> None:
    for file in first.files:
        asset = release.uploaded_asset(file.name)
        if asset is None:
            raise _missing_file(release.tag, file.name)
        releases.download_asset(asset, folder)
    require_same_files(first, scan_folder(folder))


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
        why="the tag was moved after the first build.",
        fix="raise the version; a released version keeps its bytes.",
        anchor="tag-moved",
    )


def _other_files(tag: str, carried_tag: str) -> ReleaseError:
    """Refuse a draft that was built before there was anything to carry."""
    return ReleaseError(
        f"The draft {tag} holds other files than {carried_tag}.",
        why="an interrupted run built them before that release was out, and one version is "
        "one set of bytes.",
        fix="if nothing of it is in the index, delete the draft by hand and run the job "
        "again; else raise the version.",
        anchor="one-version",
    )


def _missing_file(tag: str, name: str) -> ReleaseError:
    return ReleaseError(
        f"The release {tag} lacks {name} of its first build.",
        why="somebody removed it, and its bytes are not built the same again.",
        fix="raise the version; or, if nothing was published, delete the draft by hand.",
        anchor="conflict",
    )
