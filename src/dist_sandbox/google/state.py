"""What the simulated Google Cloud knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from dist_sandbox.addresses import Addresses
from dist_sandbox.clock import Clock
from dist_sandbox.google.artifact_registry.repositories import (
    READER,
    WRITER,
    PackageRepository,
    RepositoryName,
)
from dist_sandbox.google.artifact_registry.upstream_repositories import (
    RemoteRepository,
    VirtualRepository,
)
from dist_sandbox.google.identity.access_tokens import Identity, IssuedToken, IssuedTokens
from dist_sandbox.google.identity.providers import Provider
from dist_sandbox.google.identity.service_account_keys import ServiceAccountKeys
from dist_sandbox.google.quotas import Quotas
from dist_sandbox.organisation import (
    CACHE_REPOSITORY,
    VIRTUAL_REPOSITORY,
    Organisation,
    PublishingRepository,
    SandboxEnvironment,
)

#: Joins the conditions of several repositories; "and" binds closer in CEL.
OR = " || "


@dataclass(frozen=True)
class ServiceAccount:
    """A service account, and who may act as it.

    Attributes:
        email: What policies and clients name it by.
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
        """Tell whether one of the members may act as the account by now."""
        bound = self.impersonators & frozenset(members)
        return any(now >= self.effective_at.get(member, now) for member in bound)


