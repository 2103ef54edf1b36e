"""Where distributions are published to, and how the job authenticates there; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from dist_actions.distributions.files import Distribution
from dist_actions.errors import DOCUMENTATION
from dist_actions.identity.google import Federation, ServiceAccountKey
from dist_actions.identity.secret import Secret

PyPIName = Literal["pypi", "testpypi"]

_MIB = 1024 * 1024
#: For a project that was not given more. Spec: "Storage limits" in PyPI's user documentation.
PYPI_FILE_BYTES = 100 * _MIB


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
        """Name the target in messages."""
        return f"Artifact Registry {self.project_id}/{self.repository} in {self.location}"


@dataclass(frozen=True)
class PyPITarget:
    """PyPI or TestPyPI, with an API token as login, or with None for Trusted Publishing.

    `attests` tells whether files are signed before their upload.
    """

    name: PyPIName
    login: Password | None = None
    attests: bool = False

    @property
    def label(self) -> str:
        """Name the target in messages."""
        return "PyPI" if self.name == "pypi" else "TestPyPI"


@dataclass(frozen=True)
class RepositoryTarget:
    """Any other repository that takes uploads as PyPI does.

    Uploads go to `repository_url`; installers read `index_url`, which ends with a slash.
    """

    repository_url: str
    index_url: str
    login: Password

    @property
    def label(self) -> str:
        """Name the target in messages."""
        return self.repository_url


Target: TypeAlias = ArtifactRegistryTarget | PyPITarget | RepositoryTarget


def warnings_of(
    targets: tuple[Target, ...], distributions: Sequence[Distribution]
) -> tuple[str, ...]:
    """Warn of targets and files that are risky, though nothing is refused for it."""
    keys = [
        f"{target.label} is published to with a key of {target.identity.email}. Why: a key lasts "
        "until somebody deletes it, and whoever reads it has it. Fix: set up workload identity "
        f"federation, which needs none: {DOCUMENTATION}/setup.md#google-cloud"
        for target in targets
        if isinstance(target, ArtifactRegistryTarget)
        and isinstance(target.identity, ServiceAccountKey)
    ]
    to_pypi = any(isinstance(target, PyPITarget) for target in targets)
    return (*keys, *(warn_of_sizes(distributions) if to_pypi else ()))


def warn_of_sizes(distributions: Sequence[Distribution]) -> tuple[str, ...]:
    """Warn of files that PyPI and TestPyPI refuse unless the project's limit was raised.

    Only the index knows the project's limit, so nothing is refused here.
    """
    return tuple(
        f"{dist.name} has {dist.size_bytes // _MIB:,} MiB; PyPI refuses files of more than "
        f"{PYPI_FILE_BYTES // _MIB} MiB unless the project's limit was raised."
        for dist in distributions
        if dist.size_bytes > PYPI_FILE_BYTES
    )
