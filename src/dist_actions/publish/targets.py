"""Where distributions are published to, and how the job becomes known there; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dist_actions.distributions.files import Distribution
from dist_actions.identity.federation import Federation
from dist_actions.identity.secret import Secret
from dist_actions.identity.service_account_key import ServiceAccountKey
from dist_actions.publish.file_sizes import warn_of_sizes

PyPIName = Literal["pypi", "testpypi"]


@dataclass(frozen=True)
class Password:
    """A user name and a password or token."""

    username: str
    secret: Secret


@dataclass(frozen=True)
class ArtifactRegistryTarget:
    """An Artifact Registry repository."""

    identity: Federation | ServiceAccountKey
    project_id: str
    location: str
    repository: str

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"Artifact Registry {self.project_id}/{self.repository} in {self.location}"


@dataclass(frozen=True)
class PyPITarget:
    """PyPI or TestPyPI.

    Attributes:
        login: An API token; None for Trusted Publishing.
        attests: Whether what is uploaded is signed.
    """

    name: PyPIName
    login: Password | None = None
    attests: bool = False

    @property
    def label(self) -> str:
        """How messages name it."""
        return "PyPI" if self.name == "pypi" else "TestPyPI"


@dataclass(frozen=True)
class RepositoryTarget:
    """Any other repository that takes uploads as PyPI does.

    Attributes:
        repository_url: Where uploads go.
        index_url: Where installers read, with a trailing slash.
    """

    repository_url: str
    index_url: str
    login: Password

    @property
    def label(self) -> str:
        """How messages name it."""
        return self.repository_url


Target: TypeAlias = ArtifactRegistryTarget | PyPITarget | RepositoryTarget


def warnings_of(
    targets: tuple[Target, ...], distributions: Sequence[Distribution]
) -> tuple[str, ...]:
    """What is worth saying of targets and of what goes there, though nothing is refused for it."""
    keys = [
        f"{target.label} is published to with a key of {target.identity.email}. Why: a key lasts "
        "until somebody deletes it, and whoever reads it has it. Fix: set up workload identity "
        "federation, which needs none (docs/setup.md, Google Cloud)."
        for target in targets
        if isinstance(target, ArtifactRegistryTarget)
        and isinstance(target.identity, ServiceAccountKey)
    ]
    to_pypi = any(isinstance(target, PyPITarget) for target in targets)
    return (*keys, *(warn_of_sizes(distributions) if to_pypi else ()))
