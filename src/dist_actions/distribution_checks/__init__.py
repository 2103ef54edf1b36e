"""Everything that is checked of distributions before anything is sent; nothing is extracted.

Call `check_distributions(folder, distributions)`; it needs no network and no credential.
"""

from collections.abc import Sequence
from pathlib import Path

from dist_actions.archive_members import refuse_credentials
from dist_actions.distribution_metadata import require_same_metadata
from dist_actions.distributions import Distribution, require_same_release
from dist_actions.edges.metadata_check import check_metadata

__all__ = ["check_distributions"]


def check_distributions(folder: Path, distributions: Sequence[Distribution]) -> tuple[str, ...]:
    """Check the files of one release: archives, metadata, RECORD, credentials, sizes.

    Args:
        folder: Where the files lie.
        distributions: What `scan_folder` found there, at least one.

    Returns:
        Warnings, each one sentence for one annotation.

    Raises:
        ReleaseError: The files are of several projects or versions, or one is damaged, hostile
            or holds credentials.
        BuildError: An index would refuse a file's metadata.
    """
    first = distributions[0]
    require_same_release(distributions, first.project, first.version)
    paths = [folder / dist.name for dist in distributions]
    refuse_credentials(paths)
    require_same_metadata(paths, first.project, first.version)
    check_metadata(paths)
    return ()
