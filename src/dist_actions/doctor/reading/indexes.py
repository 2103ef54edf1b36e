"""Read what indexes hold of the project: the files of its releases, and its name on PyPI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName

from dist_actions.doctor.facts import IndexedFile, IndexFacts, ProjectFacts, Unread
from dist_actions.doctor.findings import NotCheckedError
from dist_actions.doctor.reading.repository import try_to_read
from dist_actions.errors import DOCUMENTATION
from dist_actions.indexes.connecting import IndexConnector
from dist_actions.indexes.environment_indexes import IndexReaders
from dist_actions.indexes.targets import PyPITarget, Target
from dist_actions.overview.reading import read_environment_statuses
from dist_actions.overview.table import EnvironmentStatus
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.releases import Releases


@dataclass(frozen=True)
class IndexReading:
    """Reads the indexes of a project.

    Attributes:
        connector: Connects to an index.
        readers: The index of each environment, as the inputs name it.
        targets: Those that this job publishes to.
        environment: The GitHub Environment of this job; empty where it is not known.
    """

    connector: IndexConnector
    readers: IndexReaders
    targets: Sequence[Target] = ()
    environment: str = ""

    def read(
        self, client: GitHubClient | Unread, project: ProjectFacts, settings: Settings
    ) -> IndexFacts:
        """Compare the newest releases with their indexes, and look for public names."""
        files: tuple[IndexedFile, ...] | Unread
        if isinstance(client, Unread):
            files = client
        else:
            github = client
            files = try_to_read(lambda: self._compare(github, project, settings))
        return IndexFacts(files, self._find_public_names(project))

    def _compare(
        self, client: GitHubClient, project: ProjectFacts, settings: Settings
    ) -> tuple[IndexedFile, ...]:
        releases = Releases(client)
        forms = _forms(project)
        statuses = read_environment_statuses(
            releases, releases.recent(), settings.environments, forms
        )
        indexes = {
            status.environment: self._indexes_of(status.environment, project, settings)
            for status in statuses
        }
        if not any(indexes.values()):
            raise NotCheckedError(
                "no index can be read here: the variable INDEXES says which are, as in "
                f"{DOCUMENTATION}/doctor.md#compare-indexes-with-releases"
            )
        return tuple(
            file
            for status in statuses
            for target in indexes[status.environment]
            for file in self._compare_release(status, target, forms)
        )

    def _indexes_of(
        self, environment: str, project: ProjectFacts, settings: Settings
    ) -> tuple[Target, ...]:
        """List the indexes of an environment that can be read here."""
        stage = settings.environments.named(environment)
        index = self.readers.of(environment)
        is_of_job = stage is not None and stage.github_environment == self.environment
        targets = [*([index] if index else []), *(self.targets if is_of_job else ())]
        if stage == settings.environments.production and "pypi" in _published(project):
            targets.append(PyPITarget("pypi"))
        return tuple(dict.fromkeys(targets))

    def _compare_release(
        self, status: EnvironmentStatus, target: Target, forms: Mapping[str, TagFormat]
    ) -> list[IndexedFile]:
        if status.version is None:
            return []
        project = NormalizedName(forms[status.package].name)
        index = self.connector.connect(target)
        indexed = index.listed_digests(project, str(status.version))
        return [
            IndexedFile(
                status.environment, target.label, file.name, file.sha256, indexed[file.name]
            )
            for file in status.files
            if file.name in indexed
        ]

    def _find_public_names(self, project: ProjectFacts) -> frozenset[str] | Unread:
        """Find out which names PyPI has, where everything is published elsewhere."""
        published = _published(project)
        names = [package.name for package in project.packages if package.name]
        if not published or not names:
            return Unread("no workflow publishes, or no file says the project's name")
        if {"pypi", "testpypi"} & published:
            return frozenset()
        index = self.connector.connect(PyPITarget("pypi"))
        return try_to_read(
            lambda: frozenset(name for name in names if index.page(NormalizedName(name)))
        )


def _published(project: ProjectFacts) -> frozenset[str]:
    """Name the indexes that the workflows publish to."""
    return frozenset(
        index
        for workflow in project.workflows
        for _, step in workflow.publishing_steps
        for index in step.indexes
    )


def _forms(project: ProjectFacts) -> dict[str, TagFormat]:
    """List the forms of tags by package; under no name in a repository of one."""
    forms = {package.name: package.tags for package in project.packages if package.tags}
    return {"": next(iter(forms.values()))} if len(forms) == 1 else forms
