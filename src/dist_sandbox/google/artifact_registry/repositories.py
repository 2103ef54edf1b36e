"""Artifact Registry repositories: files kept and served by pypiserver, and who may do what.

It adds to pypiserver what the real service does differently: a file name is taken once and for
all, and every access needs a permission. What serves other repositories' files is in
`upstream_repositories.py`.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, get_args

from packaging.version import Version

from dist_sandbox.file_digests import file_digest
from dist_sandbox.package_server import create_package_server
from dist_sandbox.uploads import parse_filename

READER = "roles/artifactregistry.reader"
WRITER = "roles/artifactregistry.writer"

DOWNLOAD = "artifactregistry.repositories.downloadArtifacts"
UPLOAD = "artifactregistry.repositories.uploadArtifacts"
LIST_FILES = "artifactregistry.files.list"
DOWNLOAD_FILES = "artifactregistry.files.download"

#: Spec: https://cloud.google.com/artifact-registry/docs/access-control#roles
_READING = frozenset(
    {
        DOWNLOAD,
        LIST_FILES,
        DOWNLOAD_FILES,
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
PageFormat = Literal["html", "json"]
FilesApi = Literal["allowed", "refused", "disabled"]


class FileExistsInRepositoryError(Exception):
    """The repository has a file of this name already."""


@dataclass(frozen=True)
class RepositoryName:
    """What distinguishes a repository from all others."""

    project_id: str
    location: str
    repository: str

    @property
    def resource_name(self) -> str:
        """Return the name in Google's APIs, `projects/…/locations/…/repositories/…`."""
        return (
            f"projects/{self.project_id}/locations/{self.location}/repositories/{self.repository}"
        )


@dataclass(frozen=True)
class Link:
    """A file on a project's page; `sha256` is empty where it is not known."""

    filename: str
    sha256: str

    @property
    def version(self) -> Version:
        """Return the version in the file's name."""
        return parse_filename(self.filename)[1]


def _is_page_formats(value: Any) -> bool:
    formats = get_args(PageFormat)
    return isinstance(value, list) and bool(value) and all(name in formats for name in value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


#: Whether a value from JSON is one of a setting's, by the setting's name.
_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "shows_hashes": lambda value: isinstance(value, bool),
    "page_formats": _is_page_formats,
    "files_api": lambda value: value in get_args(FilesApi),
    "file_size_limit_bytes": _is_count,
    "hidden_for_reads": _is_count,
}


@dataclass(frozen=True)
class RepositorySettings:
    """How a repository behaves where the real service is undocumented, slow or set up otherwise.

    Tests choose it; nothing of it is part of Google's own interface.

    Attributes:
        shows_hashes: Whether pages carry SHA-256 digests, as fragments of links or in JSON; whether
            the real service's do is not documented.
        page_formats: `html`, `json` or both; of both the client chooses by its `Accept`.
        files_api: `refused` answers 403 to whoever asks for hashes; `disabled` is a project where
            the whole API is not enabled.
        file_size_limit_bytes: What an upload may have as a whole; 0 for no limit.
        hidden_for_reads: How often a project's page is read before it shows a file that is
            uploaded from now on.
    """

    shows_hashes: bool = True
    page_formats: tuple[PageFormat, ...] = ("html",)
    files_api: FilesApi = "allowed"
    file_size_limit_bytes: int = 0
    hidden_for_reads: int = 0

    def changed(self, changes: Mapping[str, Any]) -> "RepositorySettings":
        """Replace some of these settings by values from JSON.

        Raises:
            ValueError: No such setting, or not one of its values.
        """
        for name, value in changes.items():
            if name not in _CHECKS or not _CHECKS[name](value):
                raise ValueError(f"{name} is not a setting, or cannot be {value!r}")
        values = dict(changes)
        if "page_formats" in values:
            values["page_formats"] = tuple(values["page_formats"])
        return dataclasses.replace(self, **values)


@dataclass
class PackageRepository:
    """One repository of Python packages, to which files are uploaded."""

    name: RepositoryName
    folder: Path
    #: Members by role.
    bindings: dict[str, frozenset[str]] = field(default_factory=dict)
    settings: RepositorySettings = field(default_factory=RepositorySettings)
    _reads_left: dict[str, int] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _apps: dict[bool, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def mode(self) -> Mode:
        """Return `standard`: files come by upload alone."""
        return "standard"

    @property
    def app(self) -> Any:
        """Return the pypiserver that serves this repository, made when it is first needed."""
        hashes = self.settings.shows_hashes
        with self._lock:
            if hashes not in self._apps:
                self._apps[hashes] = create_package_server(self.folder, shows_hashes=hashes)
            return self._apps[hashes]

    def permits(self, members: Iterable[str], permission: str) -> bool:
        """Tell whether one of the members was granted a role that holds the permission."""
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
        """List every file, by name."""
        return sorted(path for path in self.folder.iterdir() if not path.name.startswith("."))

    def has_hidden_files(self) -> bool:
        """Tell whether a page does not show all files yet."""
        return bool(self._reads_left)

    def read_links(self, project: str) -> list[Link]:
        """Read what the project's page shows by now, which brings hidden files nearer.

        Args:
            project: Normalised name.
        """
        paths = [path for path in self.files() if parse_filename(path.name)[0] == project]
        with self._lock:
            visible = [path for path in paths if path.name not in self._reads_left]
            for path in paths:
                reads = self._reads_left.pop(path.name, 0)
                if reads > 1:
                    self._reads_left[path.name] = reads - 1
        return [Link(path.name, file_digest(path).hex()) for path in visible]

    def find_elsewhere(self, project: str) -> str:
        """Return where clients are sent for a project that is not here; empty for nowhere."""
        del project
        return ""

    def prepare_download(self, filename: str) -> "PackageRepository":
        """Return the repository whose pypiserver has the file, where any has it."""
        del filename
        return self
