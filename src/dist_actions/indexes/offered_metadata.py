"""Read the metadata of files that an index offers: side by side, and never more than that."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dist_actions.dependencies.catalogue import IndexedVersion
from dist_actions.dependencies.metadata import (
    Metadata,
    broken_metadata,
    parse_metadata,
    require_identity,
)
from dist_actions.dependencies.offered_files import OfferedFile
from dist_actions.distributions.checks.limits import METADATA_BYTES, MIB
from dist_actions.distributions.contained_metadata import read_contained_metadata
from dist_actions.errors import PromotionError, ServiceUnavailableError
from dist_actions.services.answers import holds_content
from dist_actions.services.http import HttpClient
from dist_actions.services.workers import side_by_side

#: A wheel that is larger is not read for its metadata.
_FILE_BYTES = 256 * MIB
_GONE = (404, 410)


@dataclass(frozen=True)
class MetadataReader:
    """Reads the metadata of one index's files.

    Attributes:
        label: How messages name the index.
        http: Sends requests, with the login that reading needs.
        home_url: Only what lies on the same host gets the login and the headers.
        headers: Makes the headers of each request.
    """

    label: str
    http: HttpClient
    home_url: str
    headers: Callable[[], Mapping[str, str]] = field(default=dict)

    def read(self, files: Mapping[IndexedVersion, OfferedFile]) -> dict[IndexedVersion, Metadata]:
        """Read the metadata of versions from one file each.

        Raises:
            PromotionError: One cannot be read.
            ServiceUnavailableError: The index did not answer.
        """
        metadata = side_by_side(lambda entry: self._read_version(*entry), files.items())
        return dict(zip(files, metadata, strict=True))

    def _read_version(self, version: IndexedVersion, file: OfferedFile) -> Metadata:
        name = file.name
        with tempfile.TemporaryDirectory(prefix="dist-actions-") as folder:
            path = Path(folder, "file")
            if file.shows_metadata:
                self._download(f"{file.url}.metadata", path, name, METADATA_BYTES)
                metadata = parse_metadata(path.read_bytes(), name)
            else:
                self._download(file.url, path, name, _FILE_BYTES)
                try:
                    metadata = parse_metadata(read_contained_metadata(path, name), name)
                except ValueError as error:
                    raise broken_metadata(name, str(error)[:200]) from error
        return require_identity(metadata, version.project, version.version, name)

    def _download(self, url: str, path: Path, name: str, limit_bytes: int) -> None:
        with path.open("wb") as stream:

            def begin() -> Callable[[bytes], object]:
                stream.seek(0)
                stream.truncate()
                return stream.write

            answer = self.http.follow(
                f"read {name} in {self.label}",
                url,
                begin,
                limit_bytes=limit_bytes,
                home_url=self.home_url,
                headers=self.headers(),
            )
        if answer is None:
            raise _not_followed(name, self.label, limit_bytes)
        if not holds_content(answer.status_code):
            raise _refused(name, self.label, answer.status_code)


def _not_followed(name: str, label: str, limit_bytes: int) -> PromotionError:
    return PromotionError(
        f"The metadata of {name} are not read: {label} sends it from an address that is not "
        f"followed, or more than {limit_bytes // MIB} MiB.",
        why="what it requires stands in that file; followed are https addresses alone, and those "
        "of other hosts only if they are public.",
        fix="have the index offer metadata beside its files; or leave `dependencies` out of the "
        "input require.",
        anchor="promote-dependencies",
    )


def _refused(name: str, label: str, status: int) -> PromotionError | ServiceUnavailableError:
    """Explain why a file that was listed is not sent; one that is gone may be listed no more."""
    if status in _GONE:
        return ServiceUnavailableError(
            f"{label} lists {name} and does not have it (HTTP {status}).",
            why="it was deleted or replaced while the index was read.",
            fix="run this job again.",
            anchor="promote-dependencies",
        )
    return PromotionError(
        f"{label} lists {name} and does not send it (HTTP {status}).",
        why="whoever may list packages there need not be allowed to download them.",
        fix="let the reader download: in Artifact Registry by roles/artifactregistry.reader on the "
        "repository, elsewhere by username and password of a user who may.",
        anchor="promote-dependencies",
    )
