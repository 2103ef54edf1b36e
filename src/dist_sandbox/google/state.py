"""What the simulated Google Cloud knows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dist_sandbox.google.artifact_registry.repositories import (
    READER,
    WRITER,
    Repository,
    RepositoryName,
)
from dist_sandbox.google.identity.access_tokens import Identity, IssuedToken, Tokens
from dist_sandbox.google.identity.providers import Provider
from dist_sandbox.google.identity.service_account_keys import ServiceAccountKeys
from dist_sandbox.google.quotas import Quotas
from dist_sandbox.organisation import Organisation, SandboxEnvironment

#: The role that lets a federated identity act as a service account.
WORKLOAD_IDENTITY_USER = "roles/iam.workloadIdentityUser"


@dataclass(frozen=True)
class ServiceAccount:
    """A service account, and who may act as it.

    Attributes:
        impersonators: Members bound to `roles/iam.workloadIdentityUser` on it.
        effective_at: When bindings that were added lately begin to work, by member; those that are
            not named here do already.
        enabled: Whether anybody may act as it, by impersonation or with a key.
    """

    email: str
    impersonators: frozenset[str]
    effective_at: Mapping[str, datetime] = field(default_factory=dict)
    enabled: bool = True

    def admits(self, members: Iterable[str], *, now: datetime) -> bool:
        """Whether one of the members may act as the account by now."""
        bound = self.impersonators & frozenset(members)
        return any(now >= self.effective_at.get(member, now) for member in bound)


@dataclass
class Google:
    """Providers, service accounts, repositories and issued tokens of all projects.

    Attributes:
        providers: By resource name.
        accounts: By email.
        repositories: By name.
        disabled_pools: Resource names of pools that are disabled or deleted.
        refuses_replay: Whether an ID token is accepted once only. Google itself lets one be
            exchanged again until it expires; the sandbox is stricter so that a leaked one is seen.
    """

    organisation: Organisation
    environments: tuple[SandboxEnvironment, ...]
    issuer: str
    folder: Path
    providers: dict[str, Provider] = field(default_factory=dict)
    accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    repositories: dict[RepositoryName, Repository] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    quotas: Quotas = field(default_factory=Quotas)
    keys: ServiceAccountKeys = field(default_factory=ServiceAccountKeys)
    disabled_pools: set[str] = field(default_factory=set)
    refuses_replay: bool = True

    @classmethod
    def for_environments(
        cls,
        environments: Sequence[SandboxEnvironment],
        *,
        organisation: Organisation,
        issuer: str,
        folder: Path,
    ) -> "Google":
        """A Google Cloud set up as the documentation tells, for every environment.

        Args:
            issuer: `iss` of the ID tokens that the providers accept.
            folder: Where the repositories' files are kept.
        """
        google = cls(organisation, tuple(environments), issuer, folder)
        google.set_up()
        return google

    def set_up(self) -> None:
        """Make providers, accounts, bindings and repositories as the documentation tells.

        Files that a repository has already stay, and so do issued tokens; keys are deleted.
        """
        self.refuses_replay = True
        self.keys.clear()
        self.disabled_pools.clear()
        self.quotas.clear()
        self.repositories.clear()
        for environment in self.environments:
            self.providers[environment.workload_identity_provider] = Provider.recommended(
                self.organisation, environment, issuer_uri=self.issuer
            )
            email = environment.service_account
            self.accounts[email] = ServiceAccount(email, self._impersonators(environment))
            installer = installer_email(environment)
            self.accounts[installer] = ServiceAccount(installer, frozenset())
            repository = self._repository(environment)
            repository.grant(WRITER, f"serviceAccount:{email}")
            repository.grant(READER, f"serviceAccount:{installer}")
            self.repositories[repository.name] = repository

    def environment(self, name: str) -> SandboxEnvironment | None:
        """The environment of this name."""
        return next((one for one in self.environments if one.name == name), None)

    def project_number(self, project_id: str) -> int:
        """The number of an environment's project."""
        found = (one for one in self.environments if one.project_id == project_id)
        return next(one.project_number for one in found)

    def live_token(self, value: str, *, now: datetime) -> IssuedToken | None:
        """The access token of this value that still grants access, `None` where none does.

        Tokens of a disabled pool do not; those of a disabled provider do.

        Spec: `disabled` of WorkloadIdentityPool and WorkloadIdentityPoolProvider in Google's
        discovery document of IAM.
        """
        token = self.tokens.find(value, now=now)
        return None if token is None or token.identity.pool in self.disabled_pools else token

    def identity(self, environment: SandboxEnvironment, *, writes: bool) -> Identity:
        """The publisher, or an installer that may only read, of an environment."""
        publisher = environment.service_account
        return Identity.of_service_account(publisher if writes else installer_email(environment))

    def _impersonators(self, environment: SandboxEnvironment) -> frozenset[str]:
        pool = environment.workload_identity_provider.partition("/providers/")[0]
        repository_id = self.organisation.repository_id
        return frozenset(
            {f"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/{repository_id}"}
        )

    def _repository(self, environment: SandboxEnvironment) -> Repository:
        name = repository_name(environment)
        folder = self.folder / name.project_id / name.location / name.repository
        return Repository(name=name, folder=folder)


def repository_name(environment: SandboxEnvironment) -> RepositoryName:
    """The name of an environment's Artifact Registry repository."""
    return RepositoryName(environment.project_id, environment.location, environment.repository)


def installer_email(environment: SandboxEnvironment) -> str:
    """The service account with which packages of an environment are installed."""
    return f"installer@{environment.project_id}.iam.gserviceaccount.com"
