"""Projects of an index, their releases and files."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_sandbox.pypi.publishers import TrustedPublisher


@dataclass(frozen=True)
class HostedFile:
    """One distribution that an index holds.

    The index also recognises bytes under another name, by their `blake2_256`.
    """

    filename: str
    version: Version
    size_bytes: int
    sha256: str
    blake2_256: str
    #: Digest of the core metadata that is served beside it; wheels only.
    metadata_sha256: str
    #: What the metadata asks for; empty for nothing.
    requires_python: str
    uploaded_at: datetime
    attestations: tuple[dict[str, Any], ...] = ()
    #: The Trusted Publisher that uploaded it, `None` for a user's token.
    publisher: TrustedPublisher | None = None

    @property
    def is_sdist(self) -> bool:
        """Tell whether it is a source distribution."""
        return not self.filename.endswith(".whl")


@dataclass
class IndexProject:
    """One project on an index.

    Attributes:
        name: As its first upload or its publisher wrote it.
        releases: When each release was created, by its version: its first upload.
        files: By file name.
        hidden_reads: How many reads of its page still show `former_files`.
        former_files: Its files before the newest change, `None` where it did not exist.
    """

    name: str
    releases: dict[Version, datetime] = field(default_factory=dict)
    files: dict[str, HostedFile] = field(default_factory=dict)
    hidden_reads: int = 0
    former_files: tuple[HostedFile, ...] | None = None

    @property
    def normalized_name(self) -> NormalizedName:
        """Return the name as indexes compare it."""
        return canonicalize_name(self.name)

    @property
    def size_bytes(self) -> int:
        """Add up the sizes of its files."""
        return sum(file.size_bytes for file in self.files.values())

    def sorted_files(self) -> tuple[HostedFile, ...]:
        """Sort its files by version and name."""
        return tuple(sorted(self.files.values(), key=lambda file: (file.version, file.filename)))

    def to_json(self) -> dict[str, Any]:
        """Describe the project as the control interface does."""
        return {
            "name": self.name,
            "releases": {str(version): at.isoformat() for version, at in self.releases.items()},
            "files": [
                {"filename": file.filename, "sha256": file.sha256, "size_bytes": file.size_bytes}
                for file in self.sorted_files()
            ],
        }
