"""Read of two indexes what a decision needs, and nothing else; pure, with the indexes passed in."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from packaging.utils import NormalizedName

from dist_actions.dependencies.catalogue import (
    Catalogue,
    IndexedVersion,
    NotReadYetError,
    PackageIndex,
)
from dist_actions.dependencies.metadata import Metadata
from dist_actions.errors import PromotionError

T = TypeVar("T")

#: Metadata that are read for one promotion: each can be a wheel.
MOST_METADATA = 1000


class PrivatePackages:
    """The private packages of a target and a source, of which is read what a decision asks for.

    Args:
        target: The index that something is promoted to.
        source: The index that it comes from; None where it cannot be read.
    """

    def __init__(self, target: PackageIndex, source: PackageIndex | None) -> None:
        self._indexes = [target, *([source] if source else [])]
        with ThreadPoolExecutor(len(self._indexes)) as pool:
            listings = list(pool.map(lambda index: index.projects(), self._indexes))
        self.projects = frozenset(name for listing in listings for name in listing)
        self._versions: dict[str, dict[NormalizedName, tuple[IndexedVersion, ...]]] = {}
        for index, listing in zip(self._indexes, listings, strict=True):
            absent = dict.fromkeys(self.projects - listing.keys(), ())
            listed = {name: versions for name, versions in listing.items() if versions is not None}
            self._versions[index.environment] = {**absent, **listed}
        self._metadata: dict[IndexedVersion, Metadata] = {}

    def answer(self, decide: Callable[[Catalogue, Catalogue], T]) -> T:
        """Decide by the catalogues of target and source, as soon as enough of them was read.

        Raises:
            PromotionError: It takes more metadata than are read for one promotion.
            DistActionsError: An index does not answer, or refuses.
        """
        while True:
            try:
                return decide(*self.catalogues)
            except NotReadYetError as unread:
                self._read(unread)

    @property
    def catalogues(self) -> tuple[Catalogue, Catalogue]:
        """Return what was read so far of target and source."""
        catalogues = [
            Catalogue(
                index.environment, self.projects, self._versions[index.environment], self._metadata
            )
            for index in self._indexes
        ]
        return catalogues[0], catalogues[1] if len(catalogues) > 1 else Catalogue("")

    def _read(self, unread: NotReadYetError) -> None:
        if len(self._metadata) + len(unread.versions) > MOST_METADATA:
            raise _too_many(len(self._metadata) + len(unread.versions))
        for index in self._indexes:
            name = index.environment
            projects: Sequence[NormalizedName] = [
                project for environment, project in unread.projects if environment == name
            ]
            versions = [version for version in unread.versions if version.environment == name]
            if projects:
                self._versions[name].update(dict.fromkeys(projects, ()))
                self._versions[name].update(index.versions(projects))
            if versions:
                self._metadata.update(index.metadata(versions))


def _too_many(count: int) -> PromotionError:
    return PromotionError(
        f"More than {MOST_METADATA} versions of private packages are to be looked into: {count}.",
        why="each takes a request, and the gate dependencies gives up at that number.",
        fix="leave `dependencies` out of the input require, or split the package.",
        anchor="promote-dependencies",
    )
