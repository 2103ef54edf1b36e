"""Makes of each target an index that can be read and written, with its identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

from dist_actions.distributions.files import Distribution
from dist_actions.identity.federation import Federation
from dist_actions.identity.secret import Secret
from dist_actions.identity.service_account_key import ServiceAccountKey
from dist_actions.job.endpoints import GoogleEndpoints, PyPIEndpoints, origin
from dist_actions.publish.installing import InstallSource
from dist_actions.publish.publication import Publication, Publications
from dist_actions.publish.targets import (
    ArtifactRegistryTarget,
    Password,
    PyPITarget,
    RepositoryTarget,
    Target,
)
from dist_actions.services.clock import Clock
from dist_actions.services.google.artifact_registry import ArtifactRegistryApi
from dist_actions.services.http import HttpClient
from dist_actions.services.index.client import Index
from dist_actions.services.index.trusted_publishing import mint_upload_token
from dist_actions.services.login import Login, Minted
from dist_actions.services.oidc import request_id_token
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

#: The user name that makes Artifact Registry take an access token as password.
#: Spec: https://cloud.google.com/artifact-registry/docs/python/authentication
_ACCESS_TOKEN_USER = "oauth2accesstoken"  # noqa: S105 - a user name
_API_TOKEN_USER = "__token__"  # noqa: S105 - a user name
_PYPI = {"pypi": DEFAULT_REPOSITORY, "testpypi": TEST_REPOSITORY}


@dataclass(frozen=True)
class Opening:
    """What targets are opened with.

    Attributes:
        environ: The job's variables, for its ID token and for other addresses.
    """

    environ: Mapping[str, str]
    retries: Retries
    clock: Clock
    runner: Runner

    def publications(
        self, targets: Sequence[Target], folder: Path, distributions: tuple[Distribution, ...]
    ) -> Publications:
        """The files on their way to every target, in the order of the targets.

        Raises:
            InputError: An address in the environment is unusable.
        """
        return Publications(
            tuple(
                Publication(
                    self.index(target),
                    folder,
                    distributions,
                    self.retries,
                    attests=isinstance(target, PyPITarget) and target.attests,
                )
                for target in targets
            )
        )

    def sign(self, paths: Sequence[Path]) -> Mapping[str, str]:
        """Attest files with the job's own identity; the attestations by the files' names.

        Raises:
            DistActionsError: Something refuses or does not answer; nothing was uploaded.
        """
        # Imported where it is needed: what signs takes half a second to load.
        from dist_actions.services.sigstore.attestations import AUDIENCE, attest  # noqa: PLC0415

        id_token = request_id_token(self.environ, AUDIENCE, HttpClient(self.retries))
        self.runner.mask(id_token)
        return attest(paths, id_token, self.environ, self.retries)

    def index(self, target: Target) -> Index:
        """Open one target; its identity is minted when it is first needed.

        Raises:
            InputError: An address in the environment is unusable.
        """
        if isinstance(target, ArtifactRegistryTarget):
            return self._artifact_registry(target)
        if isinstance(target, PyPITarget):
            return self._pypi(target)
        return self._repository(target)

    def reading(self, index_url: str, targets: Sequence[Target]) -> Index:
        """An index that is only read: by the identity of a target like it, else by nobody's.

        An address in Artifact Registry is read with the access token of the first target there; an
        address on the host of a repository target with that one's password.

        Args:
            index_url: Its simple index, with a trailing slash.
            targets: Those of this job.

        Raises:
            InputError: An address in the environment is unusable.
        """
        place = GoogleEndpoints.from_environ(self.environ).place_of(index_url)
        for target in targets:
            if place and isinstance(target, ArtifactRegistryTarget):
                return self._artifact_registry(ArtifactRegistryTarget(target.identity, *place))
            if isinstance(target, RepositoryTarget) and origin(target.index_url) == origin(
                index_url
            ):
                return self._repository(RepositoryTarget(index_url, index_url, target.login))
        return Index(
            index_url,
            repository_url=index_url,
            index_url=index_url,
            login=Login.of_password("", Secret(""), self.clock),
            http=HttpClient(self.retries),
        )

    def source(self, target: Target) -> InstallSource:
        """How installers get at what was published there.

        Raises:
            InputError: An address in the environment is unusable.
        """
        if isinstance(target, ArtifactRegistryTarget):
            return InstallSource(target.label, self._google_index_url(target), "artifact-registry")
        if isinstance(target, PyPITarget):
            endpoints = self._pypi_endpoints(target)
            return InstallSource(target.label, endpoints.index_url, target.name)
        return InstallSource(target.label, target.index_url, "private")

    def _artifact_registry(self, target: ArtifactRegistryTarget) -> Index:
        endpoints = GoogleEndpoints.from_environ(self.environ)
        http = HttpClient(self.retries)
        place = (target.location, target.project_id, target.repository)
        identity = target.identity

        def mint() -> Minted:
            # Imported for whoever needs it: google-auth takes time and memory of other targets.
            from dist_actions.services.google.tokens import mint_access_token, mint_by_key  # noqa: PLC0415

            if isinstance(identity, Federation):
                return mint_access_token(identity, endpoints, self.environ, http, self.runner)
            return mint_by_key(identity, endpoints, http, self.runner)

        login = Login(_ACCESS_TOKEN_USER, mint, self.clock)
        return Index(
            target.label,
            repository_url=endpoints.repository_url(*place),
            index_url=endpoints.index_url(*place),
            login=login,
            http=HttpClient(self.retries, login),
            registry=ArtifactRegistryApi(
                endpoints.repository_api_url(*place), self._member(identity), login, http
            ),
        )

    def _member(self, identity: Federation | ServiceAccountKey) -> str:
        """Who uploads to Artifact Registry, as a binding there names it."""
        email = identity.service_account if isinstance(identity, Federation) else identity.email
        if email or not isinstance(identity, Federation):
            return f"serviceAccount:{email}"
        number = self.environ.get("GITHUB_REPOSITORY_ID", "REPOSITORY_ID")
        return f"principalSet://iam.googleapis.com/{identity.pool}/attribute.repository_id/{number}"

    def _pypi(self, target: PyPITarget) -> Index:
        endpoints = self._pypi_endpoints(target)
        http = HttpClient(self.retries)

        def mint() -> Minted:
            return mint_upload_token(target.label, endpoints, self.environ, http, self.runner)

        login = self._given(target.login) if target.login else None
        return Index(
            target.label,
            repository_url=endpoints.repository_url,
            index_url=endpoints.index_url,
            login=login or Login(_API_TOKEN_USER, mint, self.clock),
            # Everybody may read, so that nothing is minted where nothing is to be uploaded.
            http=http,
        )

    def _repository(self, target: RepositoryTarget) -> Index:
        login = self._given(target.login)
        return Index(
            target.label,
            repository_url=target.repository_url,
            index_url=target.index_url,
            login=login,
            http=HttpClient(self.retries, login),
        )

    def _given(self, password: Password) -> Login:
        self.runner.mask(password.secret)
        return Login.of_password(password.username, password.secret, self.clock)

    def _google_index_url(self, target: ArtifactRegistryTarget) -> str:
        endpoints = GoogleEndpoints.from_environ(self.environ)
        return endpoints.index_url(target.location, target.project_id, target.repository)

    def _pypi_endpoints(self, target: PyPITarget) -> PyPIEndpoints:
        return PyPIEndpoints.from_environ(self.environ, target.name, _PYPI[target.name])
