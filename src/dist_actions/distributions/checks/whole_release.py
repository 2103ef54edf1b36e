"""Check the distributions of one release before anything is sent; nothing is extracted.

Call `check_distributions(folder, distributions)`; it needs no network and no credential.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dist_actions.distributions.checks.errors import damaged
from dist_actions.distributions.checks.metadata import check_metadata
from dist_actions.distributions.checks.sdist import check_sdist
from dist_actions.distributions.checks.wheel import check_wheel
from dist_actions.distributions.files import Distribution, require_same_release
from dist_actions.distributions.metadata import require_same_metadata

#: As many as GitHub's runners have cores.
_THREADS = 4


def check_distributions(folder: Path, distributions: Sequence[Distribution]) -> tuple[str, ...]:
    """Check the files of one release: archives, metadata, RECORD, credentials.

    Args:
        distributions: What `scan_folder` found there, at least one.

    Returns:
        Warnings, each one sentence for one annotation, none twice.

    Raises:
        ReleaseError: The files are of several projects or versions, or one is damaged, hostile
            or holds credentials.
        BuildError: One is no valid wheel or sdist, or an index would refuse its metadata.
    """
    first = distributions[0]
    require_same_release(distributions, first.project, first.version)
    warnings: list[str] = []
    #: Wheels for many platforms have the same metadata, which takes longest to check.
    names_by_metadata: dict[bytes, str] = {}
    with ThreadPoolExecutor(_THREADS) as pool:  # most of it is inflating and hashing
        checked = list(pool.map(lambda d: _check_archive(folder / d.name, d.kind), distributions))
    for dist, (metadata, warnings_of_archive) in zip(distributions, checked, strict=True):
        require_same_metadata(dist.name, metadata, first.project, first.version)
        warnings.extend(warnings_of_archive)
        names_by_metadata.setdefault(metadata, dist.name)
    for metadata, name in names_by_metadata.items():
        warnings.extend(check_metadata(name, metadata))
    return tuple(dict.fromkeys(warnings))


def _check_archive(path: Path, kind: str) -> tuple[bytes, tuple[str, ...]]:
    try:
        return check_wheel(path) if kind == "wheel" else check_sdist(path)
    except OSError as error:
        raise damaged(path.name, str(error.strerror or error)) from error