@dataclass
class Google:
    """Providers, service accounts, repositories and issued tokens of all projects."""

    #: The repositories that publish here.
    publishing: list[PublishingRepository]
    addresses: Addresses
    clock: Clock
    #: Where the repositories' files are kept.
    folder: Path
    #: By resource name.
    providers: dict[str, Provider] = field(default_factory=dict)
    #: By email.
    accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    repositories: dict[RepositoryName, PackageRepository] = field(default_factory=dict)
    tokens: IssuedTokens = field(default_factory=IssuedTokens)
    quotas: Quotas = field(default_factory=Quotas)
    keys: ServiceAccountKeys = field(default_factory=ServiceAccountKeys)
    #: Resource names of pools that are disabled or deleted.
    disabled_pools: set[str] = field(default_factory=set)
    #: Whether an ID token is accepted once only. Google itself lets one be exchanged again until
    #: it expires; the sandbox is stricter so that a leaked one is seen.
    refuses_replay: bool = True
    #: The simple index of real packages, for whoever installs from an environment's virtual
    #: repository what nobody published in this sandbox; empty for none.
    package_index: str = ""

    def __post_init__(self) -> None:
        self.set_up()

    def set_up(self) -> None:
        """Make providers, accounts, bindings and repositories as the documentation tells.

        Files that a repository has already stay, and so do issued tokens; keys are deleted.
        """
        self.refuses_replay = True
        self.keys.clear()
        self.disabled_pools.clear()
        self.quotas.clear()
        self.repositories.clear()
        self.providers.clear()
        self.accounts.clear()
        for repository in self.publishing:
            self._set_up_repository(repository)

    def add(self, repository: PublishingRepository) -> None:
        """Let a further repository publish; what the others have stays as it is."""
        self.publishing.append(repository)
        self._set_up_repository(repository)

    def _set_up_repository(self, repository: PublishingRepository) -> None:
        for environment in repository.environments:
            index = self._set_up_publishing(repository.organisation, environment)
            self._set_up_reading(repository.organisation, environment, index)

    def _set_up_publishing(
        self, organisation: Organisation, environment: SandboxEnvironment
    ) -> PackageRepository:
        """Let a repository's jobs publish in an environment, by an account of their own."""
        provider = Provider.recommended(
            organisation, environment, issuer_uri=self.addresses.oidc_issuer
        )
        self._admit(provider)
        publisher, installer = environment.service_account, installer_email(environment)
        job = f"repository_environment/{organisation.repository_id}:{environment.name}"
        self._bind(publisher, _principal_set(provider.pool, job))
        self._bind(installer, frozenset())
        name = repository_name(environment)
        folder = self.folder / name.project_id / name.location / name.repository
        index = self.repositories.setdefault(name, PackageRepository(name, folder))
        index.grant(WRITER, f"serviceAccount:{publisher}")
        index.grant(READER, f"serviceAccount:{installer}")
        return index

    def _set_up_reading(
        self,
        organisation: Organisation,
        environment: SandboxEnvironment,
        published: PackageRepository,
    ) -> None:
        """Join what is published with a cache of PyPI, and let the readers' account read it all."""
        self._admit(
            Provider.for_readers(organisation, environment, issuer_uri=self.addresses.oidc_issuer)
        )
        reader = environment.reader_account
        jobs = f"repository_id/{organisation.repository_id}"
        self._bind(reader, _principal_set(environment.readers_pool, jobs))
        cache_name = replace(published.name, repository=CACHE_REPOSITORY)
        virtual_name = replace(published.name, repository=VIRTUAL_REPOSITORY)
        folder = published.folder.parent
        cache = RemoteRepository(
            cache_name,
            folder / CACHE_REPOSITORY,
            remote_url=f"{self.addresses.pypi}/simple/",
            elsewhere_url=self.package_index,
            find_url=self.addresses.bypass_gateway,
        )
        virtual = VirtualRepository(
            virtual_name,
            folder / VIRTUAL_REPOSITORY,
            upstreams={published.name: 100, cache_name: 10},
            repositories=self.repositories,
        )
        for repository in (published, cache, virtual):
            self.repositories.setdefault(repository.name, repository).grant(
                READER, f"serviceAccount:{reader}"
            )

    def _admit(self, recommended: Provider) -> None:
        """Let a provider accept what it is recommended to, beside what it does already."""
        provider = self.providers.setdefault(recommended.resource_name, recommended)
        conditions = provider.attribute_condition.split(OR)
        if provider.attribute_condition and recommended.attribute_condition not in conditions:
            condition = OR.join((*conditions, recommended.attribute_condition))
            self.providers[provider.resource_name] = replace(
                provider, attribute_condition=condition
            )

    def _bind(self, email: str, members: frozenset[str]) -> None:
        """Let members act as a service account, beside those that do."""
        account = self.accounts.get(email, ServiceAccount(email, frozenset()))
        self.accounts[email] = replace(account, impersonators=account.impersonators | members)

    def environment(self, name: str, github_repository: str = "") -> SandboxEnvironment | None:
        """Return the environment of this name, of the first repository unless one is named."""
        named = github_repository.lower()
        environments = (
            environment
            for repository in self.publishing
            if named in ("", repository.github_repository.lower())
            for environment in repository.environments
        )
        return next((row for row in environments if row.name == name), None)

    def project_number(self, project_id: str) -> int:
        """Return the number of an environment's project."""
        return next(
            environment.project_number
            for repository in self.publishing
            for environment in repository.environments
            if environment.project_id == project_id
        )

    def live_token(self, value: str) -> IssuedToken | None:
        """Return the access token of this value that still grants access, `None` where none does.

        Tokens of a disabled pool do not; those of a disabled provider do.

        Spec: `disabled` of WorkloadIdentityPool and WorkloadIdentityPoolProvider in Google's
        discovery document of IAM.
        """
        token = self.tokens.find(value, now=self.clock.now())
        return None if token is None or token.identity.pool in self.disabled_pools else token

    def identity(self, environment: SandboxEnvironment, *, writes: bool) -> Identity:
        """Return the publisher, or an installer that may only read, of an environment."""
        publisher = environment.service_account
        return Identity.of_service_account(publisher if writes else installer_email(environment))


def _principal_set(pool: str, attribute: str) -> frozenset[str]:
    """Name the jobs with a value of an attribute as a binding does."""
    return frozenset({f"principalSet://iam.googleapis.com/{pool}/attribute.{attribute}"})


def repository_name(environment: SandboxEnvironment) -> RepositoryName:
    """Return the name of an environment's Artifact Registry repository."""
    return RepositoryName(environment.project_id, environment.location, environment.repository)


def installer_email(environment: SandboxEnvironment) -> str:
    """Return the service account with which packages of an environment are installed."""
    return f"installer@{environment.project_id}.iam.gserviceaccount.com"
