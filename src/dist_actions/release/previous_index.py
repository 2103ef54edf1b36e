"""Holds carried files against the index of the environment that they are carried from."""

from collections.abc import Sequence

from dist_actions.distributions.files import Distribution
from dist_actions.distributions.manifest import Manifest
from dist_actions.errors import ReleaseError
from dist_actions.publish.connecting import Opening
from dist_actions.publish.targets import Target


def check_previous_index(
    manifest: Manifest,
    distributions: Sequence[Distribution],
    index_url: str,
    targets: Sequence[Target],
    opening: Opening,
) -> None:
    """Compare every carried file with that index; nothing where none is given or none is carried.

    Args:
        manifest: Of the release.
        distributions: Its files.
        index_url: Simple index of the environment before; empty for none.
        targets: Whose identities may read it.
        opening: Opens it.

    Raises:
        ReleaseError: It lacks a file, or has another one under its name.
        UploadError: It cannot be read.
        ServiceUnavailableError: It did not answer.
    """
    carried = manifest.carried_from
    if carried is None or not index_url:
        return
    found = opening.reading(index_url, targets).digests(distributions) or {}
    problems = [
        f"{dist.name} {_problem(dist, found[dist.name]) if dist.name in found else 'is not there'}"
        for dist in distributions
        if found.get(dist.name) != dist.sha256
    ]
    if problems:
        raise ReleaseError(
            f"The previous index {index_url} does not hold what is carried from {carried.tag}: "
            f"{'; '.join(problems)}.",
            why="the release there was changed after its publication, the file was removed from "
            "the index, or previous-index is another environment's.",
            fix=f"compare previous-index with the index of {carried.environment}; if it is right, "
            "find out who changed what, and raise the version.",
            anchor="previous-index",
        )


def _problem(dist: Distribution, sha256: str | None) -> str:
    return f"has sha256 {sha256 or 'that nothing tells'} there, carried is {dist.sha256}"
