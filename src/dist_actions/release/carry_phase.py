"""The phase `build` where nothing is built: the files of an earlier release, checked."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from dist_actions.distributions.checks import check_distributions
from dist_actions.distributions.files import require_same_release, scan_folder
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest, require_same_files
from dist_actions.release.build_phase import require_empty
from dist_actions.release.carrying import Carry, carried_manifest
from dist_actions.release.earlier_releases import EarlierReleases
from dist_actions.release.planning import ReleasePlan


def carry(
    plan: ReleasePlan,
    source: Carry,
    earlier: EarlierReleases,
    *,
    folder: Path,
    log: Callable[[str], None],
) -> Manifest:
    """Download an earlier release's files into a folder, check them, write the new manifest.

    Args:
        plan: What is released.
        source: What is carried.
        earlier: Found that source.
        folder: Must be empty or absent; it stays so where something is refused.
        log: Receives what should be known.

    Raises:
        ReleaseError: A file is missing, or not what the earlier manifest says.
        BuildError: An index would refuse a file's metadata.
    """
    require_empty(folder)
    manifest = carried_manifest(plan, earlier.own, source)
    with tempfile.TemporaryDirectory(prefix="dist-actions-") as scratch:
        files = Path(scratch, "files")
        files.mkdir()
        earlier.download(source.earlier, files, log)
        distributions = scan_folder(files)
        require_same_files(manifest, distributions)
        require_same_release(distributions, manifest.project, plan.version)
        for text in check_distributions(files, distributions):
            log(text)
        folder.mkdir(parents=True, exist_ok=True)
        for path in files.iterdir():
            shutil.move(path, folder / path.name)
    Path(folder, MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return manifest
