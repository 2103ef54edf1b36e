"""The index of each environment, and with which identity a job may read it; pure.

Reading is all that the identity is for: a reader's account, never the one that publishes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from dist_actions.identity.google import Federation
from dist_actions.identity.secret import Secret
from dist_actions.indexes.target_inputs import (
    PROVIDER_PREFIX,
    refuse_unlike_federation,
    refuse_unusable_address,
    with_slash,
)
from dist_actions.indexes.targets import ArtifactRegistryTarget, Password, RepositoryTarget
from dist_actions.job.endpoints import GoogleEndpoints, origin
from dist_actions.job.environment_values import read_environment_values
from dist_actions.job.inputs import InputReader

#: An index with the identity that reads it; `IndexConnector.connect` takes it.
ReadableIndex: TypeAlias = ArtifactRegistryTarget | RepositoryTarget

_ARTIFACT_REGISTRY_DOMAIN = ".pkg.dev"


@dataclass(frozen=True)
class IndexReaders:
    """The indexes of all environments.

    Attributes:
        common: The index of every environment that is not named; None for no index.
        named: By the environment's name.
    """

    common: ReadableIndex | None = None
    named: Mapping[str, ReadableIndex] = field(default_factory=dict)

    def of(self, environment: str) -> ReadableIndex | None:
        """Return an environment's index; None where it has none that can be read."""
        return self.named.get(environment, self.common)

    @property
    def environments(self) -> tuple[str, ...]:
        """List the environments that the inputs name."""
        return tuple(self.named)

    def __bool__(self) -> bool:
        return self.common is not None or bool(self.named)


def read_index_readers(inputs: InputReader, endpoints: GoogleEndpoints) -> IndexReaders:
    """Read `indexes` and the inputs that say who reads them; refusals go through `inputs`.

    An address of Artifact Registry is read by `workload-identity-provider` and, where it is given,
    `service-account`; any other by `username` and `password`, or by anybody where neither is given.
    """
    return _Reading(inputs, endpoints).read()


class _Reading:
    """The inputs while they are read."""

    def __init__(self, inputs: InputReader, endpoints: GoogleEndpoints) -> None:
        self._inputs = inputs
        self._endpoints = endpoints
        self._urls = read_environment_values(inputs, "indexes")
        self._providers = read_environment_values(inputs, "workload-identity-provider")
        self._accounts = read_environment_values(inputs, "service-account")
        self._users = read_environment_values(inputs, "username")
        self._passwords = read_environment_values(inputs, "password", secret=True)

    def read(self) -> IndexReaders:
        """Join each environment's index with its identity."""
        values = (self._urls, self._providers, self._accounts, self._users, self._passwords)
        # Also those for which only an identity is named: their index is the common one.
        names = dict.fromkeys(name for value in values for name in value.named)
        indexes = {name: self._index_of(name) for name in names}
        readers = IndexReaders(
            self._index_of(""), {name: index for name, index in indexes.items() if index}
        )
        self._refuse_half_a_login()
        self._refuse_spread_password(readers)
        return readers

    def _index_of(self, environment: str) -> ReadableIndex | None:
        url = self._urls.of(environment)
        if not url or refuse_unusable_address(self._inputs, "indexes", url):
            return None
        url = with_slash(url)
        place = self._endpoints.place_of(url) or self._endpoints.place_of(f"{url}simple/")
        if place is not None:
            federation = self._federation_of(environment)
            return ArtifactRegistryTarget(federation, *place) if federation else None
        if (urlsplit(url).hostname or "").endswith(_ARTIFACT_REGISTRY_DOMAIN):
            self._inputs.refuse(
                "indexes",
                f"is {url!r}, which is no Python repository of Artifact Registry",
                "write https://LOCATION-python.pkg.dev/PROJECT/REPOSITORY/simple/",
            )
        login = Password(self._users.of(environment), Secret(self._passwords.of(environment)))
        if bool(login.username) != bool(login.secret):
            return None  # one of them is given for other environments alone
        return RepositoryTarget(url, url, login)

    def _federation_of(self, environment: str) -> Federation | None:
        provider = self._providers.of(environment).removeprefix(PROVIDER_PREFIX)
        account = self._accounts.of(environment)
        if not self._providers:
            self._inputs.refuse(
                "workload-identity-provider",
                "is empty, though indexes names a repository of Artifact Registry",
                "give the provider of the readers, usually the variable READER_WIF_PROVIDER of the "
                "repository or the organisation",
            )
        if not provider or (self._accounts and not account):
            return None  # they are given for other environments alone
        refuse_unlike_federation(self._inputs, provider, account)
        return Federation(provider, account)

    def _refuse_half_a_login(self) -> None:
        if bool(self._users) != bool(self._passwords):
            given, missing = ("username", "password") if self._users else ("password", "username")
            self._inputs.refuse(
                missing, f"is empty, though {given} is given", "give both, or neither"
            )

    def _refuse_spread_password(self, readers: IndexReaders) -> None:
        """Refuse a password that no index takes, or that several hosts would get."""
        indexes = {"": readers.common, **readers.named}
        hosts = {
            origin(index.index_url)
            for name, index in indexes.items()
            if isinstance(index, RepositoryTarget) and name not in self._passwords.named
        }
        if self._passwords.common and len(hosts) > 1:
            self._inputs.refuse(
                "password",
                "is one for indexes on several hosts",
                "write a line for each environment, such as dev = PASSWORD",
            )
        only_google = any(indexes.values()) and all(
            isinstance(index, ArtifactRegistryTarget) for index in indexes.values() if index
        )
        if self._passwords and only_google:
            self._inputs.refuse(
                "password",
                "is given, but indexes names only Artifact Registry, which takes none",
                "remove username and password; federation is the identity there",
            )
