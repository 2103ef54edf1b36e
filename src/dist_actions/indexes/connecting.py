"""Connect to the index of each target, with the identity that may read and write it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

from dist_actions.identity.secret import Secret
from dist_actions.indexes.logins import google_member, log_in_to_google, log_in_with
from dist_actions.indexes.targets import (
    ArtifactRegistryTarget,
    Password,
    PyPITarget,
    RepositoryTarget,
    Target,
)
from dist_actions.job.endpoints import GoogleEndpoints, PyPIEndpoints, origin
from dist_actions.services.google.artifact_registry import ArtifactRegistryApi
from dist_actions.services.http import HttpClient
from dist_actions.services.index.client import IndexClient
from dist_actions.services.index.trusted_publishing import mint_upload_token
from dist_actions.services.login import Login, Minted
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

_API_TOKEN_USER = "__token__"  # noqa: S105 - a user name
_PYPI = {"pypi": DEFAULT_REPOSITORY, "testpypi": TEST_REPOSITORY}


@dataclass(frozen=True)
class IndexConnector:
    """Connects a job to the indexes of its targets.

    The job's variables hold what its ID token is requested with, and other addresses.
    """

    environ: Mapping[str, str]
    retries: Retries
    runner: Runner

    def connect(self, target: Target) -> IndexClient:
        """Connect to one target; its credential is minted when it is first needed.

        Raises:
            InputError: An address in the environment is unusable.
        """
        if isinstance(target, ArtifactRegistryTarget):
            return self._connect_artifact_registry(target)
        if isinstance(target, PyPITarget):
            return self._connect_pypi(target)
        return self._connect_repository(target)

    def connect_for_reading(self, index_url: str, targets: Sequence[Target]) -> IndexClient:
        """Connect to an index that is only read: as a target like it, else without a login.

        An address in Artifact Registry is read with the access token of the first target there; an
        address on the host of a repository target with that one's password.

        Args:
            index_url: Its simple index, with a trailing slash.
            targets: Those of this job.

        Raises:
            InputError: An address in the environment is unusable.
        """
        repository = GoogleEndpoints.from_environ(self.environ).place_of(index_url)
        for target in targets:
            if repository and isinstance(target, ArtifactRegistryTarget):
                like_target = ArtifactRegistryTarget(target.identity, *repository)
                return self._connect_artifact_registry(like_target)
            if not isinstance(target, RepositoryTarget):
                continue
            if origin(target.index_url) == origin(index_url):
                login = target.login
                return self._connect_repository(RepositoryTarget(index_url, index_url, login))
        return IndexClient(
            index_url,
            repository_url=index_url,
            index_url=index_url,
            login=Login.of_password("", Secret(""), self.retries.clock),
            http=HttpClient(self.retries),
        )

    def _connect_artifact_registry(self, target: ArtifactRegistryTarget) -> IndexClient:
        endpoints = GoogleEndpoints.from_environ(self.environ)
        http = HttpClient(self.retries)
        repository = (target.location, target.project_id, target.repository)
        identity = target.identity
        login = log_in_to_google(identity, endpoints, self.environ, http, self.runner)
        return IndexClient(
            target.label,
            repository_url=endpoints.repository_url(*repository),
            index_url=endpoints.index_url(*repository),
            login=login,
            http=HttpClient(self.retries, login),
            registry=ArtifactRegistryApi(
                endpoints.repository_api_url(*repository),
                google_member(identity, self.environ),
                login,
                http,
            ),
        )

    def _connect_pypi(self, target: PyPITarget) -> IndexClient:
        endpoints = pypi_endpoints(self.environ, target)
        http = HttpClient(self.retries)

        def mint() -> Minted:
            return mint_upload_token(
                target.label,
                endpoints,
                self.environ,
                http,
                self.runner,
                username=_API_TOKEN_USER,
            )

        login = self._log_in_with(target.login) if target.login else None
        return IndexClient(
            target.label,
            repository_url=endpoints.repository_url,
            index_url=endpoints.index_url,
            login=login or Login(_API_TOKEN_USER, mint, self.retries.clock),
            # Everybody may read, so that nothing is minted where nothing is to be uploaded.
            http=http,
        )

    def _connect_repository(self, target: RepositoryTarget) -> IndexClient:
        login = self._log_in_with(target.login)
        return IndexClient(
            target.label,
            repository_url=target.repository_url,
            index_url=target.index_url,
            login=login,
            http=HttpClient(self.retries, login),
        )

    def _log_in_with(self, password: Password) -> Login:
        return log_in_with(password, self.retries, self.runner)


def pypi_endpoints(environ: Mapping[str, str], target: PyPITarget) -> PyPIEndpoints:
    """Choose the addresses of PyPI or TestPyPI.

    Raises:
        InputError: An address in the environment is unusable.
    """
    return PyPIEndpoints.from_environ(environ, target.name, _PYPI[target.name])
