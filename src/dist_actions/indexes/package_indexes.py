"""Connect to the index of an environment, to list and read its private packages."""

from collections.abc import Mapping
from dataclasses import dataclass

from dist_actions.dependencies.catalogue import PackageIndex
from dist_actions.indexes.environment_indexes import IndexReaders
from dist_actions.indexes.logins import google_member, log_in_to_google, log_in_with
from dist_actions.indexes.offered_metadata import MetadataReader
from dist_actions.indexes.targets import ArtifactRegistryTarget
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.services.google.artifact_packages import ArtifactRegistryPackages
from dist_actions.services.google.repositories import RepositoriesApi
from dist_actions.services.http import HttpClient
from dist_actions.services.index.simple_packages import SimplePackages
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner


@dataclass(frozen=True)
class PackageIndexes:
    """The indexes of all environments, as a job may read them; nothing is asked of them before."""

    readers: IndexReaders
    environ: Mapping[str, str]
    retries: Retries
    runner: Runner

    def of(self, environment: str) -> PackageIndex | None:
        """Connect to an environment's index; None where none is given that can be read."""
        target = self.readers.of(environment)
        if target is None:
            return None
        http = HttpClient(self.retries)
        if isinstance(target, ArtifactRegistryTarget):
            return self._artifact_registry(environment, target, http)
        if target.login.secret:
            http = HttpClient(self.retries, log_in_with(target.login, self.retries, self.runner))
        url = target.index_url
        return SimplePackages(environment, url, http, MetadataReader(url, http, url).read)

    def _artifact_registry(
        self, environment: str, target: ArtifactRegistryTarget, http: HttpClient
    ) -> PackageIndex:
        endpoints = GoogleEndpoints.from_environ(self.environ)
        identity = target.identity
        login = log_in_to_google(identity, endpoints, self.environ, http, self.runner, reads=True)
        url = endpoints.repository_api_url(target.location, target.project_id, target.repository)
        member = google_member(identity, self.environ)
        api = RepositoriesApi(endpoints.artifact_registry_api_url, member, login, http)

        def headers() -> Mapping[str, str]:
            return {"Authorization": f"Bearer {login.password().reveal()}"}

        read = MetadataReader(target.label, http, url, headers).read
        return ArtifactRegistryPackages(environment, api, url.rpartition("/v1/")[2], read)
