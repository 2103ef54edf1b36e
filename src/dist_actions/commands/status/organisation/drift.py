"""Find what is not as promotion leaves it: another order, or other bytes; pure."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from packaging.version import Version

from dist_actions.overview.table import EnvironmentStatus

#: Digests by file name, of the versions that were released in an environment; empty where they
#: were not read.
Digests = Mapping[Version, Mapping[str, str]]


def find_drift(
    statuses: Sequence[EnvironmentStatus], released: Mapping[str, Digests], *, complete: bool
) -> tuple[str, ...]:
    """Find drift between environments, a sentence for each.

    Args:
        statuses: What stands in each, in the order of promotion.
        released: By the environment's name.
        complete: Whether these are all releases that there ever were.
    """
    sentences = []
    for before, after in pairwise(statuses):
        if after.version is None or after.version in released[before.environment]:
            continue
        older = before.version is None or before.version < after.version
        if older and before.version is not None:
            sentences.append(
                f"{after.environment} has {after.version}, which is newer than "
                f"{before.version} in {before.environment}"
            )
        elif complete:
            sentences.append(
                f"{after.environment} has {after.version}, which was never released in "
                f"{before.environment}"
            )
    for number, status in enumerate(statuses):
        if other := _holds_other_bytes(status, statuses[:number], released):
            sentences.append(
                f"{status.environment} and {other} hold {status.version} with other bytes"
            )
    return tuple(sentences)


def _holds_other_bytes(
    status: EnvironmentStatus,
    earlier: Sequence[EnvironmentStatus],
    released: Mapping[str, Digests],
) -> str:
    """Name the first environment that has the same version with other files; empty for none."""
    if status.version is None:
        return ""
    own = released[status.environment].get(status.version)
    for before in earlier:
        other = released[before.environment].get(status.version)
        if own and other and own != other:
            return before.environment
    return ""
