"""Artifact Registry repositories: files kept and served by pypiserver, and who may do what.

It adds to pypiserver what the real service does differently: a file name is taken once and for
all, and every access needs a permission. What serves other repositories' files is in
`upstream_repositories.py`.
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from packaging.utils import (
    NormalizedName,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from dist_sandbox.google.artifact_registry.package_server import create_package_server
from dist_sandbox.google.artifact_registry.settings import RepositorySettings

READER = "roles/artifactregistry.reader"
WRITER = "roles/artifactregistry.writer"

DOWNLOAD = "artifactregistry.repositories.downloadArtifacts"
UPLOAD = "artifactregistry.repositories.uploadArtifacts"
LIST_FILES = "artifactregistry.files.list"

#: Spec: https://cloud.google.com/artifact-registry/docs/access-control#roles
_READING = frozenset(
    {
        DOWNLOAD,
        LIST_FILES,
        "artifactregistry.files.get",
        "artifactregistry.packages.get",
        "artifactregistry.packages.list",
        "artifactregistry.pythonpackages.get",
        "artifactregistry.pythonpackages.list",
        "artifactregistry.repositories.get",
        "artifactregistry.repositories.list",
        "artifactregistry.repositories.readViaVirtualRepository",
        "artifactregistry.versions.get",
        "artifactregistry.versions.list",
    }
)
_PERMISSIONS: Mapping[str, frozenset[str]] = {
    READER: _READING,
    WRITER: _READING | {UPLOAD, "artifactregistry.tags.create", "artifactregistry.tags.update"},
}

Mode = Literal["standard", "remote", "virtual"]


class FileExistsInRepositoryError(Exception):
    """The repository has a file of this name already."""


@dataclass(frozen=True)
class RepositoryName:
    """What tells one repository from all others."""

    project_id: str
    location: str
    repository: str

    @property
    def resource_name(self) -> str:
        """The name in Google's APIs, `projects/…/locations/…/repositories/…`."""
        return (
            f"projects/{self.project_id}/locations/{self.location}/repositories/{self.repository}"
        )


@dataclass(frozen=True)
class Link:
    """A file on a project's page.

    Attributes:
        sha256: 64 hex digits; empty where it is not known.
    """

    filename: str
    sha256: str

    @property
    def version(self) -> Version:
        """The version that the file's name tells."""
        return parse_filename(self.filename)[1]


def parse_filename(filename: str) -> tuple[NormalizedName, Version]:
    """Project and version of a distribution that an index took."""
    parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
    name, version = parse(filename)[:2]
    return name, version


@dataclass
class Repository:
    """One repository of Python packages, to which files are uploaded.

    Attributes:
        folder: Where its files are.
        bindings: Members by role.
    """

    name: RepositoryName
    folder: Path
    bindings: dict[str, frozenset[str]] = field(default_factory=dict)
    settings: RepositorySettings = field(default_factory=RepositorySettings)
    _reads_left: dict[str, int] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _apps: dict[bool, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def mode(self) -> Mode:
        """`standard`: files come by upload alone."""
        return "standard"

    @property
    def app(self) -> Any:
        """The pypiserver that serves this repository, a WSGI application, made on first use."""
        shown = self.settings.shows_hashes
        with self._lock:
            if shown not in self._apps:
                self._apps[shown] = create_package_server(self.folder, shows_hashes=shown)
            return self._apps[shown]

    def permits(self, members: Iterable[str], permission: str) -> bool:
        """Whether one of the members was granted a role that holds the permission."""
        names = frozenset(members)
        return any(
            permission in _PERMISSIONS.get(role, frozenset()) and not names.isdisjoint(granted)
            for role, granted in self.bindings.items()
        )

    def grant(self, role: str, member: str) -> None:
        """Add a member to a role."""
        self.bindings[role] = self.bindings.get(role, frozenset()) | {member}

    def add(self, filename: str, stream: IO[bytes]) -> None:
        """Keep a file.

        Raises:
            FileExistsInRepositoryError: The name is taken, by whichever bytes.
        """
        backend = self.app._pypiserver_config.backend
        with self._lock:
            if backend.exists(filename):
                raise FileExistsInRepositoryError(filename)
            # pypiserver writes in place; a reader must never see half a file.
            partial = self.folder / f".{filename}.partial"
            backend.add_package(partial.name, stream)
            if self.settings.hidden_for_reads:
                self._reads_left[filename] = self.settings.hidden_for_reads
            partial.rename(self.folder / filename)

    def files(self) -> list[Path]:
        """Every file that it keeps, by name."""
        return sorted(path for path in self.folder.iterdir() if not path.name.startswith("."))

    def has_hidden_files(self) -> bool:
        """Whether a page does not show all files yet."""
        return bool(self._reads_left)

    def read_links(self, project: str) -> list[Link]:
        """What the project's page shows by now; reading it brings hidden files nearer.

        Args:
            project: Normalised name.
        """
        paths = [path for path in self.files() if parse_filename(path.name)[0] == project]
        with self._lock:
            shown = [path for path in paths if path.name not in self._reads_left]
            for path in paths:
                left = self._reads_left.pop(path.name, 0)
                if left > 1:
                    self._reads_left[path.name] = left - 1
        return [Link(path.name, _sha256(path)) for path in shown]

    def prepare_download(self, filename: str) -> "Repository":
        """The repository whose pypiserver has the file, where any has it."""
        del filename
        return self


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
