"""Load the manifest that one job hands to another, and check its folder against it."""

from collections.abc import Callable
from pathlib import Path

from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import Distribution, require_same_release, scan_folder
from dist_actions.distributions.manifest import (
    MANIFEST_NAME,
    Manifest,
    parse_manifest,
    require_canonical,
    require_manifest_length,
    require_same_files,
)
from dist_actions.distributions.metadata import find_generator
from dist_actions.errors import ReleaseError


def load_manifest(folder: Path, manifest_sha256: str, warn: Callable[[str], None]) -> Manifest:
    """Read the manifest of a build job, and check the folder and its files against it.

    What the manifest says besides the files is the build's word.

    Args:
        folder: Holds the manifest and its distributions.
        manifest_sha256: What the build job's output says.
        warn: Receives what should be annotated.

    Raises:
        ReleaseError: There is none, or a file is not what was built, or must not be published.
        BuildError: An index would refuse a file's metadata.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise ReleaseError(
            f"There is no {MANIFEST_NAME} in {folder.name}.",
            why="the build job's artifact was not downloaded, or to another folder.",
            fix="download it with actions/download-artifact into the folder named by dist.",
            anchor="distributions",
        )
    require_manifest_length(path.stat().st_size, MANIFEST_NAME)
    data = path.read_bytes()
    manifest = parse_manifest(data, manifest_sha256)
    require_canonical(manifest, data)
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    require_same_files(manifest, distributions)
    require_same_release(distributions, manifest.project, manifest.version)
    for text in check_distributions(folder, distributions):
        warn(text)
    return manifest


def find_generator_of(folder: Path, distributions: tuple[Distribution, ...]) -> str:
    """Name what built the first wheel of a folder, as the wheel says it; empty if unknown."""
    wheel = next((dist for dist in distributions if dist.kind == "wheel"), None)
    return find_generator(folder / wheel.name) if wheel else ""
