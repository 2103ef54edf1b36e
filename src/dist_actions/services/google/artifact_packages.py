"""The private packages of an Artifact Registry repository, read through its API.

Files of a whole repository come in pages of a thousand, so that no project costs a request. Behind
a virtual repository only what was published to its standard ones is private.
"""

from collections.abc import Mapping, Sequence

from packaging.utils import NormalizedName

from dist_actions.dependencies.catalogue import IndexedVersion
from dist_actions.dependencies.metadata import Metadata
from dist_actions.dependencies.offered_files import MetadataRead, OfferedFile, group_files
from dist_actions.services.google.repositories import RepositoriesApi
from dist_actions.services.workers import side_by_side


class ArtifactRegistryPackages:
    """The private packages of the repository that is an environment's index.

    Args:
        environment: Name of the environment.
        api: Repositories as the reader sees them.
        resource: The repository, `projects/PROJECT/locations/LOCATION/repositories/NAME`.
        read_metadata: Reads the metadata of files.
    """

    def __init__(
        self, environment: str, api: RepositoriesApi, resource: str, read_metadata: MetadataRead
    ) -> None:
        self.environment = environment
        self._api = api
        self._resource = resource
        self._read_metadata = read_metadata
        self._files: Mapping[NormalizedName, Mapping[IndexedVersion, OfferedFile]] = {}

    def projects(self) -> Mapping[NormalizedName, tuple[IndexedVersion, ...]]:
        """List what was published to the repository, or to those behind it, with all versions.

        Raises:
            IdentityError: The account may not list it.
            ServiceUnavailableError: The API did not answer.
        Spec: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories.files/download
        """
        listings = side_by_side(self._api.files, self._standard_repositories())
        files = (
            OfferedFile(
                file.name,
                f"{self._api.api_url}/v1/{file.resource}:download?alt=media",
                size_bytes=file.size_bytes,
            )
            for listing in listings
            for file in listing
        )
        self._files = group_files(self.environment, files)
        return {project: tuple(versions) for project, versions in self._files.items()}

    def versions(
        self, projects: Sequence[NormalizedName]
    ) -> Mapping[NormalizedName, tuple[IndexedVersion, ...]]:
        """List the versions of some; they were read with the projects."""
        return {project: tuple(self._files.get(project, ())) for project in projects}

    def metadata(self, versions: Sequence[IndexedVersion]) -> Mapping[IndexedVersion, Metadata]:
        """Read the metadata of some, by one request each.

        Raises:
            PromotionError: Some cannot be read.
            ServiceUnavailableError: The API did not answer.
        """
        files = {version: self._files[version.project][version] for version in versions}
        return self._read_metadata(files)

    def _standard_repositories(self) -> tuple[str, ...]:
        """Name the repository itself, or those behind a virtual one, without mirrors of others."""
        described = [self._api.describe(self._resource)]
        if described[0].is_virtual:
            described = side_by_side(self._api.describe, described[0].upstreams)
        return tuple(repository.resource for repository in described if repository.is_standard)
