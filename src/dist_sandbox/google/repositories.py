"""Artifact Registry repositories: files kept and served by pypiserver, and who may do what.

It adds to pypiserver what the real service does differently: a file name is taken once and for
all, and every access needs a permission.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from dist_sandbox.google.package_server import create_package_server

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


@dataclass
class Repository:
    """One repository of Python packages.

    Attributes:
        folder: Where its files are.
        bindings: Members by role.
        shows_hashes: Whether the links of the simple index carry `#sha256=…`; whether the real
            service's do is not documented.
    """

    name: RepositoryName
    folder: Path
    bindings: dict[str, frozenset[str]] = field(default_factory=dict)
    shows_hashes: bool = True
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._apps = {
            shown: create_package_server(self.folder, shows_hashes=shown) for shown in (True, False)
        }

    @property
    def app(self) -> Any:
        """The pypiserver that serves this repository, a WSGI application."""
        return self._apps[self.shows_hashes]

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
            partial.rename(self.folder / filename)

    def files(self) -> list[Path]:
        """Every file, by name."""
        return sorted(path for path in self.folder.iterdir() if not path.name.startswith("."))
