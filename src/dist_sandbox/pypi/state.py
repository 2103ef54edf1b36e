"""What PyPI and TestPyPI know: two indexes that share nothing."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from packaging.utils import NormalizedName, canonicalize_name

from dist_sandbox.organisation import Organisation
from dist_sandbox.pypi.projects import HostedFile, IndexProject
from dist_sandbox.pypi.publishers import TrustedPublisher
from dist_sandbox.pypi.tokens import ApiTokens

IndexName = Literal["pypi", "testpypi"]
INDEX_NAMES: tuple[IndexName, ...] = get_args(IndexName)

_MEBIBYTE = 2**20
_GIBIBYTE = 2**30

#: The workflow that publishes unless told otherwise, as the starters name it.
_WORKFLOW = "release.yml"


@dataclass
class IndexSettings:
    """What an administrator of an index sets.

    Attributes:
        file_size_limit_bytes: Of one file. Source of both limits: PyPI's storage limits.
        project_size_limit_bytes: Of all files of a project together.
        trusted_publishing: Whether tokens are minted.
        uploads: Whether files are taken at all.
        stale_reads: How many reads of a project's page after a change still show the page before
            it, as caches do.
        prohibited_names: Names that no new project may have.
    """

    file_size_limit_bytes: int = 100 * _MEBIBYTE
    project_size_limit_bytes: int = 10 * _GIBIBYTE
    trusted_publishing: bool = True
    uploads: bool = True
    stale_reads: int = 0
    prohibited_names: frozenset[NormalizedName] = frozenset()


@dataclass
class PackageIndex:
    """One of the two indexes."""

    name: IndexName
    #: Where its files are.
    folder: Path
    #: Whose repository the publisher is that it starts with.
    organisation: Organisation
    #: The only issuer whose ID tokens it accepts.
    oidc_issuer: str
    #: Makes the configuration that says which Sigstore it trusts.
    trust_config: Callable[[], Mapping[str, Any]] = field(repr=False)
    settings: IndexSettings = field(default_factory=IndexSettings)
    projects: dict[NormalizedName, IndexProject] = field(default_factory=dict)
    #: Every name that a file ever had here: none is given twice.
    used_filenames: set[str] = field(default_factory=set)
    publishers: list[TrustedPublisher] = field(default_factory=list)
    tokens: ApiTokens = field(default_factory=ApiTokens)
    #: Held while projects or publishers change.
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.set_up()

    def set_up(self) -> None:
        """Set limits and publishers as at the start; projects, files and tokens stay."""
        with self.lock:
            self.settings = IndexSettings()
            self.publishers = [self.make_publisher()]
            for project in self.projects.values():
                project.hidden_reads = 0

    def clear(self) -> None:
        """Forget projects, files, their names and tokens, and set everything up anew."""
        with self.lock:
            for file in self.folder.iterdir():
                file.unlink()
            self.projects.clear()
            self.used_filenames.clear()
            self.tokens = ApiTokens()
            self.set_up()

    def make_publisher(
        self,
        project: str = "",
        *,
        owner: str = "",
        owner_id: int = 0,
        repository: str = "",
        workflow: str = _WORKFLOW,
        environment: str = "",
    ) -> TrustedPublisher:
        """Create a publisher, pending where its project does not exist.

        What is empty is taken from the organisation; the project's default name is the
        repository's.
        """
        repository = repository or self.organisation.repository
        name = canonicalize_name(project or repository)
        return TrustedPublisher(
            project=name,
            owner=owner or self.organisation.owner,
            owner_id=owner_id or self.organisation.owner_id,
            repository=repository,
            workflow=workflow,
            environment=environment,
            pending=name not in self.projects,
        )

    def find_file(self, filename: str) -> tuple[IndexProject, HostedFile] | None:
        """Find a file with its project, by the file's name."""
        with self.lock:
            for project in self.projects.values():
                if filename in project.files:
                    return project, project.files[filename]
        return None

    def read_files(self, name: NormalizedName) -> tuple[HostedFile, ...] | None:
        """Read a project's page; `None` for one that is not there, or not yet."""
        project = self.projects.get(name)
        if project is None:
            return None
        with self.lock:
            if project.hidden_reads > 0:
                project.hidden_reads -= 1
                return project.former_files
            return project.sorted_files()

    def note_before_change(self, project: IndexProject, *, existed: bool = True) -> None:
        """Keep what the project's page shows now, for caches that lag behind."""
        if project.hidden_reads == 0:
            project.former_files = project.sorted_files() if existed else None
        project.hidden_reads = self.settings.stale_reads

    def add_file(
        self, project: IndexProject, file: HostedFile, content: Path, metadata: bytes
    ) -> None:
        """Keep a file that was checked.

        Args:
            content: Where its bytes are, in the index's folder; moved.
            metadata: Its core metadata, empty where none is served.
        """
        existed = project.normalized_name in self.projects
        self.note_before_change(project, existed=existed)
        content.replace(self.folder / file.filename)
        if metadata:
            (self.folder / f"{file.filename}.metadata").write_bytes(metadata)
        self.projects.setdefault(project.normalized_name, project)
        project.releases.setdefault(file.version, file.uploaded_at)
        project.files[file.filename] = file
        self.used_filenames.add(file.filename)

    def delete_file(self, filename: str) -> bool:
        """Delete a file, whose name is burnt; return `False` where there is none."""
        with self.lock:
            project, _ = self.find_file(filename) or (None, None)
            if project is None:
                return False
            self.note_before_change(project)
            del project.files[filename]
            (self.folder / filename).unlink()
            (self.folder / f"{filename}.metadata").unlink(missing_ok=True)
            return True

    def delete_project(self, name: str) -> bool:
        """Delete a project with its files and publishers; return `False` where there is none."""
        with self.lock:
            project = self.projects.get(canonicalize_name(name))
            if project is None:
                return False
            for filename in list(project.files):
                self.delete_file(filename)
            del self.projects[project.normalized_name]
            self.publishers = [
                publisher
                for publisher in self.publishers
                if publisher.project != project.normalized_name
            ]
            return True


def create_indexes(
    folder: Path,
    organisation: Organisation,
    *,
    oidc_issuer: str,
    trust_config: Callable[[], Mapping[str, Any]],
) -> Mapping[IndexName, PackageIndex]:
    """Create both indexes, each empty but for the publisher of the organisation's repository."""
    return {
        name: PackageIndex(name, folder / name, organisation, oidc_issuer, trust_config)
        for name in INDEX_NAMES
    }
