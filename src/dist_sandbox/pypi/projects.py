"""Projects of an index, their releases and files."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from dist_sandbox.pypi.publishers import Publisher


@dataclass(frozen=True)
class HostedFile:
    """One distribution that an index holds.

    Attributes:
        blake2_256: Hex digest, by which the index also recognises bytes under another name.
        metadata_sha256: Digest of the core metadata that is served beside it; wheels only.
        requires_python: What the metadata asks for; empty for nothing.
        attestations: As they were uploaded, empty where there were none.
        publisher: The Trusted Publisher that uploaded it, `None` for a user's token.
    """

    filename: str
    version: Version
    size_bytes: int
    sha256: str
    blake2_256: str
    metadata_sha256: str
    requires_python: str
    uploaded_at: datetime
    attestations: tuple[dict[str, Any], ...] = ()
    publisher: Publisher | None = None

    @property
    def is_sdist(self) -> bool:
        """Whether it is a source distribution."""
        return not self.filename.endswith(".whl")


@dataclass
class Project:
    """One project.

    Attributes:
        name: As its first upload or its publisher wrote it.
        releases: When each release was created, by its version: its first upload.
        files: By file name.
        hidden_reads: How many reads of its page still show `shown_before`.
        shown_before: Its files before the newest change, `None` where it did not exist.
    """

    name: str
    releases: dict[Version, datetime] = field(default_factory=dict)
    files: dict[str, HostedFile] = field(default_factory=dict)
    hidden_reads: int = 0
    shown_before: tuple[HostedFile, ...] | None = None

    @property
    def normalized_name(self) -> NormalizedName:
        """The name as indexes compare it."""
        return canonicalize_name(self.name)

    @property
    def size_bytes(self) -> int:
        """What all its files have together."""
        return sum(file.size_bytes for file in self.files.values())

    def sorted_files(self) -> tuple[HostedFile, ...]:
        """Every file, by version and name."""
        return tuple(sorted(self.files.values(), key=lambda file: (file.version, file.filename)))

    def to_json(self) -> dict[str, Any]:
        """The project as the control interface shows it."""
        return {
            "name": self.name,
            "releases": {str(version): at.isoformat() for version, at in self.releases.items()},
            "files": [
                {"filename": file.filename, "sha256": file.sha256, "size_bytes": file.size_bytes}
                for file in self.sorted_files()
            ],
        }
