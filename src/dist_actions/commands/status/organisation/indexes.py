"""Compare what the indexes hold with what the GitHub releases say that they hold."""

from collections.abc import Mapping
from dataclasses import replace

from packaging.utils import canonicalize_name

from dist_actions.abbreviation import LISTED_IN_SENTENCE
from dist_actions.commands.status.organisation.packages import OrganisationStatus, PackageStatus
from dist_actions.indexes.connecting import IndexConnector
from dist_actions.indexes.environment_indexes import IndexReaders
from dist_actions.overview.table import EnvironmentStatus
from dist_actions.services.index.client import IndexClient
from dist_actions.services.workers import side_by_side


def add_index_drift(
    status: OrganisationStatus, readers: IndexReaders, connector: IndexConnector
) -> OrganisationStatus:
    """Read the newest version of each package from the index of each environment.

    It takes a request or two for each; environments without an index are left out.

    Raises:
        IdentityError: No credential could be minted.
        UploadError: An index cannot be read.
        ServiceUnavailableError: It did not answer.
    """
    names = {row.environment for package in status.packages for row in package.environments}
    targets = {name: target for name in sorted(names) if (target := readers.of(name))}
    clients = {name: connector.connect(target) for name, target in targets.items()}

    def compare(package: PackageStatus) -> PackageStatus:
        sentences = (
            _compare(package.name, row, clients[row.environment])
            for row in package.environments
            if row.files and row.environment in clients
        )
        return replace(package, drift=(*package.drift, *filter(None, sentences)))

    return replace(status, packages=tuple(side_by_side(compare, status.packages)))


def _compare(name: str, row: EnvironmentStatus, index: IndexClient) -> str:
    listed = index.listed_digests(canonicalize_name(name), str(row.version))
    return describe_difference(row, {file.name: listed.get(file.name, "") for file in row.files})


def describe_difference(row: EnvironmentStatus, listed: Mapping[str, str]) -> str:
    """Say how an index differs from a release; empty where it does not.

    Args:
        listed: The sha256 by name of each file of the release; empty where the index lacks it.
    """
    missing = [file.name for file in row.files if not listed[file.name]]
    other = [file.name for file in row.files if listed[file.name] not in ("", file.sha256)]
    if len(missing) == len(row.files):
        return f"the index of {row.environment} has no file of {row.version}"
    parts = [
        f"{verb} {', '.join(names[:LISTED_IN_SENTENCE])}"
        for verb, names in (("holds other bytes of", other), ("lacks", missing))
        if names
    ]
    return f"the index of {row.environment} {' and '.join(parts)}" if parts else ""
