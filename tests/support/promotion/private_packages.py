"""The private packages of each environment's index in the sandbox, which a promotion reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dist_sandbox.google.artifact_registry.repositories import PackageRepository, RepositoryName
from dist_sandbox.organisation import VIRTUAL_REPOSITORY, SandboxEnvironment
from support.distributions.builders import required, write_wheel
from support.promotion.project import PERMISSIONS
from support.sandbox.fixtures import Sandbox

#: What a promoting job may do that reads indexes, too.
READING = {**PERMISSIONS, "id-token": "write"}


@dataclass(frozen=True)
class PromotedPackages:
    """The repositories of the sandbox's environments, as what publishes to them fills them."""

    sandbox: Sandbox

    def publish(self, environment: str, name: str, version: str, *requires: str) -> Path:
        """Put a wheel into the repository of an environment."""
        folder = self.repository(environment).folder
        return write_wheel(folder, version, project=name, **required(*requires))

    def repository(self, environment: str) -> PackageRepository:
        """Return the repository that an environment's packages are published to."""
        place = self._environment(environment)
        name = RepositoryName(place.project_id, place.location, place.repository)
        return self.sandbox.world.google.repositories[name]

    def inputs(self, environments: Sequence[str] = ("dev", "qa", "prd")) -> dict[str, str]:
        """Return the inputs with which a promotion reads the indexes of some environments."""
        places = [self._environment(name) for name in environments]
        return {
            "indexes": "\n".join(f"{place.name} = {self._index_url(place)}" for place in places),
            "workload-identity-provider": "\n".join(
                f"{place.name} = {place.readers_provider}" for place in places
            ),
            "service-account": "\n".join(
                f"{place.name} = {place.reader_account}" for place in places
            ),
        }

    def _environment(self, name: str) -> SandboxEnvironment:
        environment = self.sandbox.world.google.environment(name)
        assert environment is not None
        return environment

    def _index_url(self, place: SandboxEnvironment) -> str:
        return self.sandbox.world.addresses.index_url(
            location=place.location, project_id=place.project_id, repository=VIRTUAL_REPOSITORY
        )
